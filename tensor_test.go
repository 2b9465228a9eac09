package sampan_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"github.com/sampanml/sampan"
)

// viewAndBack makes a tensor of elements, whose bytes are given, and views it.
func viewAndBack[T sampan.Element](t *testing.T, d sampan.DType, data []byte, elements ...T) {
	t.Helper()
	if got := sampan.DTypeOf[T](); got != d {
		t.Errorf("DTypeOf[%T] = %v, want %v", elements[0], got, d)
	}
	tensor, err := sampan.Of(sampan.Shape{int64(len(elements))}, elements)
	if err != nil {
		t.Fatal(err)
	}
	if tensor.DType != d || !bytes.Equal(tensor.Data, data) {
		t.Errorf("%v % x, want %v % x", tensor.DType, tensor.Data, d, data)
	}
	view, err := sampan.View[T](tensor)
	if err != nil {
		t.Fatal(err)
	}
	if len(view) != len(elements) || &view[0] != &elements[0] {
		t.Errorf("%v: the view is not the memory that the tensor was made of", d)
	}
	if cap(tensor.Data) != len(data) {
		t.Errorf("%v: capacity %d reaches beyond the %d bytes", d, cap(tensor.Data), len(data))
	}
}

func TestOfAndView(t *testing.T) {
	viewAndBack(t, sampan.Float32, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}, float32(1), -2)
	viewAndBack(t, sampan.Float64, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 1.0)
	viewAndBack(t, sampan.Int8, []byte{0xff}, int8(-1))
	viewAndBack(t, sampan.Int16, []byte{2, 1}, int16(0x102))
	viewAndBack(t, sampan.Int32, []byte{4, 3, 2, 1}, int32(0x1020304))
	viewAndBack(t, sampan.Int64, []byte{8, 7, 6, 5, 4, 3, 2, 1}, int64(0x102030405060708))
	viewAndBack(t, sampan.Uint8, []byte{255, 0}, uint8(255), 0)
	viewAndBack(t, sampan.Uint16, []byte{0xff, 0xff}, uint16(math.MaxUint16))
	viewAndBack(t, sampan.Uint32, []byte{1, 0, 0, 0}, uint32(1))
	viewAndBack(t, sampan.Uint64, []byte{1, 0, 0, 0, 0, 0, 0, 0}, uint64(1))
	viewAndBack(t, sampan.Bool, []byte{1, 0}, true, false)
	viewAndBack(t, sampan.Complex64, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40}, complex64(1+2i))
	viewAndBack(t, sampan.Complex128, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40}, 1+2i)
	viewAndBack(t, sampan.Float16, []byte{0, 0x3c}, sampan.F16(0x3c00))
	viewAndBack(t, sampan.BFloat16, []byte{0x80, 0x3f}, sampan.BF16(0x3f80))
}

func TestEmptyTensor(t *testing.T) {
	tensor, err := sampan.Of(sampan.Shape{0, 6}, []float32(nil))
	if err != nil {
		t.Fatal(err)
	}
	if tensor.Data == nil || len(tensor.Data) != 0 {
		t.Errorf("data is %#v, want empty and not nil", tensor.Data)
	}
	if view, err := sampan.View[float32](tensor); err != nil || view == nil || len(view) != 0 {
		t.Errorf("view is %#v, %v", view, err)
	}
}

func TestNew(t *testing.T) {
	for _, d := range everyDType {
		tensor, err := sampan.New(d.dtype, sampan.Shape{3, 5})
		if d.dtype == sampan.String {
			if err == nil {
				t.Error("New made a string tensor")
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", d.dtype, err)
			continue
		}
		if want := (15*d.bits + 7) / 8; len(tensor.Data) != want {
			t.Errorf("%v: %d bytes, want %d", d.dtype, len(tensor.Data), want)
		}
		if err := tensor.Validate(); err != nil {
			t.Errorf("%v: %v", d.dtype, err)
		}
	}
	for _, shape := range []sampan.Shape{{-1}, {math.MaxInt64, 2}, {math.MaxInt64}} {
		if _, err := sampan.New(sampan.Float32, shape); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("shape %v: %v", shape, err)
		}
	}
	if _, err := sampan.New(sampan.Invalid, sampan.Shape{1}); err == nil {
		t.Error("New made a tensor of no type")
	}
}

func TestOfRefuses(t *testing.T) {
	for _, shape := range []sampan.Shape{{1}, {3}, {-1}, {-1, -2}, {0}, {1 << 62, 4, 2}, {}} {
		if _, err := sampan.Of(shape, []int8{1, 2}); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("2 elements, shape %v: %v", shape, err)
		}
		if _, err := sampan.OfStrings(shape, []string{"a", "b"}); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("2 strings, shape %v: %v", shape, err)
		}
	}
}

func TestViewRefuses(t *testing.T) {
	backing := sampan.Bytes(make([]uint64, 2))
	tests := map[string]struct {
		tensor sampan.Tensor
		want   string
	}{
		"other type":   {sampan.Tensor{DType: sampan.Int32, Shape: sampan.Shape{1}, Data: backing[:4]}, "tensor has int32 elements, not float32"},
		"zero":         {sampan.Tensor{}, "tensor has invalid elements, not float32"},
		"too short":    {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{2}, Data: backing[:4]}, "4 bytes of float32 do not fill shape [2]"},
		"misaligned":   {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1}, Data: backing[1:5]}, "tensor data is not aligned to 4 bytes"},
		"by two bytes": {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1}, Data: backing[2:6]}, "tensor data is not aligned to 4 bytes"},
	}
	for name, test := range tests {
		if _, err := sampan.View[float32](test.tensor); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if _, err := sampan.View[bool](sampan.Tensor{DType: sampan.Bool, Shape: sampan.Shape{2}, Data: []byte{1, 2}}); err == nil || err.Error() != "bool element 1 is 2, want 0 or 1" {
		t.Errorf("bool 2: %v", err)
	}
	if _, err := sampan.View[sampan.F16](sampan.Tensor{DType: sampan.Uint16, Shape: sampan.Shape{1}, Data: backing[:2]}); err == nil {
		t.Error("uint16 was viewed as float16")
	}
}

func TestStrings(t *testing.T) {
	want := []string{"a", "", "h\x00é\xff"}
	tensor, err := sampan.OfStrings(sampan.Shape{3, 1}, want)
	if err != nil {
		t.Fatal(err)
	}
	if data := "\x01\x00\x00\x00a\x00\x00\x00\x00\x05\x00\x00\x00h\x00é\xff"; string(tensor.Data) != data {
		t.Errorf("data is %q, want %q", tensor.Data, data)
	}
	got, err := tensor.Strings()
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	clear(tensor.Data)
	if !slices.Equal(got, want) {
		t.Error("the strings share the tensor's memory")
	}
	if fromBytes, err := sampan.OfStrings(sampan.Shape{1}, [][]byte{{0xff, 0}}); err != nil || string(fromBytes.Data) != "\x02\x00\x00\x00\xff\x00" {
		t.Errorf("of bytes: %q, %v", fromBytes.Data, err)
	}
	if none, err := sampan.OfStrings(sampan.Shape{0}, []string{}); err != nil || none.Validate() != nil {
		t.Errorf("no strings: %v", err)
	}
	if _, err := (sampan.Tensor{DType: sampan.Int8, Shape: sampan.Shape{1}, Data: []byte{1}}).Strings(); err == nil {
		t.Error("int8 has strings")
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		tensor sampan.Tensor
		want   string
	}{
		{sampan.Tensor{DType: sampan.Float32, Data: make([]byte, 4)}, ""},
		{sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{0, 1 << 40, 1 << 40}}, ""},
		{sampan.Tensor{DType: sampan.Int4, Shape: sampan.Shape{3}, Data: make([]byte, 2)}, ""},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1}, Data: []byte{1, 0, 0, 0, 'a'}}, ""},
		{sampan.Tensor{DType: sampan.Int8, Shape: sampan.Shape{2}, Data: make([]byte, 2), LoD: sampan.LoD{{0, 1, 2}}}, ""},
		{sampan.Tensor{DType: sampan.Int8, Data: make([]byte, 1), LoD: sampan.LoD{{0, 1}}}, ""},
		{sampan.Tensor{}, "dtype invalid is not known"},
		{sampan.Tensor{DType: 99}, "dtype dtype(99) is not known"},
		{sampan.Tensor{DType: sampan.Float32}, "0 bytes of float32 do not fill shape []"},
		{sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{-1}}, "shape [-1] is negative or too large"},
		{sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1 << 40, 1 << 40}}, "shape [1099511627776 1099511627776] is negative or too large"},
		{sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1 << 62}}, "0 bytes of float32 do not fill shape [4611686018427387904]"},
		{sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1, 13}, Data: make([]byte, 48)}, "48 bytes of float32 do not fill shape [1 13]"},
		{sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1}, Data: make([]byte, 5)}, "5 bytes of float32 do not fill shape [1]"},
		{sampan.Tensor{DType: sampan.Int4, Shape: sampan.Shape{3}, Data: make([]byte, 3)}, "3 bytes of int4 do not fill shape [3]"},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1}}, "0 strings, want 1 for the shape"},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1}, Data: []byte{0, 0, 0}}, "string 0 has no whole length"},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1}, Data: []byte{2, 0, 0, 0, 'a'}}, "string 0 has length 2 with 1 bytes left"},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1}, Data: []byte{255, 255, 255, 255}}, "string 0 has length 4294967295 with 0 bytes left"},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1}, Data: make([]byte, 8)}, "2 strings, want 1 for the shape"},
		{sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{1 << 40}, Data: make([]byte, 8)}, "2 strings, want 1099511627776 for the shape"},
		{sampan.Tensor{DType: sampan.Int8, Shape: sampan.Shape{2}, Data: make([]byte, 2), LoD: sampan.LoD{{0, 1}}}, "lod level 0 ends at 1, want the number of rows, 2"},
	}
	for _, test := range tests {
		err := test.tensor.Validate()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%+v: %v", test.tensor, err)
		case test.want != "" && (err == nil || err.Error() != test.want || sampan.CodeOf(err) != sampan.InvalidArgument):
			t.Errorf("%+v: %v, want %s", test.tensor, err, test.want)
		}
		if err == nil || test.tensor.DType != sampan.String {
			continue
		}
		if s, err := test.tensor.Strings(); err == nil {
			t.Errorf("%+v has strings %q", test.tensor, s)
		}
	}
}

func TestRows(t *testing.T) {
	for want, shape := range map[int64]sampan.Shape{1: {}, 5: {5, 1}, 0: {0, 4}} {
		if got := (sampan.Tensor{Shape: shape}).Rows(); got != want {
			t.Errorf("shape %v has %d rows, want %d", shape, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	elements := []uint32{1, 2, 3}
	got := sampan.Bytes(elements[:2])
	if len(got) != 8 || unsafe.Pointer(&got[0]) != unsafe.Pointer(&elements[0]) {
		t.Errorf("%d bytes, or a copy", len(got))
	}
}

func TestPublic(t *testing.T) {
	for want, n := range map[string]sampan.Named{"price": {Name: "fc_0.tmp_1", Alias: "price"}, "x": {Name: "x"}, "": {}} {
		if got := n.Public(); got != want {
			t.Errorf("%+v is %q, want %q", n, got, want)
		}
	}
}

// FuzzStrings holds Validate's word that a string tensor can be read.
func FuzzStrings(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 'a', 0, 0, 0, 0}, int64(2))
	f.Add([]byte{255, 255, 255, 255}, int64(1))
	f.Fuzz(func(t *testing.T, data []byte, n int64) {
		tensor := sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{n}, Data: data}
		elements, err := tensor.Strings()
		if (err == nil) != (tensor.Validate() == nil) {
			t.Fatalf("Strings: %v, Validate: %v", err, tensor.Validate())
		}
		if err != nil {
			return
		}
		back, err := sampan.OfStrings(sampan.Shape{n}, elements)
		if err != nil || !bytes.Equal(back.Data, data) {
			t.Fatalf("%q came back as %q, %v", data, back.Data, err)
		}
	})
}

func BenchmarkView(b *testing.B) {
	for _, d := range []sampan.DType{sampan.Float32, sampan.Bool} {
		tensor, _ := sampan.New(d, sampan.Shape{1, 150528})
		b.Run(fmt.Sprint(d), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if d == sampan.Bool {
					_, err = sampan.View[bool](tensor)
				} else {
					_, err = sampan.View[float32](tensor)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
