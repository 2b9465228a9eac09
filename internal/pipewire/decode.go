package pipewire

import (
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/npy"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

// The message's element types. Those of numbers are the general model service's.
const (
	elemInt64      = 0
	elemFloat32    = 1
	elemInt32      = 2
	elemFloat64    = 3
	elemInt16      = 4
	elemFloat16    = 5
	elemBFloat16   = 6
	elemUint8      = 7
	elemInt8       = 8
	elemBool       = 9
	elemComplex64  = 10
	elemComplex128 = 11
	elemString     = 12
	elemBytes      = 13
)

// Text puts the strings of a message's tensor of elem_type 12 together, as numpy has no
// array of them on the wire; ok is false for the other types.
func Text(t *pipelineserving.Tensor) (text string, ok bool) {
	if t.GetElemType() != elemString {
		return "", false
	}
	return strings.Join(t.GetStrData(), ""), true
}

// Decode makes the array that a message's tensor holds. bfloat16 (elem_type 6) comes as
// its bits in uint16. Errors have the texts that Paddle Serving answers with.
func Decode(t *pipelineserving.Tensor) (sampan.Tensor, error) {
	shape := make(sampan.Shape, len(t.GetShape()))
	for i, d := range t.GetShape() {
		shape[i] = int64(d)
	}
	switch t.GetElemType() {
	case elemInt64:
		return array(shape, append([]int64(nil), t.GetInt64Data()...))
	case elemFloat32:
		return array(shape, append([]float32(nil), t.GetFloatData()...))
	case elemInt32:
		return array(shape, append([]int32(nil), t.GetIntData()...))
	case elemFloat64:
		return array(shape, append([]float64(nil), t.GetFloat64Data()...))
	case elemInt16:
		return narrow[int16](shape, t.GetIntData())
	case elemInt8:
		return narrow[int8](shape, t.GetIntData())
	case elemBFloat16:
		return narrow[uint16](shape, t.GetUint32Data())
	case elemUint8:
		return narrow[uint8](shape, t.GetUint32Data())
	case elemBool:
		return array(shape, append([]bool(nil), t.GetBoolData()...))
	case elemFloat16:
		halves := make([]sampan.F16, len(t.GetFloatData()))
		for i, v := range t.GetFloatData() {
			halves[i] = sampan.ToF16(v)
		}
		return array(shape, halves)
	case elemBytes:
		out, err := npy.Decode(t.GetByteData())
		if err != nil {
			return sampan.Tensor{}, fmt.Errorf("tensor %s: %w", t.GetName(), err)
		}
		return out, nil
	case elemComplex64, elemComplex128:
		//lint:ignore ST1005 the text that clients know
		return sampan.Tensor{}, fmt.Errorf("Sorry, the type %d of tensor %s is not supported.", t.GetElemType(), t.GetName())
	}
	return sampan.Tensor{}, fmt.Errorf("elem_type:%d error", t.GetElemType())
}

// narrow is an array of a type that travels in a wider one. What does not fit loses its
// upper bits, as in numpy.
func narrow[N int8 | int16 | uint8 | uint16, W int32 | uint32](shape sampan.Shape, wide []W) (sampan.Tensor, error) {
	out := make([]N, len(wide))
	for i, v := range wide {
		out[i] = N(v)
	}
	return array(shape, out)
}

// array is numpy's reshape: of a shape without dimensions only a scalar comes.
func array[T sampan.Element](shape sampan.Shape, data []T) (sampan.Tensor, error) {
	t, err := sampan.Of(shape, data)
	if err != nil {
		return t, fmt.Errorf("cannot reshape array of size %d into shape %s", len(data), tuple(shape))
	}
	return t, nil
}

// tuple is a shape as Python prints it in that message: (2,13).
func tuple(shape sampan.Shape) string {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = fmt.Sprint(d)
	}
	comma := ""
	if len(dims) == 1 {
		comma = ","
	}
	return "(" + strings.Join(dims, ",") + comma + ")"
}

// LoD is a tensor's sequence offsets as Paddle Serving hands them on: an int32 array of
// shape [2 N/2] under the tensor's name and ".lod"; ok is false where there are none.
func LoD(t *pipelineserving.Tensor) (lod sampan.Tensor, ok bool, err error) {
	n := len(t.GetLod())
	if n == 0 {
		return sampan.Tensor{}, false, nil
	}
	if n%2 != 0 {
		return sampan.Tensor{}, false, fmt.Errorf("cannot reshape array of size %d into shape (2,newaxis)", n)
	}
	lod, err = array(sampan.Shape{2, int64(n / 2)}, append([]int32(nil), t.GetLod()...))
	return lod, true, err
}
