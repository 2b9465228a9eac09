package pipewire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/pipewire"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

func of[T sampan.Element](t testing.TB, values ...T) sampan.Tensor {
	t.Helper()
	out, err := sampan.Of(sampan.Shape{1, int64(len(values))}, values)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThereAndBack has every type that the message has a field for, under the number and
// in the field of Paddle Serving's proto file.
func TestThereAndBack(t *testing.T) {
	for _, c := range []struct {
		array sampan.Tensor
		want  *pipelineserving.Tensor
	}{
		{of[int64](t, 1, -1<<63), &pipelineserving.Tensor{ElemType: 0, Int64Data: []int64{1, -1 << 63}}},
		{of[float32](t, 1.5, -2), &pipelineserving.Tensor{ElemType: 1, FloatData: []float32{1.5, -2}}},
		{of[int32](t, 1, -2), &pipelineserving.Tensor{ElemType: 2, IntData: []int32{1, -2}}},
		{of(t, 1.5, -2), &pipelineserving.Tensor{ElemType: 3, Float64Data: []float64{1.5, -2}}},
		{of[int16](t, 1, -2), &pipelineserving.Tensor{ElemType: 4, IntData: []int32{1, -2}}},
		{of[sampan.F16](t, 0x3c00, 0xc000), &pipelineserving.Tensor{ElemType: 5, FloatData: []float32{1, -2}}},
		{of[uint16](t, 1, 0xffff), &pipelineserving.Tensor{ElemType: 6, Uint32Data: []uint32{1, 0xffff}}},
		{of[uint8](t, 1, 255), &pipelineserving.Tensor{ElemType: 7, Uint32Data: []uint32{1, 255}}},
		{of[int8](t, 1, -2), &pipelineserving.Tensor{ElemType: 8, IntData: []int32{1, -2}}},
		{of(t, true, false), &pipelineserving.Tensor{ElemType: 9, BoolData: []bool{true, false}}},
	} {
		c.want.Name, c.want.Shape = "x", []int32{1, 2}
		got, err := pipewire.Encode("x", c.array)
		if err != nil || !proto.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.array.DType, got, err, c.want)
			continue
		}
		back, err := pipewire.Decode(got)
		if err != nil || !cmp.Equal(back, c.array) {
			t.Errorf("%s back: %+v, %v", c.array.DType, back, err)
		}
		if got, err = pipewire.EncodeBytes("x", c.array); err != nil {
			t.Fatal(err)
		}
		if back, err = pipewire.Decode(got); err != nil || !cmp.Equal(back, c.array) || got.GetElemType() != 13 {
			t.Errorf("%s back from bytes: %+v, %v", c.array.DType, back, err)
		}
	}
}

func TestText(t *testing.T) {
	text, ok := pipewire.Text(&pipelineserving.Tensor{ElemType: 12, StrData: []string{"a", "", "bc"}})
	if !ok || text != "abc" {
		t.Errorf("%q, %v", text, ok)
	}
	if text, ok := pipewire.Text(pipewire.EncodeText("x", "abc")); !ok || text != "abc" {
		t.Errorf("%q, %v", text, ok)
	}
	if _, ok := pipewire.Text(&pipelineserving.Tensor{ElemType: 1}); ok {
		t.Error("numbers are a text")
	}
}

// TestLies are messages that say one thing and hold another.
func TestLies(t *testing.T) {
	floats := []float32{1, 2}
	for _, c := range []struct {
		tensor *pipelineserving.Tensor
		want   string
	}{
		{&pipelineserving.Tensor{ElemType: 1, FloatData: floats}, "cannot reshape array of size 2 into shape ()"},
		{&pipelineserving.Tensor{ElemType: 1, FloatData: floats, Shape: []int32{3}}, "cannot reshape array of size 2 into shape (3,)"},
		{&pipelineserving.Tensor{ElemType: 1, FloatData: floats, Shape: []int32{-1, -2}}, "into shape (-1,-2)"},
		{&pipelineserving.Tensor{ElemType: 1, Shape: []int32{1 << 30, 1 << 30, 16}}, "array of size 0 into shape (1073741824,1073741824,16)"},
		{&pipelineserving.Tensor{ElemType: 0, FloatData: floats, Shape: []int32{2}}, "array of size 0 into shape (2,)"},
		{&pipelineserving.Tensor{ElemType: 10, Name: "c"}, "Sorry, the type 10 of tensor c is not supported."},
		{&pipelineserving.Tensor{ElemType: 11}, "Sorry, the type 11"},
		{&pipelineserving.Tensor{ElemType: 14}, "elem_type:14 error"},
		{&pipelineserving.Tensor{ElemType: -1}, "elem_type:-1 error"},
		{&pipelineserving.Tensor{ElemType: 13, Name: "b", ByteData: []byte("\x93NUMPY")}, "tensor b: "},
	} {
		if _, err := pipewire.Decode(c.tensor); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.tensor, err, c.want)
		}
	}
	if _, _, err := pipewire.LoD(&pipelineserving.Tensor{Lod: []int32{0, 1, 2}}); err == nil {
		t.Error("three offsets were taken for pairs")
	}
	for _, large := range []sampan.Tensor{
		{DType: sampan.Float32, Shape: sampan.Shape{0, 1 << 31}},
		{DType: sampan.Float32, Shape: sampan.Shape{0}, LoD: sampan.LoD{{0, 1 << 31}}},
	} {
		if _, err := pipewire.Encode("x", large); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%+v: %v, want InvalidArgument", large, err)
		}
	}
	for _, dtype := range []sampan.DType{sampan.Uint32, sampan.String, sampan.Invalid} {
		if _, err := pipewire.Encode("x", sampan.Tensor{DType: dtype, Shape: sampan.Shape{0}}); sampan.CodeOf(err) != sampan.Unimplemented {
			t.Errorf("%s: %v, want Unimplemented", dtype, err)
		}
	}
}

func TestLoD(t *testing.T) {
	array := of[int64](t, 1, 2, 3)
	array.Shape = sampan.Shape{3, 1}
	array.LoD = sampan.LoD{{0, 1, 2, 3}}
	m, err := pipewire.Encode("x", array)
	if err != nil || !slices.Equal(m.GetLod(), []int32{0, 1, 2, 3}) {
		t.Fatalf("%v, %v", m, err)
	}
	lod, ok, err := pipewire.LoD(m)
	offsets, _ := sampan.View[int32](lod)
	if err != nil || !ok || !slices.Equal(lod.Shape, sampan.Shape{2, 2}) || !slices.Equal(offsets, []int32{0, 1, 2, 3}) {
		t.Errorf("%+v, %v, %v", lod, ok, err)
	}
	if _, ok, err := pipewire.LoD(&pipelineserving.Tensor{}); ok || err != nil {
		t.Errorf("none: %v, %v", ok, err)
	}
}

// FuzzDecode takes any message: what is not refused is an array as valid as any, and is the
// same after another way there and back.
func FuzzDecode(f *testing.F) {
	for _, m := range []*pipelineserving.Tensor{
		{ElemType: 1, FloatData: []float32{1, 2}, Shape: []int32{1, 2}, Lod: []int32{0, 1}},
		{ElemType: 5, FloatData: []float32{1e9, 2}, Shape: []int32{2}},
		{ElemType: 9, BoolData: []bool{true}, Shape: []int32{1}},
		{ElemType: 13, ByteData: []byte("\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }            \n12345678")},
	} {
		data, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &pipelineserving.Tensor{}
		if proto.Unmarshal(data, m) != nil {
			return
		}
		if lod, ok, err := pipewire.LoD(m); err == nil && ok {
			if err := lod.Validate(); err != nil {
				t.Error(err)
			}
		}
		array, err := pipewire.Decode(m)
		if err != nil {
			return
		}
		if err := array.Validate(); err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		again, err := pipewire.EncodeBytes("x", array)
		if err != nil {
			return
		}
		if back, err := pipewire.Decode(again); err != nil || !cmp.Equal(back, array) {
			t.Errorf("%+v, %v, want %+v", back, err, array)
		}
	})
}
