package paddle

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirDTypes are Paddle's names of element types.
var pirDTypes = map[string]paddle.VarType_Type{
	"bool":       paddle.VarType_BOOL,
	"int8":       paddle.VarType_INT8,
	"uint8":      paddle.VarType_UINT8,
	"int16":      paddle.VarType_INT16,
	"int32":      paddle.VarType_INT32,
	"int64":      paddle.VarType_INT64,
	"float16":    paddle.VarType_FP16,
	"bfloat16":   paddle.VarType_BF16,
	"float32":    paddle.VarType_FP32,
	"float64":    paddle.VarType_FP64,
	"complex64":  paddle.VarType_COMPLEX64,
	"complex128": paddle.VarType_COMPLEX128,
}

// layerName is the attribute that says in which layer of the Python program an
// operator was made.
const layerName = "struct_name"

// attributesOf reads an operator's attributes into the earlier form.
func (o *pirOp) attributesOf() ([]*paddle.OpDesc_Attr, error) {
	if len(o.Attributes) == 0 {
		return nil, nil
	}
	var list []struct {
		Name  string   `json:"N"`
		Value pirTyped `json:"AT"`
	}
	if err := json.Unmarshal(o.Attributes, &list); err != nil {
		return nil, fmt.Errorf("attributes: %w", where(err))
	}
	var out []*paddle.OpDesc_Attr
	for _, a := range list {
		if a.Name == layerName {
			continue
		}
		attr, err := a.Value.attribute(a.Name)
		if err != nil {
			return nil, sampan.Errorf(faultCode(err), "attribute %q: %w", a.Name, err)
		}
		if attr != nil {
			out = append(out, attr)
		}
	}
	return out, nil
}

// attribute converts an attribute. Those of kinds that say where and how to compute,
// not what, become nil.
func (t pirTyped) attribute(name string) (*paddle.OpDesc_Attr, error) {
	attr := &paddle.OpDesc_Attr{Name: &name}
	kind, into := paddle.AttrType_INT, any(nil)
	switch t.Kind {
	case "0.a_bool":
		kind, into = paddle.AttrType_BOOLEAN, &attr.B
	case "0.a_i32":
		kind, into = paddle.AttrType_INT, &attr.I
	case "0.a_i64", "0.a_index":
		kind, into = paddle.AttrType_LONG, &attr.L
	case "0.a_str", "0.a_tensorname":
		kind, into = paddle.AttrType_STRING, &attr.S
	case "1.a_intarray":
		kind, into = paddle.AttrType_LONGS, &attr.Longs
	case "0.a_f32", "0.a_f64":
		return t.float(attr)
	case "0.a_array":
		return t.array(attr)
	case "1.a_dtype":
		return t.dtype(attr)
	case "1.a_scalar":
		return t.scalar(attr)
	case pirNone, "0.a_type", "0.a_pointer", "1.a_place", "1.a_layout":
		return nil, nil
	default:
		if strings.HasPrefix(t.Kind, "4.") {
			return nil, nil
		}
		return nil, sampan.Errorf(sampan.Unimplemented, "kind %q is not supported", t.Kind)
	}
	attr.Type = &kind
	return attr, t.decode(into)
}

// decode reads the data, which has to be there.
func (t pirTyped) decode(into any) error {
	if len(t.Data) == 0 || string(t.Data) == "null" {
		return fmt.Errorf("%s without data", t.Kind)
	}
	if err := json.Unmarshal(t.Data, into); err != nil {
		return fmt.Errorf("%s: %w", t.Kind, where(err))
	}
	return nil
}

// float reads a number, or the word for one that JSON cannot write.
func (t pirTyped) float(attr *paddle.OpDesc_Attr) (*paddle.OpDesc_Attr, error) {
	var v float64
	switch t.Void {
	case "":
		if err := t.decode(&v); err != nil {
			return nil, err
		}
	case "NAN":
		v = math.NaN()
	case "INF":
		v = math.Inf(1)
	case "-INF":
		v = math.Inf(-1)
	default:
		return nil, fmt.Errorf("%s is %q, want NAN, INF or -INF", t.Kind, t.Void)
	}
	if t.Kind == "0.a_f32" {
		single := float32(v)
		attr.Type, attr.F = paddle.AttrType_FLOAT.Enum(), &single
	} else {
		attr.Type, attr.Float64 = paddle.AttrType_FLOAT64.Enum(), &v
	}
	return attr, nil
}

// array reads a list whose elements are of one kind.
func (t pirTyped) array(attr *paddle.OpDesc_Attr) (*paddle.OpDesc_Attr, error) {
	var elements []pirTyped
	if err := t.decode(&elements); err != nil {
		return nil, err
	}
	attr.Type = paddle.AttrType_INTS.Enum()
	for i, e := range elements {
		if e.Kind != elements[0].Kind {
			return nil, fmt.Errorf("element %d is %s, the first is %s", i, e.Kind, elements[0].Kind)
		}
		if e.Kind == "0.a_array" {
			return nil, sampan.Errorf(sampan.Unimplemented, "a list of lists is not supported")
		}
		one, err := e.attribute("")
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		if one == nil {
			return nil, sampan.Errorf(sampan.Unimplemented, "a list of %s is not supported", e.Kind)
		}
		switch one.GetType() {
		case paddle.AttrType_INT:
			attr.Ints = append(attr.Ints, one.GetI())
		case paddle.AttrType_LONG:
			attr.Type, attr.Longs = paddle.AttrType_LONGS.Enum(), append(attr.Longs, one.GetL())
		case paddle.AttrType_BOOLEAN:
			attr.Type, attr.Bools = paddle.AttrType_BOOLEANS.Enum(), append(attr.Bools, one.GetB())
		case paddle.AttrType_FLOAT:
			attr.Type, attr.Floats = paddle.AttrType_FLOATS.Enum(), append(attr.Floats, one.GetF())
		case paddle.AttrType_FLOAT64:
			attr.Type, attr.Float64S = paddle.AttrType_FLOAT64S.Enum(), append(attr.Float64S, one.GetFloat64())
		case paddle.AttrType_STRING:
			attr.Type, attr.Strings = paddle.AttrType_STRINGS.Enum(), append(attr.Strings, one.GetS())
		case paddle.AttrType_SCALAR:
			attr.Type, attr.Scalars = paddle.AttrType_SCALARS.Enum(), append(attr.Scalars, one.GetScalar())
		default:
			return nil, sampan.Errorf(sampan.Unimplemented, "a list of %s is not supported", e.Kind)
		}
	}
	return attr, nil
}

// dtype reads the name of an element type; undefined is -1, as in earlier programs.
func (t pirTyped) dtype(attr *paddle.OpDesc_Attr) (*paddle.OpDesc_Attr, error) {
	var name string
	if err := t.decode(&name); err != nil {
		return nil, err
	}
	number := int32(-1)
	if name != "Undefined(ALL_DTYPE)" {
		dtype, ok := pirDTypes[name]
		if !ok {
			return nil, sampan.Errorf(sampan.Unimplemented, "element type %q is not supported", name)
		}
		number = int32(dtype)
	}
	attr.Type, attr.I = paddle.AttrType_INT.Enum(), &number
	return attr, nil
}

// scalar reads a pair of an element type and a number of it.
func (t pirTyped) scalar(attr *paddle.OpDesc_Attr) (*paddle.OpDesc_Attr, error) {
	var name string
	var number json.RawMessage
	if err := decodeTuple(t.Data, &name, &number); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Kind, err)
	}
	s := &paddle.Scalar{}
	var into any
	switch name {
	case "bool":
		s.Type, into = paddle.Scalar_BOOLEAN.Enum(), &s.B
	case "float32", "float64":
		s.Type, into = paddle.Scalar_FLOAT64.Enum(), &s.R
	case "int8", "uint8", "int16", "int32", "int64":
		s.Type, into = paddle.Scalar_LONG.Enum(), &s.I
	default:
		return nil, sampan.Errorf(sampan.Unimplemented, "a number of type %q is not supported", name)
	}
	if err := (pirTyped{Kind: t.Kind, Data: number}).decode(into); err != nil {
		return nil, err
	}
	attr.Type, attr.Scalar = paddle.AttrType_SCALAR.Enum(), s
	return attr, nil
}

// faultCode is the code of an error, InvalidArgument where it has none.
func faultCode(err error) sampan.Code {
	if code := sampan.CodeOf(err); code != sampan.Internal {
		return code
	}
	return sampan.InvalidArgument
}
