package wire

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

func outputs(engine string, tensors ...sampan.Named) *sampan.Reply {
	return &sampan.Reply{Outputs: []sampan.Output{{Engine: engine, Tensors: tensors}}}
}

// TestAppendJSON has what a real brpc 1.0.0-rc01 server answered, but for the tutorial's
// number, which it wrote with one digit off the shortest, and for NaN and infinity,
// which it wrote as numbers that no double holds.
func TestAppendJSON(t *testing.T) {
	const op = "GeneralInferOp_0"
	price := sampan.Named{Name: "fc_0.tmp_1", Alias: "price", Tensor: mustOf[float32](t, sampan.Shape{1, 1}, 18.901151657104492)}
	nan, inf := math.NaN(), math.Inf(1)
	tests := map[string]struct {
		reply *sampan.Reply
		req   *sampan.Request
		want  string
	}{
		"tutorial": {&sampan.Reply{Outputs: []sampan.Output{{Engine: op, Tensors: []sampan.Named{price}}}, Profile: []int64{1763874000000000, 1763874000000123}}, nil,
			`{"outputs":[{"tensor":[{"float_data":[18.901151657104492],"elem_type":1,"shape":[1,1],"name":"fc_0.tmp_1","alias_name":"price"}],"engine_name":"GeneralInferOp_0"}],"profile_time":[1763874000000000,1763874000000123]}`},
		"echo of the request": {&sampan.Reply{}, &sampan.Request{Profile: true, LogID: math.MaxUint64}, `{"profile_server":true,"log_id":18446744073709551615}`},
		"nothing":             {&sampan.Reply{}, &sampan.Request{}, `{}`},
		"engine alone":        {outputs(""), nil, `{"outputs":[{}]}`},
		"two engines":         {&sampan.Reply{Outputs: []sampan.Output{{Engine: "cnn"}, {Engine: "bow"}}}, nil, `{"outputs":[{"engine_name":"cnn"},{"engine_name":"bow"}]}`},
		"int64": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[int64](t, sampan.Shape{4}, math.MaxInt64, math.MinInt64, 0, 9007199254740993)}), nil,
			`{"outputs":[{"tensor":[{"int64_data":[9223372036854775807,-9223372036854775808,0,9007199254740993],"shape":[4],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"int32": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[int32](t, sampan.Shape{3}, 1, math.MinInt32, math.MaxInt32)}), nil,
			`{"outputs":[{"tensor":[{"int_data":[1,-2147483648,2147483647],"elem_type":2,"shape":[3],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"double": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf(t, sampan.Shape{8}, 0.1, 1e+300, 5e-324, math.Copysign(0, -1), 1.0, 100000.0, 1e+21, 123456789.125)}), nil,
			`{"outputs":[{"tensor":[{"float64_data":[0.1,1e300,5e-324,-0.0,1.0,100000.0,1e21,123456789.125],"elem_type":3,"shape":[8],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"float": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[float32](t, sampan.Shape{8}, 0.1, 1e+30, 1e-45, float32(math.Copysign(0, -1)), 1.0, 100000.0, 16777217, 3.4028235e+38)}), nil,
			`{"outputs":[{"tensor":[{"float_data":[0.10000000149011612,1.0000000150474662e30,1.401298464324817e-45,-0.0,1.0,100000.0,16777216.0,3.4028234663852886e38],"elem_type":1,"shape":[8],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"bool": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[bool](t, sampan.Shape{2}, true, false)}), nil,
			`{"outputs":[{"tensor":[{"bool_data":[true,false],"elem_type":9,"shape":[2],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"string": {outputs(op, sampan.Named{Name: "e", Tensor: mustStrings(t, sampan.Shape{3}, "héllo", "a\"b\\c/\n\t\x01\u2028<>&", "")}), nil,
			`{"outputs":[{"tensor":[{"data":["héllo","a\"b\\c/\n\t\u0001` + "\u2028" + `<>&",""],"elem_type":20,"shape":[3],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"not utf-8": {outputs(op, sampan.Named{Name: "e", Tensor: mustStrings(t, sampan.Shape{1}, "a\xff\xfeb\b\f\r\x1f\x7f")}), nil,
			`{"outputs":[{"tensor":[{"data":["a` + "\ufffd\ufffd" + `b\b\f\r\u001f` + "\x7f" + `"],"elem_type":20,"shape":[1],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"bytes": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[uint8](t, sampan.Shape{4}, 0, 1, 2, 255)}), nil,
			`{"outputs":[{"tensor":[{"elem_type":7,"shape":[4],"name":"e","tensor_content":"AAEC/w=="}],"engine_name":"GeneralInferOp_0"}]}`},
		"lod": {outputs(op, sampan.Named{Name: "e", Tensor: withLoD(mustOf[int64](t, sampan.Shape{3, 1}, 1, 2, 3), []int64{0, 2, 3})}), nil,
			`{"outputs":[{"tensor":[{"int64_data":[1,2,3],"shape":[3,1],"lod":[0,2,3],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"zero shape": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[float32](t, sampan.Shape{0, 4})}), nil,
			`{"outputs":[{"tensor":[{"elem_type":1,"shape":[0,4],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"no numbers": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf[float32](t, sampan.Shape{3}, float32(nan), float32(inf), float32(-inf))}), nil,
			`{"outputs":[{"tensor":[{"float_data":["NaN","Infinity","-Infinity"],"elem_type":1,"shape":[3],"name":"e"}],"engine_name":"GeneralInferOp_0"}]}`},
		"complex": {outputs(op, sampan.Named{Name: "e", Tensor: mustOf(t, sampan.Shape{1}, complex64(1+2i))}, sampan.Named{Name: "f", Tensor: mustOf(t, sampan.Shape{1}, complex(0.1, nan))}), nil,
			`{"outputs":[{"tensor":[{"complex64_data":[1.0,2.0],"elem_type":10,"shape":[1],"name":"e"},{"complex128_data":[0.1,"NaN"],"elem_type":11,"shape":[1],"name":"f"}],"engine_name":"GeneralInferOp_0"}]}`},
	}
	for name, test := range tests {
		got, err := AppendJSON([]byte("before "), test.reply, test.req)
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

// TestAppendJSONAgreesWithProtojson reads replies with another decoder, which takes
// the same names and has no objection to NaN as a text.
func TestAppendJSONAgreesWithProtojson(t *testing.T) {
	reply := outputs("e\"ngine",
		sampan.Named{Name: "a", Alias: "b", Tensor: withLoD(mustOf[int64](t, sampan.Shape{2}, math.MaxInt64, -1), []int64{0, 1, 2})},
		sampan.Named{Name: "c", Tensor: mustOf[float32](t, sampan.Shape{2, 2}, 0.1, float32(math.NaN()), float32(math.Inf(-1)), 3e-39)},
		sampan.Named{Name: "d", Tensor: mustStrings(t, sampan.Shape{2}, "\x00\x1f é", `\"`)},
		sampan.Named{Name: "f", Tensor: mustOf[sampan.F16](t, sampan.Shape{1}, 1)},
	)
	req := &sampan.Request{Profile: true, LogID: 7}
	want, err := ToResponse(reply, req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := AppendJSON(nil, reply, req)
	if err != nil {
		t.Fatal(err)
	}
	got := &generalmodel.Response{}
	if err := protojson.Unmarshal(text, got); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestReplyRefuses(t *testing.T) {
	data := make([]byte, 8)
	tests := map[string]struct {
		in   sampan.Tensor
		code sampan.Code
		want string
	}{
		"uint16":    {sampan.Tensor{DType: sampan.Uint16, Shape: sampan.Shape{1}, Data: data[:2]}, sampan.Unimplemented, `output "price": uint16 elements have no elem_type in this protocol`},
		"uint64":    {sampan.Tensor{DType: sampan.Uint64, Shape: sampan.Shape{1}, Data: data}, sampan.Unimplemented, `output "price": uint64 elements have no elem_type in this protocol`},
		"invalid":   {sampan.Tensor{}, sampan.Internal, `output "price": dtype invalid is not known`},
		"short":     {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{3}, Data: data}, sampan.Internal, `output "price": 8 bytes of float32 do not fill shape [3]`},
		"raw short": {sampan.Tensor{DType: sampan.Uint8, Shape: sampan.Shape{3}, Data: data}, sampan.Internal, `output "price": 8 bytes of uint8 do not fill shape [3]`},
		"wide":      {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{0, 1 << 31}}, sampan.Internal, `output "price": shape [0 2147483648] is beyond the protocol's 32 bits`},
	}
	for name, test := range tests {
		reply := outputs("", sampan.Named{Name: "fc", Alias: "price", Tensor: test.in})
		_, err := ToResponse(reply, nil)
		wantError(t, name, err, test.code, test.want)
		wantError(t, name, new(Outgoing).Set(reply, nil), test.code, test.want)
		dst, err := AppendJSON([]byte("before"), reply, nil)
		wantError(t, name, err, test.code, test.want)
		if string(dst) != "before" {
			t.Errorf("%s: dst is %q", name, dst)
		}
	}
	texts := outputs("", sampan.Named{Tensor: mustStrings(t, sampan.Shape{2}, "a", "\xff")})
	_, err := ToResponse(texts, nil)
	wantError(t, "not utf-8", err, sampan.Internal, `output 0: string 1 is not UTF-8, as this protocol wants`)
	wantError(t, "not utf-8", new(Outgoing).Set(texts, nil), sampan.Internal, `output 0: string 1 is not UTF-8, as this protocol wants`)
}

func TestFromResponseRefuses(t *testing.T) {
	_, err := FromResponse(&generalmodel.Response{ErrNo: -5100, ErrMsg: "InferService inference failed!"})
	wantError(t, "err_no", err, sampan.Internal, "the server answered error -5100: InferService inference failed!")
	_, err = FromResponse(&generalmodel.Response{Outputs: []*generalmodel.ModelOutput{{Tensor: []*generalmodel.Tensor{{AliasName: "price", ElemType: 1, Shape: []int32{2}}}}}})
	wantError(t, "short", err, sampan.Internal, `reply: tensor "price": 0 floats for shape [2], want 2`)
}

// TestAppendFloat checks that floats are written in the form of json2pb, in the fewest
// digits that read back equal.
func TestAppendFloat(t *testing.T) {
	form := regexp.MustCompile(`^-?(\d+\.\d+|\d(\.\d+)?e-?[1-9]\d*)$`)
	digits := regexp.MustCompile(`[1-9](\d*[1-9])?`)
	significant := func(text string) string {
		mantissa := regexp.MustCompile(`e.*`).ReplaceAllString(text, "")
		return digits.FindString(regexp.MustCompile(`[.-]`).ReplaceAllString(mantissa, ""))
	}
	check := func(f float64) {
		t.Helper()
		text := string(appendFloat(nil, f))
		if !form.MatchString(text) {
			t.Errorf("%v is written %s", f, text)
		}
		if back, err := strconv.ParseFloat(text, 64); err != nil || math.Float64bits(back) != math.Float64bits(f) {
			t.Errorf("%v is written %s, which is %v, %v", f, text, back, err)
		}
		if got, want := significant(text), significant(strconv.FormatFloat(f, 'e', -1, 64)); got != want {
			t.Errorf("%v is written with digits %s, want %s", f, got, want)
		}
	}
	// The form changes where JavaScript's does.
	for want, f := range map[string]float64{
		"0.000001": 1e-6, "9.9e-7": 9.9e-7, "1e-7": 1e-7, "0.0000015": 1.5e-6, "-0.00001": -1e-5,
		"999999999999999900000.0": 999999999999999900000, "1e21": 1e21, "-1.5e-10": -1.5e-10, "1000000000000000.0": 1e15,
	} {
		if got := string(appendFloat(nil, f)); got != want {
			t.Errorf("%v is written %s, want %s", f, got, want)
		}
	}
	for _, f := range []float64{0, 1, 10, 999999999999999, 1e15, 1e16, 123456789012345680, 1e20, 999999999999999900000, 1e21, 1e22, 0.1, 1e-5, 1e-6, 9.99e-7, 1e-7, 1e-10, math.MaxFloat64, 1.5, 255, 1e-300} {
		check(f)
		check(-f)
	}
	check(math.Copysign(0, -1))
	r := rand.New(rand.NewPCG(11, 12))
	for range 20000 {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			check(f)
		}
		check(float64(float32(r.NormFloat64())))
		check(math.Trunc(r.NormFloat64() * 1e16))
	}
}
