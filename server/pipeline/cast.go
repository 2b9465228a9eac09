package pipeline

import (
	"github.com/sampanml/sampan"
)

// cast gives an array the model's type, as numpy's astype does: ops and clients compute in
// float64 and int64 what models take as float32 and int32. Arrays of that type already
// are handed on as they are; texts and complex numbers are not cast.
func cast(t sampan.Tensor, to sampan.DType) (sampan.Tensor, error) {
	if t.DType == to {
		return t, nil
	}
	if err := t.Validate(); err != nil {
		return t, err
	}
	var (
		out sampan.Tensor
		err = errCast(t.DType, to)
	)
	switch t.DType {
	case sampan.Bool:
		out, err = castBits(t, to)
	case sampan.Int8:
		out, err = castFrom[int8](t, to)
	case sampan.Int16:
		out, err = castFrom[int16](t, to)
	case sampan.Int32:
		out, err = castFrom[int32](t, to)
	case sampan.Int64:
		out, err = castFrom[int64](t, to)
	case sampan.Uint8:
		out, err = castFrom[uint8](t, to)
	case sampan.Uint16:
		out, err = castFrom[uint16](t, to)
	case sampan.Uint32:
		out, err = castFrom[uint32](t, to)
	case sampan.Uint64:
		out, err = castFrom[uint64](t, to)
	case sampan.Float32:
		out, err = castFrom[float32](t, to)
	case sampan.Float64:
		out, err = castFrom[float64](t, to)
	case sampan.Float16:
		out, err = castHalves(t, to)
	}
	out.LoD = t.LoD
	return out, err
}

func errCast(from, to sampan.DType) error {
	return sampan.Errorf(sampan.InvalidArgument, "the type %s does not become %s", from, to)
}

// number is what can be cast in Go.
type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func castFrom[F interface {
	number
	sampan.Element
}](t sampan.Tensor, to sampan.DType) (sampan.Tensor, error) {
	from, err := sampan.View[F](t)
	if err != nil {
		return sampan.Tensor{}, err
	}
	switch to {
	case sampan.Int8:
		return convert[int8](t.Shape, from)
	case sampan.Int16:
		return convert[int16](t.Shape, from)
	case sampan.Int32:
		return convert[int32](t.Shape, from)
	case sampan.Int64:
		return convert[int64](t.Shape, from)
	case sampan.Uint8:
		return convert[uint8](t.Shape, from)
	case sampan.Uint16:
		return convert[uint16](t.Shape, from)
	case sampan.Uint32:
		return convert[uint32](t.Shape, from)
	case sampan.Uint64:
		return convert[uint64](t.Shape, from)
	case sampan.Float32:
		return convert[float32](t.Shape, from)
	case sampan.Float64:
		return convert[float64](t.Shape, from)
	case sampan.Float16:
		out := make([]sampan.F16, len(from))
		for i, v := range from {
			out[i] = sampan.ToF16(float32(v))
		}
		return sampan.Of(t.Shape, out)
	case sampan.Bool:
		out := make([]bool, len(from))
		for i, v := range from {
			out[i] = v != 0
		}
		return sampan.Of(t.Shape, out)
	}
	return sampan.Tensor{}, errCast(t.DType, to)
}

func convert[T interface {
	number
	sampan.Element
}, F number](shape sampan.Shape, from []F) (sampan.Tensor, error) {
	out := make([]T, len(from))
	for i, v := range from {
		out[i] = T(v)
	}
	return sampan.Of(shape, out)
}

// castHalves goes by way of float32, which has every half.
func castHalves(t sampan.Tensor, to sampan.DType) (sampan.Tensor, error) {
	halves, err := sampan.View[sampan.F16](t)
	if err != nil {
		return sampan.Tensor{}, err
	}
	wide := make([]float32, len(halves))
	for i, h := range halves {
		wide[i] = h.Float32()
	}
	out, err := sampan.Of(t.Shape, wide)
	if err != nil {
		return out, err
	}
	return cast(out, to)
}

// castBits reads true as 1.
func castBits(t sampan.Tensor, to sampan.DType) (sampan.Tensor, error) {
	t.DType = sampan.Uint8
	return cast(t, to)
}
