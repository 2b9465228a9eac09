package vision

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/resample"
)

// ImageInfo is what detectors are told of a picture besides its pixels.
type ImageInfo struct {
	// Shape is height and width after the resize.
	Shape [2]float32
	// Scale is how much larger height and width have become.
	Scale [2]float32
}

// Tensors are im_shape and scale_factor, float32 of shape [1 2] each.
func (i ImageInfo) Tensors() (shape, scale sampan.Tensor) {
	shape, _ = sampan.Of(sampan.Shape{1, 2}, i.Shape[:])
	scale, _ = sampan.Of(sampan.Shape{1, 2}, i.Scale[:])
	return shape, scale
}

// DetectionResize gives a picture the size that a detector wants, and tells what became of
// it: the original's DetectionResize. The other transforms of its family are [BGR2RGB],
// [DetectionNormalize], [Transpose] and [PadStride].
type DetectionResize struct {
	// Height and Width of the result, or the bounds for it.
	Height int `yaml:"height"`
	Width  int `yaml:"width"`
	// Stretch fills Height and Width; without it the picture keeps its proportions: the
	// shorter side becomes the smaller of both unless the longer one then exceeds the
	// larger.
	Stretch       bool `yaml:"stretch"`
	Interpolation `yaml:"interpolation"`
}

// Resize gives the picture and what became of it.
func (d DetectionResize) Resize(in sampan.Tensor) (sampan.Tensor, ImageInfo, error) {
	height, width, err := picture(in, "detection_resize")
	if err != nil {
		return in, ImageInfo{}, err
	}
	scaleY, scaleX := float64(d.Height)/float64(height), float64(d.Width)/float64(width)
	if !d.Stretch {
		short, long := min(d.Height, d.Width), max(d.Height, d.Width)
		scale := float64(short) / float64(min(height, width))
		if math.RoundToEven(scale*float64(max(height, width))) > float64(long) {
			scale = float64(long) / float64(max(height, width))
		}
		scaleY, scaleX = scale, scale
	}
	toHeight, toWidth := int(math.RoundToEven(float64(height)*scaleY)), int(math.RoundToEven(float64(width)*scaleX))
	out, err := resized(in, resample.Size{Width: toWidth, Height: toHeight, FactorX: scaleX, FactorY: scaleY}, d.Interpolation, "detection_resize")
	return out, ImageInfo{
		Shape: [2]float32{float32(toHeight), float32(toWidth)},
		Scale: [2]float32{float32(scaleY), float32(scaleX)},
	}, err
}

// Apply implements [Transform].
func (d DetectionResize) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	out, _, err := d.Resize(in)
	return out, err
}

// DetectionNormalize is [Normalize] that divides by 255 first unless it is told not to.
type DetectionNormalize struct {
	Mean []float32 `yaml:"mean"`
	Std  []float32 `yaml:"std"`
	// Unscaled leaves the pixels from 0 to 255: the original's is_scale=False.
	Unscaled bool `yaml:"unscaled"`
}

// Apply implements [Transform].
func (n DetectionNormalize) Apply(in sampan.Tensor) (out sampan.Tensor, err error) {
	normalize := Normalize{Mean: n.Mean, Std: n.Std}
	if n.Unscaled {
		return normalize.Apply(in)
	}
	if bytes, err := sampan.View[uint8](in); err == nil && normalize.fits(in) {
		return sampan.Of(in.Shape, normalize.bytes(bytes, func(v float32) float32 { return v / 255 }))
	}
	if in, err = (Div{By: 255}).Apply(in); err != nil {
		return in, err
	}
	return normalize.Apply(in)
}

// ImageReader prepares a picture for classifiers trained on ImageNet: the short side 256,
// a square of 224 out of the middle, red first, 0 to 1, channels first, normalised.
type ImageReader struct{}

// Apply implements [Transform].
func (ImageReader) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	return Sequential{
		Resize{Short: 256}, CenterCrop{Size: 224}, BGR2RGB{},
		DetectionNormalize{Mean: []float32{0.485, 0.456, 0.406}, Std: []float32{0.229, 0.224, 0.225}}, Transpose{},
	}.Apply(in)
}
