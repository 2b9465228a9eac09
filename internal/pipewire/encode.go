package pipewire

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/npy"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

// Encode makes a message's tensor of an array, as Paddle Serving's client packs it. Types
// for which there is no field are Unimplemented; send those as bytes.
func Encode(name string, t sampan.Tensor) (*pipelineserving.Tensor, error) {
	out := &pipelineserving.Tensor{Name: name}
	var err error
	if out.Shape, err = Narrow(t.Shape); err != nil {
		return nil, err
	}
	if out.Lod, err = Narrow(slices.Concat(t.LoD...)); err != nil {
		return nil, err
	}
	switch t.DType {
	case sampan.Int64:
		out.ElemType = elemInt64
		out.Int64Data, err = sampan.View[int64](t)
	case sampan.Float32:
		out.ElemType = elemFloat32
		out.FloatData, err = sampan.View[float32](t)
	case sampan.Int32:
		out.ElemType = elemInt32
		out.IntData, err = sampan.View[int32](t)
	case sampan.Float64:
		out.ElemType = elemFloat64
		out.Float64Data, err = sampan.View[float64](t)
	case sampan.Bool:
		out.ElemType = elemBool
		out.BoolData, err = sampan.View[bool](t)
	case sampan.Int16:
		out.ElemType = elemInt16
		out.IntData, err = widen[int16, int32](t)
	case sampan.Int8:
		out.ElemType = elemInt8
		out.IntData, err = widen[int8, int32](t)
	case sampan.Uint8:
		out.ElemType = elemUint8
		out.Uint32Data, err = widen[uint8, uint32](t)
	case sampan.Uint16:
		// Paddle Serving takes 16 bits without a sign for bfloat16's.
		out.ElemType = elemBFloat16
		out.Uint32Data, err = widen[uint16, uint32](t)
	case sampan.Float16:
		out.ElemType = elemFloat16
		var halves []sampan.F16
		if halves, err = sampan.View[sampan.F16](t); err == nil {
			out.FloatData = make([]float32, len(halves))
			for i, h := range halves {
				out.FloatData[i] = h.Float32()
			}
		}
	default:
		err = sampan.Errorf(sampan.Unimplemented, "the message has no field for %s", t.DType)
	}
	return out, err
}

// Narrow gives sizes or offsets the message's 32 bits; InvalidArgument if they have more.
func Narrow(wide []int64) ([]int32, error) {
	if len(wide) == 0 {
		return nil, nil
	}
	out := make([]int32, len(wide))
	for i, v := range wide {
		if v != int64(int32(v)) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "a size or offset is %d, want at most %d", v, math.MaxInt32)
		}
		out[i] = int32(v)
	}
	return out, nil
}

func widen[N interface {
	int8 | int16 | uint8 | uint16
	sampan.Element
}, W int32 | uint32](t sampan.Tensor) ([]W, error) {
	narrow, err := sampan.View[N](t)
	if err != nil {
		return nil, err
	}
	wide := make([]W, len(narrow))
	for i, v := range narrow {
		wide[i] = W(v)
	}
	return wide, nil
}

// EncodeBytes makes a message's tensor that holds the array as numpy.save writes it.
func EncodeBytes(name string, t sampan.Tensor) (*pipelineserving.Tensor, error) {
	data, err := npy.Append(nil, t)
	if err != nil {
		return nil, err
	}
	shape, err := Narrow(t.Shape)
	return &pipelineserving.Tensor{Name: name, ElemType: elemBytes, ByteData: data, Shape: shape}, err
}

// EncodeText makes a message's tensor of a text.
func EncodeText(name, text string) *pipelineserving.Tensor {
	return &pipelineserving.Tensor{Name: name, ElemType: elemString, StrData: []string{text}}
}
