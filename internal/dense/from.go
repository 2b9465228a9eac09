package dense

import (
	"fmt"
	"runtime"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
)

// From returns a Dense that shares t's memory, with t's shape; a scalar's shape is
// empty. The LoD is not carried over.
//
// bool, the integers of 8 to 64 bits, float32, float64, complex64 and complex128 have a
// gorgonia type; float16, bfloat16, strings, the 8-bit floats and types narrower than a
// byte have none and are Unimplemented. A tensor without elements is InvalidArgument,
// as gorgonia makes a Dense of it whose Data panics; so is one whose data does not fill
// its shape, is not aligned to the type, or has a bool that is neither 0 nor 1.
func From(t sampan.Tensor) (d *tensor.Dense, err error) {
	defer recoverInto(&err)
	backing, err := elements(t)
	if err != nil {
		return nil, err
	}
	if len(t.Data) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "shape %v has no elements, and a gorgonia tensor needs one", t.Shape)
	}
	dims := make([]int, len(t.Shape))
	for i, size := range t.Shape {
		dims[i] = int(size)
	}
	d = tensor.New(tensor.WithShape(dims...), tensor.WithBacking(backing))
	// gorgonia holds the address as a number for a moment.
	runtime.KeepAlive(backing)
	return d, nil
}

// elements is t's data as the slice that gorgonia takes.
func elements(t sampan.Tensor) (any, error) {
	switch t.DType {
	case sampan.Bool:
		return asAny(sampan.View[bool](t))
	case sampan.Int8:
		return asAny(sampan.View[int8](t))
	case sampan.Int16:
		return asAny(sampan.View[int16](t))
	case sampan.Int32:
		return asAny(sampan.View[int32](t))
	case sampan.Int64:
		return asAny(sampan.View[int64](t))
	case sampan.Uint8:
		return asAny(sampan.View[uint8](t))
	case sampan.Uint16:
		return asAny(sampan.View[uint16](t))
	case sampan.Uint32:
		return asAny(sampan.View[uint32](t))
	case sampan.Uint64:
		return asAny(sampan.View[uint64](t))
	case sampan.Float32:
		return asAny(sampan.View[float32](t))
	case sampan.Float64:
		return asAny(sampan.View[float64](t))
	case sampan.Complex64:
		return asAny(sampan.View[complex64](t))
	case sampan.Complex128:
		return asAny(sampan.View[complex128](t))
	}
	return nil, sampan.Errorf(sampan.Unimplemented, "dtype %s has no gorgonia type", t.DType)
}

func asAny[T any](elements []T, err error) (any, error) { return elements, err }

// recoverInto turns a panic of gorgonia's into an error, should one get past the checks.
func recoverInto(err *error) {
	if fault := recover(); fault != nil {
		*err = sampan.Errorf(sampan.Internal, "%w", fmt.Errorf("gorgonia: %v", fault))
	}
}
