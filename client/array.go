package client

import (
	"fmt"
	"math"
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/dense"
)

// array is a feed value with its elements in a row.
type array struct {
	sampan.Tensor
	// flat says that the value has no shape of its own: a list of numbers, or one
	// number. Its Shape is the number of elements.
	flat bool
}

// toArray takes a value apart and sees to the element type.
func toArray(value any, want sampan.DType) (array, error) {
	var a array
	var err error
	switch v := value.(type) {
	case nil:
		return array{}, fmt.Errorf("the value is nil")
	case sampan.Tensor:
		a.Tensor = v
	case *sampan.Tensor:
		if v == nil {
			return array{}, fmt.Errorf("the tensor is nil")
		}
		a.Tensor = *v
	case *tensor.Dense:
		if v == nil {
			return array{}, fmt.Errorf("the tensor is nil")
		}
		a.Tensor, err = dense.To(v)
	case []byte:
		if width, ok := rawWidth[want]; ok {
			return fromRaw(v, want, width)
		}
		return fromList(value, want)
	default:
		return fromList(value, want)
	}
	if err != nil {
		return array{}, err
	}
	if err := a.Validate(); err != nil {
		return array{}, err
	}
	if a.DType == sampan.Float64 && want == sampan.Float32 {
		numbers, err := sampan.View[float64](a.Tensor)
		if err != nil {
			return array{}, err
		}
		a.DType, a.Data = want, sampan.Bytes(narrow(numbers))
	}
	if a.DType != want {
		return array{}, fmt.Errorf("%s elements, want %s", a.DType, want)
	}
	return a, nil
}

// rawWidth are the dtypes for which a []byte is taken as the elements' own bytes, with
// the bytes of one: what Paddle Serving's client does with them.
var rawWidth = map[sampan.DType]int{sampan.Float16: 2, sampan.BFloat16: 2, sampan.Int8: 1}

func fromRaw(data []byte, want sampan.DType, width int) (array, error) {
	if len(data)%width != 0 {
		return array{}, fmt.Errorf("%d bytes, want a multiple of %d for %s", len(data), width, want)
	}
	n := int64(len(data) / width)
	return array{sampan.Tensor{DType: want, Shape: sampan.Shape{n}, Data: data}, true}, nil
}

// narrow rounds each number to the nearest float32.
func narrow(numbers []float64) []float32 {
	out := make([]float32, len(numbers))
	for i, n := range numbers {
		out[i] = float32(n)
	}
	return out
}

// fromInts turns the elements of a Go int list, which no dtype mirrors on every
// platform, into want.
func fromInts(data []byte, want sampan.DType) ([]byte, error) {
	ints := unsafe.Slice((*int)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/int(unsafe.Sizeof(0)))
	switch want {
	case sampan.Int64:
		if unsafe.Sizeof(0) == 8 {
			return data, nil
		}
		out := make([]int64, len(ints))
		for i, n := range ints {
			out[i] = int64(n)
		}
		return sampan.Bytes(out), nil
	case sampan.Int32:
		out := make([]int32, len(ints))
		for i, n := range ints {
			if n < math.MinInt32 || n > math.MaxInt32 {
				return nil, fmt.Errorf("element %d is %d, beyond int32", i, n)
			}
			out[i] = int32(n)
		}
		return sampan.Bytes(out), nil
	}
	return nil, fmt.Errorf("int elements, want %s", want)
}
