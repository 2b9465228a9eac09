package vision

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/resample"
)

// maxSide bounds the sides of pictures, in pixels.
const maxSide = 1 << 16

// MaxPixels bounds pictures that are made, and those that are decoded unless a [Decoder]
// says otherwise: 100 megapixels.
const MaxPixels = 100_000_000

// Interpolation is how pixels between those of a picture are made.
type Interpolation string

// The interpolations are OpenCV's, of which the zero value is linear. In
// paddle_serving_app INTER_NEAREST is linear too, as its number is 0.
const (
	Linear   Interpolation = "linear"
	Nearest  Interpolation = "nearest"
	Cubic    Interpolation = "cubic"
	Area     Interpolation = "area"
	Lanczos4 Interpolation = "lanczos4"
)

// Validate refuses interpolations that are not known.
func (i Interpolation) Validate() error {
	switch i {
	case "", Linear, Nearest, Cubic, Area, Lanczos4:
		return nil
	}
	return sampan.Errorf(sampan.InvalidArgument, "interpolation: got %.40q, want linear, nearest, cubic, area or lanczos4", string(i))
}

// Resize gives a picture another size, as cv2.resize.
type Resize struct {
	// Short is the size of the shorter side, the other in proportion; 0 where Width and
	// Height say both.
	Short  int `yaml:"short"`
	Width  int `yaml:"width"`
	Height int `yaml:"height"`
	// MaxSize bounds the longer side, and Width and Height; 0 is no bound.
	MaxSize       int `yaml:"max_size"`
	Interpolation `yaml:"interpolation"`
}

// Apply implements [Transform].
func (r Resize) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	height, width, err := picture(in, "resize")
	if err != nil {
		return in, err
	}
	most := r.MaxSize
	if most == 0 {
		most = math.MaxInt32
	}
	toWidth, toHeight := min(r.Width, most), min(r.Height, most)
	if r.Short > 0 {
		percent := float64(r.Short) / float64(min(width, height))
		if math.RoundToEven(percent*float64(max(width, height))) > float64(most) {
			percent = float64(most) / float64(max(width, height))
		}
		toWidth, toHeight = int(math.RoundToEven(percent*float64(width))), int(math.RoundToEven(percent*float64(height)))
	}
	return resized(in, resample.To(toWidth, toHeight), r.Interpolation, "resize")
}

// resized is the picture in another size. float32 pictures are interpolated linearly
// alone.
func resized(in sampan.Tensor, to resample.Size, by Interpolation, what string) (sampan.Tensor, error) {
	height, width, err := picture(in, what)
	if err != nil {
		return in, err
	}
	if to.Width < 1 || to.Height < 1 || to.Width > maxSide || to.Height > maxSide || to.Width*to.Height > MaxPixels {
		return in, sampan.Errorf(sampan.InvalidArgument, "%s: a picture of %d × %d pixels cannot be made", what, to.Width, to.Height)
	}
	if err := by.Validate(); err != nil {
		return in, err
	}
	shape := sampan.Shape{int64(to.Height), int64(to.Width), 3}
	if in.DType == sampan.Float32 {
		if by != "" && by != Linear {
			return in, sampan.Errorf(sampan.InvalidArgument, "%s: float32 pictures are resized by linear interpolation alone, not %s", what, by)
		}
		values, err := sampan.View[float32](in)
		if err != nil {
			return in, err
		}
		return sampan.Of(shape, resample.LinearFloats(values, width, height, to))
	}
	pixels, err := sampan.View[uint8](in)
	if err != nil {
		return in, sampan.Errorf(sampan.InvalidArgument, "%s: got %s, want uint8 or float32", what, in.DType)
	}
	from := resample.Picture{Pixels: pixels, Width: width, Height: height, Stride: 3 * width}
	switch by {
	case Nearest:
		from = from.Nearest(to)
	case Cubic:
		from = from.Cubic(to)
	case Area:
		from = from.Area(to)
	case Lanczos4:
		from = from.Lanczos4(to)
	default:
		from = from.Linear(to)
	}
	return sampan.Of(shape, from.Pixels)
}

// ResizeByFactor shrinks a picture to MaxSide at most and makes its sides multiples of a
// factor, as OCR detectors want them.
type ResizeByFactor struct {
	// Factor is 32 if 0, MaxSide 2400.
	Factor  int `yaml:"factor"`
	MaxSide int `yaml:"max_side_len"`
	// Exact makes the sides the nearest multiples. The original makes those that are no
	// multiples one too small, and the height always one of 32.
	Exact bool `yaml:"exact"`
}

// Apply implements [Transform].
func (r ResizeByFactor) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	height, width, err := picture(in, "resize_by_factor")
	if err != nil {
		return in, err
	}
	factor, most := r.Factor, r.MaxSide
	if factor == 0 {
		factor = 32
	}
	if most == 0 {
		most = 2400
	}
	if factor < 1 || most < 1 {
		return in, sampan.Errorf(sampan.InvalidArgument, "resize_by_factor: factor %d and max_side_len %d, want more than 0", factor, most)
	}
	ratio := 1.0
	if longest := max(width, height); longest > most {
		ratio = float64(most) / float64(longest)
	}
	toWidth, toHeight := int(float64(width)*ratio), int(float64(height)*ratio)
	if r.Exact {
		near := func(n int) int { return max(factor, (n+factor/2)/factor*factor) }
		return resized(in, resample.To(near(toWidth), near(toHeight)), Linear, "resize_by_factor")
	}
	return resized(in, resample.To(tiled(toWidth, factor, factor), tiled(toHeight, factor, 32)), Linear, "resize_by_factor")
}

// tiled is the original's multiple.
func tiled(side, factor, step int) int {
	switch {
	case side%factor == 0:
		return side
	case side/factor <= 1:
		return factor
	}
	return (side/step - 1) * step
}
