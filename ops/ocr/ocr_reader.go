package ocr

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/resample"
)

// OCRReader makes the arrays of recognition models before PP-OCRv3, from crops of any
// size, as paddle_serving_app's; [CTC] reads what the models answer.
type OCRReader struct {
	// ImageShape is channels, height and width; empty means 3, 32 and 320. Channels must
	// be 3.
	ImageShape []int `yaml:"image_shape"`
	// CharType other than "ch", which is the default, fixes the width to that of
	// ImageShape. Otherwise it follows the widest crop.
	CharType string `yaml:"char_type"`
}

const (
	// maxLineWidth bounds the width of a line; wider ones are squeezed.
	maxLineWidth = 1 << 14
	// maxLineElements bounds a batch of lines.
	maxLineElements = 1 << 28
)

// Validate checks the fields.
func (o OCRReader) Validate() error {
	s := o.shape()
	if len(s) != 3 || s[0] != 3 || s[1] < 1 || s[1] > 1024 || s[2] < 1 || s[2] > maxLineWidth {
		return sampan.Errorf(sampan.InvalidArgument, "image_shape is %v, want 3, a height to 1024 and a width to %d", s, maxLineWidth)
	}
	return nil
}

func (o OCRReader) shape() []int {
	if len(o.ImageShape) == 0 {
		return []int{3, 32, 320}
	}
	return o.ImageShape
}

// Preprocess makes one array, float32 of shape [N 3 H W], of N crops, uint8 of shape
// [h w 3]: scaled to the height, (v/255 - 0.5) / 0.5, zeros at the right. The original
// returns the first line alone; its width, too, is that of the widest crop, and 32
// times its ratio whatever the height is.
func (o OCRReader) Preprocess(crops ...sampan.Tensor) (sampan.Tensor, error) {
	widest := 0.0
	for _, c := range crops {
		r, err := rasterOf(c)
		if err != nil {
			return sampan.Tensor{}, err
		}
		widest = max(widest, r.ratio())
	}
	return o.ResizeNorm(widest, crops...)
}

// ResizeNorm does as Preprocess with a width of 32 times the given ratio.
func (o OCRReader) ResizeNorm(ratio float64, crops ...sampan.Tensor) (sampan.Tensor, error) {
	if err := o.Validate(); err != nil {
		return sampan.Tensor{}, err
	}
	height, width := o.shape()[1], o.shape()[2]
	if o.CharType == "" || o.CharType == "ch" {
		width = lineWidth(32 * ratio)
	}
	return lines(crops, height, width)
}

// ratio is width over height.
func (r raster) ratio() float64 { return float64(r.Width) / float64(r.Height) }

// lineWidth cuts a width off to a whole number between 1 and the bound.
func lineWidth(width float64) int {
	if width != width {
		return 1
	}
	return int(max(1, min(width, maxLineWidth)))
}

// lines makes an array of crops that are scaled to a height, and to the width if they
// are wider.
func lines(crops []sampan.Tensor, height, width int) (sampan.Tensor, error) {
	size := 3 * height * width
	if len(crops) == 0 || len(crops) > maxLineElements/size {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument,
			"%d crops of %d × %d pixels, want at least one and at most %d", len(crops), width, height, maxLineElements/size)
	}
	out, err := sampan.New(sampan.Float32, sampan.Shape{int64(len(crops)), 3, int64(height), int64(width)})
	if err != nil {
		return sampan.Tensor{}, err
	}
	to, err := sampan.View[float32](out)
	if err != nil {
		return sampan.Tensor{}, err
	}
	for i, c := range crops {
		r, err := rasterOf(c)
		if err != nil {
			return sampan.Tensor{}, err
		}
		scaled := min(float64(width), math.Ceil(float64(height)*r.ratio()))
		half.write(r.Linear(resample.To(int(scaled), height)), to[i*size:(i+1)*size], width)
	}
	return out, nil
}
