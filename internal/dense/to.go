package dense

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
)

// To returns a tensor with d's shape and elements. It shares d's memory if that is
// row-major and without gaps, as it is unless d is column-major, transposed without
// being moved, or a slice of columns or steps; of those it makes a row-major copy. The
// platform's int and uint become int64 and uint64. A Dense without elements gives a
// tensor without elements.
//
// A nil or zero Dense, a masked one, and one whose memory Go cannot reach are
// InvalidArgument; strings and other types that no tensor shares with gorgonia are
// Unimplemented.
func To(d *tensor.Dense) (t sampan.Tensor, err error) {
	defer recoverInto(&err)
	if d == nil || d.Dtype().Type == nil {
		return t, sampan.Errorf(sampan.InvalidArgument, "the gorgonia tensor is nil or was not made by tensor.New")
	}
	if !d.IsNativelyAccessible() {
		return t, sampan.Errorf(sampan.InvalidArgument, "the gorgonia tensor's memory is not accessible to Go")
	}
	dtype, width, ok := dtypeOf(d.Dtype())
	if !ok {
		return t, sampan.Errorf(sampan.Unimplemented, "gorgonia type %v has no dtype to share memory with", d.Dtype())
	}
	shape := make(sampan.Shape, d.Dims())
	for i, size := range d.Shape() {
		shape[i] = int64(size)
	}
	n, ok := shape.Elements()
	if !ok || n > math.MaxInt/int64(width) {
		return t, sampan.Errorf(sampan.InvalidArgument, "shape %v is negative or too large", shape)
	}
	if n == 0 {
		return sampan.New(dtype, shape)
	}
	if d.IsMasked() {
		return t, sampan.Errorf(sampan.InvalidArgument, "the gorgonia tensor is masked, which no tensor can say")
	}
	// Uint8s is the whole memory, whatever the element type.
	data, err := rowMajor(d.Uint8s(), shape, d.Strides(), width)
	if err != nil {
		return t, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	t = sampan.Tensor{DType: dtype, Shape: shape, Data: data}
	return t, t.Validate()
}

// dtypeOf is the dtype that shares its layout with a gorgonia type, and its width in
// bytes.
func dtypeOf(g tensor.Dtype) (d sampan.DType, width int, ok bool) {
	switch g {
	case tensor.Bool:
		d = sampan.Bool
	case tensor.Int8:
		d = sampan.Int8
	case tensor.Int16:
		d = sampan.Int16
	case tensor.Int32:
		d = sampan.Int32
	case tensor.Int64:
		d = sampan.Int64
	case tensor.Uint8:
		d = sampan.Uint8
	case tensor.Uint16:
		d = sampan.Uint16
	case tensor.Uint32:
		d = sampan.Uint32
	case tensor.Uint64:
		d = sampan.Uint64
	case tensor.Float32:
		d = sampan.Float32
	case tensor.Float64:
		d = sampan.Float64
	case tensor.Complex64:
		d = sampan.Complex64
	case tensor.Complex128:
		d = sampan.Complex128
	case tensor.Int:
		d = sampan.Int64
	case tensor.Uint:
		d = sampan.Uint64
	}
	width = d.Bits() / 8
	// Where int has 32 bits it is not an int64.
	return d, width, width > 0 && width == int(g.Size())
}

// rowMajor returns the elements of the given strides one after another: the memory
// itself where they lie so, else a copy.
func rowMajor(memory []byte, shape sampan.Shape, strides []int, width int) ([]byte, error) {
	dims, steps, err := squeeze(shape, strides)
	if err != nil {
		return nil, err
	}
	// The innermost dimensions, down to outer, make runs without gaps.
	outer, run, n, last := len(dims), 1, 1, 0
	for i := len(dims) - 1; i >= 0; i-- {
		if steps[i] < 1 || steps[i] > len(memory) || dims[i] > len(memory) {
			return nil, fmt.Errorf("shape %v with strides %v leaves the gorgonia tensor's memory", shape, strides)
		}
		if outer == i+1 && steps[i] == run {
			outer, run = i, run*dims[i]
		}
		n *= dims[i]
		last += (dims[i] - 1) * steps[i]
	}
	if last >= len(memory)/width {
		return nil, fmt.Errorf("shape %v with strides %v leaves the gorgonia tensor's memory", shape, strides)
	}
	if outer == 0 {
		return memory[: n*width : n*width], nil
	}
	out := make([]byte, 0, n*width)
	index := make([]int, outer)
	for at := 0; ; {
		out = append(out, memory[at*width:(at+run)*width]...)
		i := outer - 1
		for ; i >= 0; i-- {
			at += steps[i]
			if index[i]++; index[i] < dims[i] {
				break
			}
			at -= dims[i] * steps[i]
			index[i] = 0
		}
		if i < 0 {
			return out, nil
		}
	}
}

// squeeze drops the dimensions of size 1, whose strides say nothing. gorgonia keeps one
// stride for some vectors of more than one dimension, and none for a single element.
func squeeze(shape sampan.Shape, strides []int) (dims, steps []int, err error) {
	for i, size := range shape {
		if size == 1 {
			continue
		}
		dims = append(dims, int(size))
		if len(strides) == len(shape) {
			steps = append(steps, strides[i])
		}
	}
	if len(strides) == 1 && len(dims) == 1 {
		steps = slices.Clone(strides)
	}
	if len(dims) != len(steps) {
		return nil, nil, fmt.Errorf("%d strides for shape %v", len(strides), shape)
	}
	return dims, steps, nil
}
