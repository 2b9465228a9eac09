package wire

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// toTensor fills an empty message, which then shares n's memory. A type that the
// protocol cannot name is Unimplemented, any other error has the code fault. Errors do
// not name the tensor.
func toTensor(out *generalmodel.Tensor, n *sampan.Named, fault sampan.Code) error {
	t := n.Tensor
	elem, ok := elemtype.FromDType(t.DType)
	if !ok && t.DType.Valid() {
		return sampan.Errorf(sampan.Unimplemented, "%s elements have no elem_type in this protocol", t.DType)
	}
	out.ElemType, out.Name, out.AliasName = elem, n.Name, n.Alias
	err := t.Validate()
	if err == nil {
		err = fill(out, t)
	}
	if err == nil {
		out.Shape, err = toShape(t.Shape)
	}
	if err == nil {
		out.Lod, err = toLoD(t.LoD)
	}
	if err != nil {
		return sampan.Errorf(fault, "%w", err)
	}
	return nil
}

func fill(out *generalmodel.Tensor, t sampan.Tensor) (err error) {
	switch t.DType {
	case sampan.Int64:
		out.Int64Data, err = view[int64](t)
	case sampan.Float32:
		out.FloatData, err = view[float32](t)
	case sampan.Int32:
		out.IntData, err = view[int32](t)
	case sampan.Float64:
		out.Float64Data, err = view[float64](t)
	case sampan.Bool:
		out.BoolData, err = view[bool](t)
	case sampan.Complex64:
		var c []complex64
		c, err = view[complex64](t)
		out.Complex64Data = unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(c))), 2*len(c))
	case sampan.Complex128:
		var c []complex128
		c, err = view[complex128](t)
		out.Complex128Data = unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(c))), 2*len(c))
	case sampan.String:
		out.Data, err = t.Strings()
	default:
		out.TensorContent = t.Data
	}
	return err
}

// view is sampan.View that copies where the address does not suit the type.
func view[T sampan.Element](t sampan.Tensor) ([]T, error) {
	t.Data = aligned(t.Data, t.DType)
	return sampan.View[T](t)
}

// toShape narrows the dimensions; a scalar's shape is empty, and the other side will
// read it as [1].
func toShape(shape sampan.Shape) ([]int32, error) {
	dims := make([]int32, len(shape))
	for i, d := range shape {
		if d > math.MaxInt32 {
			return nil, fmt.Errorf("shape %v is beyond the protocol's 32 bits", shape)
		}
		dims[i] = int32(d)
	}
	return dims, nil
}
