package wire

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/sampanml/sampan"
)

func TestAppendResult(t *testing.T) {
	named := func(name string, tensor sampan.Tensor) sampan.Named {
		return sampan.Named{Name: name + "_0", Alias: name, Tensor: tensor}
	}
	price := named("price", mustOf[float32](t, sampan.Shape{1, 1}, 18.901151657104492))
	tests := map[string]struct {
		reply *sampan.Reply
		want  string
	}{
		"tutorial":    {outputs("op", price), `{"result":{"price":[[18.901151657104492]]}}`},
		"nothing":     {&sampan.Reply{}, `{"result":{}}`},
		"no alias":    {outputs("op", sampan.Named{Name: "a\"b", Tensor: price.Tensor}), `{"result":{"a\"b":[[18.901151657104492]]}}`},
		"two engines": {&sampan.Reply{Outputs: []sampan.Output{{Engine: "cnn", Tensors: []sampan.Named{price}}, {Engine: "bow", Tensors: []sampan.Named{price, price}}, {Engine: "none"}}}, `{"result":{"cnn":{"price":[[18.901151657104492]]},"bow":{"price":[[18.901151657104492]],"price":[[18.901151657104492]]},"none":{}}}`},
		"nested":      {outputs("", named("x", mustOf[int8](t, sampan.Shape{2, 1, 3}, 1, 2, 3, -4, -5, -6))), `{"result":{"x":[[[1,2,3]],[[-4,-5,-6]]]}}`},
		"scalar":      {outputs("", named("x", mustOf[float64](t, sampan.Shape{}, 1))), `{"result":{"x":1.0}}`},
		"one string":  {outputs("", named("x", mustStrings(t, sampan.Shape{}, "a\n\xff"))), `{"result":{"x":"a\n` + "\ufffd" + `"}}`},
		"strings":     {outputs("", named("x", mustStrings(t, sampan.Shape{2, 1}, "a", ""))), `{"result":{"x":[["a"],[""]]}}`},
		"bool":        {outputs("", named("x", mustOf[bool](t, sampan.Shape{2}, true, false))), `{"result":{"x":[true,false]}}`},
		"floats":      {outputs("", named("x", mustOf[float32](t, sampan.Shape{7}, 0.1, 1, 1e30, -0.5, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))))), `{"result":{"x":[0.10000000149011612,1.0,1.0000000150474662e30,-0.5,"NaN","Infinity","-Infinity"]}}`},
		"float16":     {outputs("", named("x", mustOf[sampan.F16](t, sampan.Shape{3}, 0x3c00, 0x2e66, 0x7c00))), `{"result":{"x":[1.0,0.0999755859375,"Infinity"]}}`},
		"bfloat16":    {outputs("", named("x", mustOf[sampan.BF16](t, sampan.Shape{2}, 0x3f80, 0x3dcd))), `{"result":{"x":[1.0,0.10009765625]}}`},
		"integers": {outputs("",
			named("a", mustOf[int64](t, sampan.Shape{1}, math.MinInt64)), named("b", mustOf[uint64](t, sampan.Shape{1}, math.MaxUint64)),
			named("c", mustOf[int32](t, sampan.Shape{1}, math.MinInt32)), named("d", mustOf[uint32](t, sampan.Shape{1}, math.MaxUint32)),
			named("e", mustOf[int16](t, sampan.Shape{1}, math.MinInt16)), named("f", mustOf[uint16](t, sampan.Shape{1}, math.MaxUint16)),
			named("g", mustOf[uint8](t, sampan.Shape{1}, 255))),
			`{"result":{"a":[-9223372036854775808],"b":[18446744073709551615],"c":[-2147483648],"d":[4294967295],"e":[-32768],"f":[65535],"g":[255]}}`},
		"lod":           {outputs("", named("x", withLoD(mustOf[int8](t, sampan.Shape{3, 1}, 1, 2, 3), []int64{0, 2, 3})), price), `{"result":{"x":[[1],[2],[3]],"x.lod":[0,2,3],"price":[[18.901151657104492]]}}`},
		"two levels":    {outputs("", named("x", withLoD(mustOf[int8](t, sampan.Shape{3}, 1, 2, 3), []int64{0, 2}, []int64{0, 2, 3}))), `{"result":{"x":[1,2,3],"x.lod":[[0,2],[0,2,3]]}}`},
		"no rows":       {outputs("", named("x", mustOf[float32](t, sampan.Shape{0, 6}))), `{"result":{"x":[]}}`},
		"empty rows":    {outputs("", named("x", mustOf[float32](t, sampan.Shape{2, 0}))), `{"result":{"x":[[],[]]}}`},
		"empty, deep":   {outputs("", named("x", mustOf[float32](t, sampan.Shape{2, 0, 1 << 40}))), `{"result":{"x":[[],[]]}}`},
		"empty strings": {outputs("", named("x", mustStrings(t, sampan.Shape{1, 0}))), `{"result":{"x":[[]]}}`},
	}
	for name, test := range tests {
		got, err := AppendResult([]byte("before "), test.reply)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(got) != "before "+test.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, test.want)
		}
		if !json.Valid(got[len("before "):]) {
			t.Errorf("%s: not JSON", name)
		}
	}
}

func TestAppendResultRefuses(t *testing.T) {
	data := make([]byte, 8)
	tests := map[string]struct {
		in   sampan.Tensor
		code sampan.Code
		want string
	}{
		"complex64":      {sampan.Tensor{DType: sampan.Complex64, Shape: sampan.Shape{1}, Data: data}, sampan.Unimplemented, `output "price": complex64 elements cannot be written in this dialect`},
		"int4":           {sampan.Tensor{DType: sampan.Int4, Shape: sampan.Shape{16}, Data: data}, sampan.Unimplemented, `output "price": int4 elements cannot be written in this dialect`},
		"short":          {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{3}, Data: data}, sampan.Internal, `output "price": 8 bytes of float32 do not fill shape [3]`},
		"strings":        {sampan.Tensor{DType: sampan.String, Shape: sampan.Shape{3}, Data: data}, sampan.Internal, `output "price": 2 strings, want 3 for the shape`},
		"endless":        {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1 << 40, 0}}, sampan.Internal, `output "price": shape [1099511627776 0] has too many empty lists to write`},
		"endless, twice": {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1 << 10, 1 << 10, 0}}, sampan.Internal, `output "price": shape [1024 1024 0] has too many empty lists to write`},
	}
	for name, test := range tests {
		dst, err := AppendResult([]byte("before"), outputs("", sampan.Named{Name: "fc", Alias: "price", Tensor: test.in}))
		wantError(t, name, err, test.code, test.want)
		if string(dst) != "before" {
			t.Errorf("%s: dst is %q", name, dst)
		}
	}
}
