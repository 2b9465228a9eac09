package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// everyType has a tensor of every type that the protocol can name.
func everyType(t *testing.T) []sampan.Named {
	t.Helper()
	lod := mustOf[int64](t, sampan.Shape{5, 1}, 1, 2, 3, 4, 5)
	lod.LoD = sampan.LoD{{0, 2, 5}}
	lod2 := mustOf[int64](t, sampan.Shape{5, 1}, 1, 2, 3, 4, 5)
	lod2.LoD = sampan.LoD{{0, 1, 3}, {0, 0, 2, 5}}
	return []sampan.Named{
		{Name: "i64", Alias: "a", Tensor: mustOf[int64](t, sampan.Shape{2, 1}, math.MinInt64, math.MaxInt64)},
		{Name: "f32", Tensor: mustOf[float32](t, sampan.Shape{1, 3}, 1.5, float32(math.Inf(-1)), float32(math.NaN()))},
		{Name: "i32", Tensor: mustOf[int32](t, sampan.Shape{2}, math.MinInt32, math.MaxInt32)},
		{Name: "f64", Tensor: mustOf[float64](t, sampan.Shape{2}, 0.1, 5e-324)},
		{Name: "i16", Tensor: mustOf[int16](t, sampan.Shape{3}, -1, 0, 1)},
		{Name: "f16", Tensor: mustOf[sampan.F16](t, sampan.Shape{2}, 0x3c00, 0x7c00)},
		{Name: "bf16", Tensor: mustOf[sampan.BF16](t, sampan.Shape{2}, 0x3f80, 0)},
		{Name: "u8", Tensor: mustOf[uint8](t, sampan.Shape{2, 2}, 0, 1, 2, 255)},
		{Name: "i8", Tensor: mustOf[int8](t, sampan.Shape{2}, -128, 127)},
		{Name: "bool", Tensor: mustOf[bool](t, sampan.Shape{2}, true, false)},
		{Name: "c64", Tensor: mustOf[complex64](t, sampan.Shape{2}, 1+2i, -3i)},
		{Name: "c128", Tensor: mustOf[complex128](t, sampan.Shape{1}, 1+2i)},
		{Name: "string", Tensor: mustStrings(t, sampan.Shape{1, 3}, "a", "", "héllo")},
		{Name: "empty", Tensor: mustOf[float32](t, sampan.Shape{0, 4})},
		{Name: "no strings", Tensor: mustStrings(t, sampan.Shape{0})},
		{Name: "no bytes", Tensor: mustOf[uint8](t, sampan.Shape{3, 0})},
		{Name: "lod", Tensor: lod},
		{Name: "lod2", Tensor: lod2},
		{Tensor: mustOf[float32](t, sampan.Shape{1}, 1)},
	}
}

// TestRoundTrip sends a tensor of every type that the protocol can name to the server
// and back.
func TestRoundTrip(t *testing.T) {
	inputs := everyType(t)
	in := &sampan.Request{Inputs: inputs, Outputs: []string{"price"}, Profile: true, LogID: math.MaxUint64}
	m, err := ToRequest(in)
	if err != nil {
		t.Fatal(err)
	}
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	received := &message{}
	if err := proto.Unmarshal(data, received); err != nil {
		t.Fatal(err)
	}
	out, err := FromRequest(received)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Outputs, in.Outputs) || out.Profile != in.Profile || out.LogID != in.LogID {
		t.Errorf("%+v, want %+v", out, in)
	}
	sameNamed(t, out.Inputs, inputs)

	reply := &sampan.Reply{
		Outputs: []sampan.Output{{Engine: "cnn", Tensors: inputs}, {Engine: "bow", Tensors: inputs[:1]}},
		Profile: []int64{1, math.MaxInt64},
	}
	r, err := ToResponse(reply, in)
	if err != nil {
		t.Fatal(err)
	}
	if r.LogId != in.LogID || !r.ProfileServer {
		t.Errorf("log id %d, profile %v are no echo", r.LogId, r.ProfileServer)
	}
	if data, err = proto.Marshal(r); err != nil {
		t.Fatal(err)
	}
	answer := &generalmodel.Response{}
	if err := proto.Unmarshal(data, answer); err != nil {
		t.Fatal(err)
	}
	back, err := FromResponse(answer)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Outputs) != 2 || back.Outputs[0].Engine != "cnn" || back.Outputs[1].Engine != "bow" || !slices.Equal(back.Profile, reply.Profile) {
		t.Fatalf("reply is %+v", back)
	}
	sameNamed(t, back.Outputs[0].Tensors, inputs)
	sameNamed(t, back.Outputs[1].Tensors, inputs[:1])
}

func TestFromRequestShares(t *testing.T) {
	m := &generalmodel.Tensor{ElemType: 1, Shape: []int32{2}, FloatData: []float32{1, 2}}
	r, err := FromRequest(requestOf(m))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := sampan.View[float32](r.Inputs[0].Tensor); &got[0] != &m.FloatData[0] {
		t.Error("float_data was copied")
	}
	back, err := ToRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	if &back.Tensor[0].FloatData[0] != &m.FloatData[0] {
		t.Error("float_data was copied on the way back")
	}
	content := make([]byte, 8)
	r, err = FromRequest(requestOf(&generalmodel.Tensor{ElemType: 5, TensorContent: content}))
	if err != nil {
		t.Fatal(err)
	}
	if &r.Inputs[0].Tensor.Data[0] != &content[0] {
		t.Error("tensor_content was copied")
	}
}

func TestFromRequestAligns(t *testing.T) {
	backing := sampan.Bytes(make([]uint64, 4))
	for _, elem := range []int32{0, 1, 2, 3, 4, 5, 6, 10, 11} {
		r, err := FromRequest(requestOf(&generalmodel.Tensor{ElemType: elem, TensorContent: backing[1:17]}))
		if err != nil {
			t.Fatal(err)
		}
		tensor := r.Inputs[0].Tensor
		if p := uintptr(unsafe.Pointer(&tensor.Data[0])); p%8 != 0 || len(tensor.Data) != 16 {
			t.Errorf("elem_type %d: %d bytes at address %#x", elem, len(tensor.Data), p)
		}
	}
	misaligned := sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{4}, Data: backing[1:17]}
	m, err := ToRequest(&sampan.Request{Inputs: []sampan.Named{{Tensor: misaligned}}})
	if err != nil || len(m.Tensor[0].FloatData) != 4 {
		t.Errorf("a misaligned tensor: %v", err)
	}
}

func TestFromRequest(t *testing.T) {
	tests := map[string]struct {
		in   *generalmodel.Tensor
		want sampan.Tensor
	}{
		"no shape":             {&generalmodel.Tensor{Int64Data: []int64{1, 2}}, mustOf[int64](t, sampan.Shape{2}, 1, 2)},
		"no shape, raw":        {&generalmodel.Tensor{ElemType: 4, TensorContent: []byte{1, 0, 2, 0}}, mustOf[int16](t, sampan.Shape{2}, 1, 2)},
		"no shape, complex":    {&generalmodel.Tensor{ElemType: 10, Complex64Data: []float32{1, 2}}, mustOf[complex64](t, sampan.Shape{1}, 1+2i)},
		"raw int64":            {&generalmodel.Tensor{TensorContent: []byte{1, 0, 0, 0, 0, 0, 0, 0}, Shape: []int32{1, 1}}, mustOf[int64](t, sampan.Shape{1, 1}, 1)},
		"raw float32":          {&generalmodel.Tensor{ElemType: 1, TensorContent: []byte{0, 0, 0x80, 0x3f}}, mustOf[float32](t, sampan.Shape{1}, 1)},
		"raw bool":             {&generalmodel.Tensor{ElemType: 9, TensorContent: []byte{1, 0}}, mustOf[bool](t, sampan.Shape{2}, true, false)},
		"raw complex128":       {&generalmodel.Tensor{ElemType: 11, TensorContent: make([]byte, 32)}, mustOf[complex128](t, sampan.Shape{2}, 0, 0)},
		"empty sequence first": {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{0, 0, 2}}, withLoD(mustOf[int64](t, sampan.Shape{2}, 1, 2), []int64{0, 0, 2})},
		"two levels":           {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{0, 2, 0, 1, 2}}, withLoD(mustOf[int64](t, sampan.Shape{2}, 1, 2), []int64{0, 2}, []int64{0, 1, 2})},
	}
	for name, test := range tests {
		r, err := FromRequest(requestOf(test.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := r.Inputs[0]; !sameTensor(got.Tensor, test.want) {
			t.Errorf("%s: %s, want %s", name, dump(got), dump(sampan.Named{Tensor: test.want}))
		}
	}
}

func TestFromRequestRefuses(t *testing.T) {
	tests := map[string]struct {
		in   *generalmodel.Tensor
		want string
	}{
		"too few":            {&generalmodel.Tensor{AliasName: "x", Name: "y", ElemType: 1, Shape: []int32{1, 13}, FloatData: make([]float32, 12)}, `tensor "x": 12 floats for shape [1 13], want 13`},
		"one too many":       {&generalmodel.Tensor{Name: "y", Shape: []int32{0}, Int64Data: []int64{0}}, `tensor "y": 1 int64 for shape [0], want 0`},
		"no data":            {&generalmodel.Tensor{ElemType: 20, Shape: []int32{2}}, `tensor 0: 0 strings for shape [2], want 2`},
		"too few bytes":      {&generalmodel.Tensor{ElemType: 4, Shape: []int32{1, 13}, TensorContent: make([]byte, 24)}, `tensor 0: 24 bytes of int16 for shape [1 13], want 26`},
		"half an element":    {&generalmodel.Tensor{ElemType: 4, TensorContent: make([]byte, 3)}, `tensor 0: 3 bytes of int16, want a multiple of 2`},
		"no bytes":           {&generalmodel.Tensor{ElemType: 7, Shape: []int32{2}}, `tensor 0: 0 bytes of uint8 for shape [2], want 2`},
		"negative":           {&generalmodel.Tensor{ElemType: 1, Shape: []int32{-1, 13}, FloatData: make([]float32, 13)}, `tensor 0: shape [-1 13] has a negative size`},
		"negative twice":     {&generalmodel.Tensor{ElemType: 1, Shape: []int32{-1, -13}, FloatData: make([]float32, 13)}, `tensor 0: shape [-1 -13] has a negative size`},
		"overflow":           {&generalmodel.Tensor{ElemType: 1, Shape: []int32{math.MaxInt32, math.MaxInt32, 16}}, `tensor 0: shape [2147483647 2147483647 16] is too large`},
		"overflow in bytes":  {&generalmodel.Tensor{ElemType: 5, Shape: []int32{math.MaxInt32, math.MaxInt32, 2}}, `tensor 0: shape [2147483647 2147483647 2] is too large`},
		"rank":               {&generalmodel.Tensor{ElemType: 1, Shape: make([]int32, 65)}, `tensor 0: shape has 65 sizes, want at most 64`},
		"unknown type":       {&generalmodel.Tensor{Name: "x", ElemType: 12}, `tensor "x": elem_type 12 is not known`},
		"negative type":      {&generalmodel.Tensor{Name: "x", ElemType: -1}, `tensor "x": elem_type -1 is not known`},
		"no elem_type":       {&generalmodel.Tensor{Name: "x", FloatData: []float32{1}}, `tensor "x": data in float_data, but elem_type 0 (int64) takes int64_data`},
		"two fields":         {&generalmodel.Tensor{ElemType: 1, FloatData: []float32{1}, Int64Data: []int64{1}}, `tensor 0: data in int64_data, but elem_type 1 (float32) takes float_data`},
		"uint32_data":        {&generalmodel.Tensor{ElemType: 2, Uint32Data: []uint32{1}}, `tensor 0: data in uint32_data, but elem_type 2 (int32) takes int_data`},
		"wrong for raw":      {&generalmodel.Tensor{ElemType: 7, IntData: []int32{1}}, `tensor 0: data in int_data, but elem_type 7 (uint8) takes tensor_content`},
		"both":               {&generalmodel.Tensor{ElemType: 1, FloatData: []float32{1}, TensorContent: make([]byte, 4)}, `tensor 0: data in both float_data and tensor_content`},
		"raw strings":        {&generalmodel.Tensor{ElemType: 20, TensorContent: []byte("a")}, `tensor 0: data in tensor_content, but elem_type 20 (string) takes data`},
		"raw bool":           {&generalmodel.Tensor{ElemType: 9, TensorContent: []byte{1, 7}}, `tensor 0: bool element 1 is 7, want 0 or 1`},
		"odd complex":        {&generalmodel.Tensor{ElemType: 10, Complex64Data: []float32{1, 2, 3}}, `tensor 0: an odd number of values in complex64_data, want real and imaginary parts`},
		"odd complex128":     {&generalmodel.Tensor{ElemType: 11, Complex128Data: []float64{1}}, `tensor 0: an odd number of values in complex128_data, want real and imaginary parts`},
		"nothing":            {&generalmodel.Tensor{}, `tensor 0: neither shape nor data`},
		"nil":                {nil, `tensor 0: neither shape nor data`},
		"lod start":          {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{1, 2}}, `tensor 0: lod starts with 1, want 0`},
		"lod falls":          {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{0, 2, 1}}, `tensor 0: lod falls from 2 to 1, want a rise or a 0`},
		"lod negative":       {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{0, -2}}, `tensor 0: lod falls from 0 to -2, want a rise or a 0`},
		"lod end":            {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{0, 1}}, `tensor 0: lod level 0 ends at 1, want the number of rows, 2`},
		"lod levels":         {&generalmodel.Tensor{Int64Data: []int64{1, 2}, Lod: []int32{0, 3, 0, 1, 2}}, `tensor 0: lod level 0 ends at 3, want the number of sequences, 2`},
		"lod three levels":   {&generalmodel.Tensor{Int64Data: []int64{1}, Lod: []int32{0, 1, 0, 1, 0, 1}}, `tensor 0: lod has 3 levels, want at most 2`},
		"long name":          {&generalmodel.Tensor{Name: strings.Repeat("n", 1000)}, `tensor "` + strings.Repeat("n", 64) + `…": neither shape nor data`},
		"string count":       {&generalmodel.Tensor{Name: "s", ElemType: 20, Shape: []int32{1}, Data: []string{"a", "b"}}, `tensor "s": 2 strings for shape [1], want 1`},
		"one double, two of": {&generalmodel.Tensor{ElemType: 3, Shape: []int32{2}, Float64Data: []float64{1}}, `tensor 0: 1 double for shape [2], want 2`},
	}
	for name, test := range tests {
		_, err := FromRequest(requestOf(test.in))
		wantError(t, name, err, sampan.InvalidArgument, test.want)
	}
	_, err := FromRequest(requestOf(make([]*generalmodel.Tensor, 4097)...))
	wantError(t, "tensors", err, sampan.InvalidArgument, "4097 tensors, want at most 4096")
}

func TestToRequestRefuses(t *testing.T) {
	data := make([]byte, 64)
	tests := map[string]struct {
		in   sampan.Tensor
		code sampan.Code
		want string
	}{
		"uint16":   {sampan.Tensor{DType: sampan.Uint16, Shape: sampan.Shape{1}, Data: data[:2]}, sampan.Unimplemented, `input "x": uint16 elements have no elem_type in this protocol`},
		"float8":   {sampan.Tensor{DType: sampan.Float8E4M3FN, Shape: sampan.Shape{1}, Data: data[:1]}, sampan.Unimplemented, `input "x": float8e4m3fn elements have no elem_type in this protocol`},
		"invalid":  {sampan.Tensor{}, sampan.InvalidArgument, `input "x": dtype invalid is not known`},
		"short":    {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{3}, Data: data[:8]}, sampan.InvalidArgument, `input "x": 8 bytes of float32 do not fill shape [3]`},
		"bool":     {sampan.Tensor{DType: sampan.Bool, Shape: sampan.Shape{1}, Data: []byte{2}}, sampan.InvalidArgument, `input "x": bool element 0 is 2, want 0 or 1`},
		"wide":     {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{0, 1 << 31}}, sampan.InvalidArgument, `input "x": shape [0 2147483648] is beyond the protocol's 32 bits`},
		"not utf8": {mustStrings(t, sampan.Shape{2}, "a", "\xff"), sampan.InvalidArgument, `input "x": string 1 is not UTF-8, as this protocol wants`},
		"lod":      {withLoD(mustOf[int8](t, sampan.Shape{2}, 1, 2), []int64{0, 3}), sampan.InvalidArgument, `input "x": lod level 0 ends at 3, want the number of rows, 2`},
		"wide lod": {withLoD(sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1 << 31, 0}}, []int64{0, 1 << 31}), sampan.InvalidArgument, `input "x": shape [2147483648 0] is beyond the protocol's 32 bits`},
	}
	for name, test := range tests {
		_, err := ToRequest(&sampan.Request{Inputs: []sampan.Named{{Name: "v", Alias: "x", Tensor: test.in}}})
		wantError(t, name, err, test.code, test.want)
	}
	if _, err := toLoD(sampan.LoD{{0, 1 << 31}}); err == nil {
		t.Error("a lod offset of 2^31 passed")
	}
}

func TestScalarArrivesAsOne(t *testing.T) {
	m, err := ToRequest(&sampan.Request{Inputs: []sampan.Named{{Tensor: mustOf[float32](t, sampan.Shape{}, 3)}}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := FromRequest(m)
	if err != nil || !r.Inputs[0].Tensor.Shape.Equal(sampan.Shape{1}) {
		t.Errorf("%v, %v", r, err)
	}
}

// TestRealClient reads what the unmodified Paddle Serving 0.9.0 client wrote: each file
// is one baidu_std frame (12 bytes of header, meta, message).
func TestRealClient(t *testing.T) {
	files, _ := filepath.Glob("testdata/paddle_client_0.9.0/*.bin")
	if len(files) < 9 {
		t.Fatalf("%d files, want 9", len(files))
	}
	for _, file := range files {
		r, err := FromRequest(readFrame(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		text := fmt.Sprintf("outputs=%q log_id=%d\n", r.Outputs, r.LogID)
		for _, n := range r.Inputs {
			text += dump(n) + "\n"
		}
		golden := strings.TrimSuffix(file, ".bin") + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if text != string(want) {
			t.Errorf("%s:\n%swant\n%s", file, text, want)
		}
	}
}

func readFrame(t testing.TB, file string) *message {
	frame, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	meta := int(binary.BigEndian.Uint32(frame[8:]))
	m := &message{}
	if err := proto.Unmarshal(frame[12+meta:], m); err != nil {
		t.Fatal(err)
	}
	return m
}

func FuzzFromRequest(f *testing.F) {
	files, _ := filepath.Glob("testdata/paddle_client_0.9.0/*.bin")
	for _, file := range files {
		data, _ := proto.Marshal(readFrame(f, file))
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &message{}
		if proto.Unmarshal(data, m) != nil {
			return
		}
		r, err := FromRequest(m)
		if err != nil {
			if sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Fatalf("code %v: %v", sampan.CodeOf(err), err)
			}
			return
		}
		for _, n := range r.Inputs {
			if err := n.Tensor.Validate(); err != nil {
				t.Fatalf("%s: %v", dump(n), err)
			}
		}
		m2, err := ToRequest(r)
		if err != nil {
			t.Fatal(err)
		}
		data, err = proto.Marshal(m2)
		if err != nil {
			t.Fatal(err)
		}
		m3 := &message{}
		if err := proto.Unmarshal(data, m3); err != nil {
			t.Fatal(err)
		}
		r2, err := FromRequest(m3)
		if err != nil {
			t.Fatal(err)
		}
		sameNamed(t, r2.Inputs, r.Inputs)
		if !slices.Equal(r2.Outputs, r.Outputs) || r2.Profile != r.Profile || r2.LogID != r.LogID {
			t.Fatalf("%+v, want %+v", r2, r)
		}
	})
}
