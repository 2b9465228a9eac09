package sampan

import (
	"fmt"
	"math"
	"strings"
)

// DType is the type of a tensor's elements. The numbers are those of ONNX's
// TensorProto.DataType.
type DType uint8

// Every element type that an ONNX model can take or give.
const (
	Invalid        DType = 0
	Float32        DType = 1
	Uint8          DType = 2
	Int8           DType = 3
	Uint16         DType = 4
	Int16          DType = 5
	Int32          DType = 6
	Int64          DType = 7
	String         DType = 8
	Bool           DType = 9
	Float16        DType = 10
	Float64        DType = 11
	Uint32         DType = 12
	Uint64         DType = 13
	Complex64      DType = 14
	Complex128     DType = 15
	BFloat16       DType = 16
	Float8E4M3FN   DType = 17
	Float8E4M3FNUZ DType = 18
	Float8E5M2     DType = 19
	Float8E5M2FNUZ DType = 20
	Uint4          DType = 21
	Int4           DType = 22
	Float4E2M1     DType = 23
	Float8E8M0     DType = 24
	Uint2          DType = 25
	Int2           DType = 26
)

// dtypes has each type's name and the width of an element in bits; a string has no
// fixed width.
var dtypes = [...]struct {
	name string
	bits int
}{
	Invalid:        {"invalid", 0},
	Float32:        {"float32", 32},
	Uint8:          {"uint8", 8},
	Int8:           {"int8", 8},
	Uint16:         {"uint16", 16},
	Int16:          {"int16", 16},
	Int32:          {"int32", 32},
	Int64:          {"int64", 64},
	String:         {"string", 0},
	Bool:           {"bool", 8},
	Float16:        {"float16", 16},
	Float64:        {"float64", 64},
	Uint32:         {"uint32", 32},
	Uint64:         {"uint64", 64},
	Complex64:      {"complex64", 64},
	Complex128:     {"complex128", 128},
	BFloat16:       {"bfloat16", 16},
	Float8E4M3FN:   {"float8e4m3fn", 8},
	Float8E4M3FNUZ: {"float8e4m3fnuz", 8},
	Float8E5M2:     {"float8e5m2", 8},
	Float8E5M2FNUZ: {"float8e5m2fnuz", 8},
	Uint4:          {"uint4", 4},
	Int4:           {"int4", 4},
	Float4E2M1:     {"float4e2m1", 4},
	Float8E8M0:     {"float8e8m0", 8},
	Uint2:          {"uint2", 2},
	Int2:           {"int2", 2},
}

// Valid reports whether d is one of the named types.
func (d DType) Valid() bool { return d != Invalid && int(d) < len(dtypes) }

// String returns the type's name, such as "float32".
func (d DType) String() string {
	if int(d) < len(dtypes) {
		return dtypes[d].name
	}
	return fmt.Sprintf("dtype(%d)", uint8(d))
}

// Bits returns the width of one element in bits; 0 for strings, whose elements have
// no fixed width, and for invalid types.
func (d DType) Bits() int {
	if int(d) < len(dtypes) {
		return dtypes[d].bits
	}
	return 0
}

// Size returns how many bytes n elements take; types narrower than a byte are packed
// and the last byte is filled up. It reports false for strings, invalid types,
// negative n and sizes beyond an int.
func (d DType) Size(n int64) (int, bool) {
	bits := int64(d.Bits())
	if bits == 0 || n < 0 || n > (math.MaxInt64-7)/bits {
		return 0, false
	}
	bytes := (n*bits + 7) / 8
	if bytes > math.MaxInt {
		return 0, false
	}
	return int(bytes), true
}

// ParseDType returns the type with the given name, as String prints it; upper case
// is accepted.
func ParseDType(name string) (DType, error) {
	for d := Float32; int(d) < len(dtypes); d++ {
		if strings.EqualFold(dtypes[d].name, name) {
			return d, nil
		}
	}
	return Invalid, Errorf(InvalidArgument, "dtype %q is not known", name)
}
