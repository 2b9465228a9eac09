package sampan_test

import (
	"math"
	"testing"

	"github.com/sampanml/sampan"
)

// everyDType has the names and numbers of ONNX's TensorProto.DataType and the width of
// an element in bits.
var everyDType = []struct {
	dtype  sampan.DType
	number uint8
	name   string
	bits   int
}{
	{sampan.Float32, 1, "float32", 32},
	{sampan.Uint8, 2, "uint8", 8},
	{sampan.Int8, 3, "int8", 8},
	{sampan.Uint16, 4, "uint16", 16},
	{sampan.Int16, 5, "int16", 16},
	{sampan.Int32, 6, "int32", 32},
	{sampan.Int64, 7, "int64", 64},
	{sampan.String, 8, "string", 0},
	{sampan.Bool, 9, "bool", 8},
	{sampan.Float16, 10, "float16", 16},
	{sampan.Float64, 11, "float64", 64},
	{sampan.Uint32, 12, "uint32", 32},
	{sampan.Uint64, 13, "uint64", 64},
	{sampan.Complex64, 14, "complex64", 64},
	{sampan.Complex128, 15, "complex128", 128},
	{sampan.BFloat16, 16, "bfloat16", 16},
	{sampan.Float8E4M3FN, 17, "float8e4m3fn", 8},
	{sampan.Float8E4M3FNUZ, 18, "float8e4m3fnuz", 8},
	{sampan.Float8E5M2, 19, "float8e5m2", 8},
	{sampan.Float8E5M2FNUZ, 20, "float8e5m2fnuz", 8},
	{sampan.Uint4, 21, "uint4", 4},
	{sampan.Int4, 22, "int4", 4},
	{sampan.Float4E2M1, 23, "float4e2m1", 4},
	{sampan.Float8E8M0, 24, "float8e8m0", 8},
	{sampan.Uint2, 25, "uint2", 2},
	{sampan.Int2, 26, "int2", 2},
}

func TestDType(t *testing.T) {
	for _, d := range everyDType {
		if uint8(d.dtype) != d.number || d.dtype.String() != d.name || d.dtype.Bits() != d.bits || !d.dtype.Valid() {
			t.Errorf("%d %s of %d bits, valid %v; want %+v", uint8(d.dtype), d.dtype, d.dtype.Bits(), d.dtype.Valid(), d)
		}
		for _, name := range []string{d.name, upper(d.name)} {
			if got, err := sampan.ParseDType(name); err != nil || got != d.dtype {
				t.Errorf("ParseDType(%q) = %v, %v", name, got, err)
			}
		}
	}
	for _, d := range []sampan.DType{sampan.Invalid, 27, 255} {
		if d.Valid() || d.Bits() != 0 {
			t.Errorf("%v is valid, of %d bits", d, d.Bits())
		}
	}
	if got := sampan.DType(27).String(); got != "dtype(27)" {
		t.Errorf("27 prints %s", got)
	}
	for _, name := range []string{"", "invalid", "float", "dtype(27)", "float32 "} {
		if got, err := sampan.ParseDType(name); err == nil || got != sampan.Invalid || sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("ParseDType(%q) = %v, %v", name, got, err)
		}
	}
}

func upper(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func TestDTypeSize(t *testing.T) {
	tests := []struct {
		dtype sampan.DType
		n     int64
		want  int
		ok    bool
	}{
		{sampan.Float32, 0, 0, true},
		{sampan.Float32, 13, 52, true},
		{sampan.Complex128, 2, 32, true},
		{sampan.Int4, 0, 0, true},
		{sampan.Int4, 1, 1, true},
		{sampan.Int4, 2, 1, true},
		{sampan.Int4, 3, 2, true},
		{sampan.Uint2, 4, 1, true},
		{sampan.Uint2, 5, 2, true},
		{sampan.Uint8, (math.MaxInt64 - 7) / 8, (math.MaxInt64 - 7) / 8, true},
		{sampan.Uint8, (math.MaxInt64-7)/8 + 1, 0, false},
		{sampan.Float64, math.MaxInt64, 0, false},
		{sampan.Uint2, math.MaxInt64, 0, false},
		{sampan.Float32, -1, 0, false},
		{sampan.String, 1, 0, false},
		{sampan.Invalid, 1, 0, false},
		{27, 1, 0, false},
	}
	for _, test := range tests {
		if got, ok := test.dtype.Size(test.n); got != test.want || ok != test.ok {
			t.Errorf("%v.Size(%d) = %d, %v, want %d, %v", test.dtype, test.n, got, ok, test.want, test.ok)
		}
	}
}
