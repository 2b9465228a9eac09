package detection

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/resample"
)

// SegPostprocess colours the masks of segmentation models.
type SegPostprocess struct {
	// ClassNum is the number of classes; a larger one is InvalidArgument.
	ClassNum int `yaml:"class_num"`
	// Size is the width and height of a mask; 0 means 512.
	Size int `yaml:"size"`
}

// maxSegSide bounds the sides of pictures.
const maxSegSide = 1 << 14

// Validate checks the fields.
func (s SegPostprocess) Validate() error {
	if s.ClassNum < 1 || s.ClassNum > 256 {
		return sampan.Errorf(sampan.InvalidArgument, "class_num is %d, want 1 to 256", s.ClassNum)
	}
	if s.Size < 0 || s.Size > maxSegSide {
		return sampan.Errorf(sampan.InvalidArgument, "size is %d, want 0 to %d", s.Size, maxSegSide)
	}
	return nil
}

// Mask gives a model's classes, any integers or floats, as a picture of one channel:
// uint8 of shape [S S 1].
func (s SegPostprocess) Mask(classes sampan.Tensor) (sampan.Tensor, error) {
	if err := s.Validate(); err != nil {
		return sampan.Tensor{}, err
	}
	side := s.Size
	if side == 0 {
		side = 512
	}
	if n, ok := classes.Shape.Elements(); !ok || n != int64(side*side) {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "mask has shape %v, want %d × %d classes", classes.Shape, side, side)
	}
	var mask []uint8
	var err error
	switch classes.DType {
	case sampan.Uint8:
		mask, err = narrowed[uint8](s, classes)
	case sampan.Int32:
		mask, err = narrowed[int32](s, classes)
	case sampan.Float32:
		mask, err = narrowed[float32](s, classes)
	default:
		mask, err = narrowed[int64](s, classes)
	}
	if err != nil {
		return sampan.Tensor{}, err
	}
	return sampan.Of(sampan.Shape{int64(side), int64(side), 1}, mask)
}

// narrowed copies classes as bytes.
func narrowed[T uint8 | int32 | int64 | float32](s SegPostprocess, classes sampan.Tensor) ([]uint8, error) {
	values, err := sampan.View[T](classes)
	if err != nil {
		return nil, err
	}
	out := make([]uint8, len(values))
	for i, v := range values {
		if !(v >= 0 && int64(v) < int64(s.ClassNum)) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "pixel %d has class %v of %d", i, v, s.ClassNum)
		}
		out[i] = uint8(v)
	}
	return out, nil
}

// Result gives a mask in the colours of [Colour], enlarged to height × width by
// INTER_CUBIC. Its channels are R G B, which the original writes as if they were B G R.
func (s SegPostprocess) Result(classes sampan.Tensor, height, width int) (sampan.Tensor, error) {
	if height < 1 || width < 1 || height > maxSegSide || width > maxSegSide {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "picture of %d × %d pixels, want sides of 1 to %d", width, height, maxSegSide)
	}
	mask, err := s.Mask(classes)
	if err != nil {
		return sampan.Tensor{}, err
	}
	side := int(mask.Shape[0])
	coloured := resample.New(side, side)
	for i, class := range mask.Data {
		colour := Colour(int(class))
		copy(coloured.Pixels[3*i:], colour[:])
	}
	return sampan.Of(sampan.Shape{int64(height), int64(width), 3}, coloured.Cubic(resample.To(width, height)).Pixels)
}
