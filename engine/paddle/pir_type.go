package paddle

import (
	"encoding/json"
	"fmt"

	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirElements are the element types of Paddle 3's tensors that earlier ones have too.
var pirElements = map[string]paddle.VarType_Type{
	"0.t_bool": paddle.VarType_BOOL,
	"0.t_i8":   paddle.VarType_INT8,
	"0.t_ui8":  paddle.VarType_UINT8,
	"0.t_i16":  paddle.VarType_INT16,
	"0.t_i32":  paddle.VarType_INT32,
	"0.t_i64":  paddle.VarType_INT64,
	"0.t_f16":  paddle.VarType_FP16,
	"0.t_bf16": paddle.VarType_BF16,
	"0.t_f32":  paddle.VarType_FP32,
	"0.t_f64":  paddle.VarType_FP64,
	"0.t_c64":  paddle.VarType_COMPLEX64,
	"0.t_c128": paddle.VarType_COMPLEX128,
}

const (
	pirTensor = "0.t_dtensor"
	pirVector = "0.t_vec"
	pirNone   = "NULL"
)

// elements returns the types of the tensors in a list.
func (t pirTyped) elements() ([]pirTyped, error) {
	var out []pirTyped
	if err := json.Unmarshal(t.Data, &out); err != nil {
		return nil, fmt.Errorf("type %s: %w", t.Kind, where(err))
	}
	for _, e := range out {
		if e.Kind == pirVector {
			return nil, fmt.Errorf("type %s: a list in a list", t.Kind)
		}
	}
	return out, nil
}

// variable declares a variable of the type. Only tensors of numbers get a dtype, a
// shape and a LoD level; what else Paddle has is opaque.
func (t pirTyped) variable(name string) (*paddle.VarDesc, error) {
	opaque := &paddle.VarDesc{Name: &name, Type: &paddle.VarType{Type: paddle.VarType_RAW.Enum()}}
	if t.Kind == "" {
		return nil, fmt.Errorf("%s has no type", name)
	}
	if t.Kind != pirTensor {
		return opaque, nil
	}
	var element pirTyped
	var dims []int64
	var layout string
	var lod [][]uint64
	var offset uint64
	if err := decodeTuple(t.Data, &element, &dims, &layout, &lod, &offset); err != nil {
		return nil, fmt.Errorf("type of %s: %w", name, err)
	}
	dtype, ok := pirElements[element.Kind]
	if !ok {
		return opaque, nil
	}
	for i, d := range dims {
		// Sizes that were computed from a size that is not fixed can be below -1.
		dims[i] = max(d, -1)
	}
	level := int32(len(lod))
	return &paddle.VarDesc{Name: &name, Type: &paddle.VarType{
		Type: paddle.VarType_DENSE_TENSOR.Enum(),
		LodTensor: &paddle.VarType_LoDTensorDesc{
			Tensor:   &paddle.VarType_TensorDesc{DataType: &dtype, Dims: dims},
			LodLevel: &level,
		},
	}}, nil
}

// decodeTuple reads a list with an element for each of into.
func decodeTuple(data json.RawMessage, into ...any) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return where(err)
	}
	if len(parts) != len(into) {
		return fmt.Errorf("%d elements, want %d", len(parts), len(into))
	}
	for i := range parts {
		if err := json.Unmarshal(parts[i], into[i]); err != nil {
			return fmt.Errorf("element %d: %w", i, where(err))
		}
	}
	return nil
}
