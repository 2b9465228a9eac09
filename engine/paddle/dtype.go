package paddle

import (
	"encoding/binary"
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// dtypes are the element types that ONNX IR 8 has too.
var dtypes = map[paddle.VarType_Type]sampan.DType{
	paddle.VarType_BOOL:       sampan.Bool,
	paddle.VarType_INT8:       sampan.Int8,
	paddle.VarType_INT16:      sampan.Int16,
	paddle.VarType_INT32:      sampan.Int32,
	paddle.VarType_INT64:      sampan.Int64,
	paddle.VarType_UINT8:      sampan.Uint8,
	paddle.VarType_FP16:       sampan.Float16,
	paddle.VarType_BF16:       sampan.BFloat16,
	paddle.VarType_FP32:       sampan.Float32,
	paddle.VarType_FP64:       sampan.Float64,
	paddle.VarType_COMPLEX64:  sampan.Complex64,
	paddle.VarType_COMPLEX128: sampan.Complex128,
}

// setDType says that an operator's output has another element type than the program
// declares.
func (o *op) setDType(parameter string, d sampan.DType) {
	if variable := o.target(parameter); o.err == nil {
		o.ownDTypes[variable] = d
	}
}

// shareDTypes keeps the element types of what the operator has written where they are
// not those that are declared: if an input has another one, so have the outputs that
// are declared with the same, unless the operator names a type itself.
func (o *op) shareDTypes() {
	if len(o.dtypes) == 0 && len(o.ownDTypes) == 0 {
		return
	}
	var declared paddle.VarType_Type
	var real sampan.DType
	for _, binding := range o.desc.Inputs {
		for _, variable := range binding.Arguments {
			if d, ok := o.dtypes[variable]; ok && !real.Valid() {
				declared, real = o.declared(variable).GetTensor().GetDataType(), d
			}
		}
	}
	if o.attrs.byName["dtype"] != nil || o.attrs.byName["out_dtype"] != nil || o.desc.GetType() == "shape" {
		real = sampan.Invalid
	}
	for _, binding := range o.desc.Outputs {
		for _, variable := range binding.Arguments {
			delete(o.dtypes, variable)
			if d, own := o.ownDTypes[variable]; own {
				o.dtypes[variable] = d
			} else if real.Valid() && o.declared(variable).GetTensor().GetDataType() == declared {
				o.dtypes[variable] = real
			}
		}
	}
}

// encode returns the bytes of v as an element of type d, converted as C++'s
// static_cast does: what an integer cannot hold of a fraction is cut off. It reports
// false where the number is out of range or d is no number.
func encode(d sampan.DType, v float64) ([]byte, bool) {
	order := binary.LittleEndian
	switch d {
	case sampan.Float32:
		return order.AppendUint32(nil, math.Float32bits(float32(v))), true
	case sampan.Float64:
		return order.AppendUint64(nil, math.Float64bits(v)), true
	case sampan.Float16:
		return order.AppendUint16(nil, uint16(sampan.ToF16(float32(v)))), true
	case sampan.BFloat16:
		return order.AppendUint16(nil, uint16(sampan.ToBF16(float32(v)))), true
	case sampan.Bool:
		if v != 0 {
			return []byte{1}, true
		}
		return []byte{0}, true
	}
	if v = math.Trunc(v); !(v >= -1<<63 && v < 1<<63) {
		return nil, false
	}
	return encodeInteger(d, int64(v))
}

// encodeInteger returns the bytes of v as an element of an integer type, or bool; false
// if it is out of range or d is no such type.
func encodeInteger(d sampan.DType, v int64) ([]byte, bool) {
	order := binary.LittleEndian
	within := func(low, high int64) bool { return v >= low && v <= high }
	switch d {
	case sampan.Bool:
		return []byte{byte(v)}, within(0, 1)
	case sampan.Int8:
		return []byte{byte(v)}, within(math.MinInt8, math.MaxInt8)
	case sampan.Uint8:
		return []byte{byte(v)}, within(0, math.MaxUint8)
	case sampan.Int16:
		return order.AppendUint16(nil, uint16(v)), within(math.MinInt16, math.MaxInt16)
	case sampan.Int32:
		return order.AppendUint32(nil, uint32(v)), within(math.MinInt32, math.MaxInt32)
	case sampan.Int64:
		return order.AppendUint64(nil, uint64(v)), true
	}
	return nil, false
}

// decodeIntegers reads the elements of an integer type; false if d is none.
func decodeIntegers(d sampan.DType, data []byte) ([]int64, bool) {
	order := binary.LittleEndian
	var size int
	var element func([]byte) int64
	switch d {
	case sampan.Bool, sampan.Uint8:
		size, element = 1, func(b []byte) int64 { return int64(b[0]) }
	case sampan.Int8:
		size, element = 1, func(b []byte) int64 { return int64(int8(b[0])) }
	case sampan.Int16:
		size, element = 2, func(b []byte) int64 { return int64(int16(order.Uint16(b))) }
	case sampan.Int32:
		size, element = 4, func(b []byte) int64 { return int64(int32(order.Uint32(b))) }
	case sampan.Int64:
		size, element = 8, func(b []byte) int64 { return int64(order.Uint64(b)) }
	default:
		return nil, false
	}
	out := make([]int64, 0, len(data)/size)
	for ; len(data) >= size; data = data[size:] {
		out = append(out, element(data))
	}
	return out, true
}
