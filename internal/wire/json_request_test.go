package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

const sample = `0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332`

var sampleFloats = []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}

const tutorial = `{"elem_type": 1, "name": "x", "alias_name": "x", "shape": [1, 13], "float_data": [` + sample + `]}`

// readJSON reads a request all the way.
func readJSON(body []byte) (*sampan.Request, error) {
	m, err := ParseJSON(body)
	if err != nil {
		return nil, err
	}
	return FromRequest(m)
}

// TestParseJSON has the bodies that a real brpc 1.0.0-rc01 server was asked, and reads
// them as it did.
func TestParseJSON(t *testing.T) {
	x := mustOf(t, sampan.Shape{1, 13}, sampleFloats...)
	inf := float32(math.Inf(1))
	type inputs = []sampan.Named
	tests := map[string]struct {
		body string
		want sampan.Request
	}{
		"tutorial":                 {`{"tensor": [` + tutorial + `], "fetch_var_names": ["price"], "log_id": 0}`, sampan.Request{Inputs: inputs{{Name: "x", Alias: "x", Tensor: x}}, Outputs: []string{"price"}}},
		"no names":                 {`{"tensor":[{"float_data":[` + sample + `],"elem_type":1,"shape":[1,13]}]}`, sampan.Request{Inputs: inputs{{Tensor: x}}}},
		"empty body":               {``, sampan.Request{}},
		"empty object":             {` {} `, sampan.Request{}},
		"no tensors":               {`{"tensor": []}`, sampan.Request{}},
		"unknown keys":             {`{"foo": {"a": [1, null, "x"]}, "tensor": [` + tutorial + `], "camelCase": 1}`, sampan.Request{Inputs: inputs{{Name: "x", Alias: "x", Tensor: x}}}},
		"first of equal keys":      {`{"log_id": 1, "log_id": 2, "fetch_var_names": ["a"], "fetch_var_names": [5]}`, sampan.Request{LogID: 1, Outputs: []string{"a"}}},
		"first though wrong":       {`{"log_id": null, "log_id": 2}`, sampan.Request{}},
		"escaped key":              {`{"log\u005fid": 1}`, sampan.Request{LogID: 1}},
		"scalar given as list":     {`{"log_id": [1]}`, sampan.Request{}},
		"null fields":              {`{"log_id": null, "tensor": null, "fetch_var_names": null, "profile_server": null}`, sampan.Request{}},
		"log_id as text":           {`{"log_id": "7"}`, sampan.Request{LogID: 7}},
		"log_id as other text":     {`{"log_id": "7x"}`, sampan.Request{}},
		"log_id -1":                {`{"log_id": -1}`, sampan.Request{}},
		"log_id 2^64-1":            {`{"log_id": 18446744073709551615}`, sampan.Request{LogID: math.MaxUint64}},
		"log_id 2^64":              {`{"log_id": 18446744073709551616}`, sampan.Request{}},
		"log_id 1.5":               {`{"log_id": 1.5}`, sampan.Request{}},
		"bool given as number":     {`{"profile_server": 1}`, sampan.Request{}},
		"bool true":                {`{"profile_server": true}`, sampan.Request{Profile: true}},
		"bool text":                {`{"profile_server": "true"}`, sampan.Request{}},
		"name given as number":     {`{"tensor": [{"elem_type": 1, "name": 5, "alias_name": "x", "float_data": [1]}]}`, sampan.Request{Inputs: inputs{{Alias: "x", Tensor: mustOf[float32](t, sampan.Shape{1}, 1)}}}},
		"integers in float_data":   {`{"tensor": [{"elem_type": 1, "float_data": [1, -1, 16777217]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[float32](t, sampan.Shape{3}, 1, -1, 16777216)}}}},
		"above float32":            {`{"tensor": [{"elem_type": 1, "float_data": [1e+40, -1e+40]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[float32](t, sampan.Shape{2}, inf, -inf)}}}},
		"NaN as text":              {`{"tensor":[{"name":"e","elem_type":1,"shape":[3],"float_data":["NaN","Infinity","-Infinity"]}]}`, sampan.Request{Inputs: inputs{{Name: "e", Tensor: mustOf[float32](t, sampan.Shape{3}, float32(math.NaN()), inf, -inf)}}}},
		"int64":                    {`{"tensor": [{"int64_data": [9223372036854775807, -9223372036854775808, 0, 9007199254740993], "shape": [4]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[int64](t, sampan.Shape{4}, math.MaxInt64, math.MinInt64, 0, 9007199254740993)}}}},
		"int64 as text":            {`{"tensor": [{"int64_data": ["-5", 6]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[int64](t, sampan.Shape{2}, -5, 6)}}}},
		"int32":                    {`{"tensor": [{"elem_type": 2, "int_data": [1, -2147483648, 2147483647], "shape": [3]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[int32](t, sampan.Shape{3}, 1, math.MinInt32, math.MaxInt32)}}}},
		"double":                   {`{"tensor": [{"elem_type": 3, "float64_data": [0.1, 1e+300, 5e-324, -0.0]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[float64](t, sampan.Shape{4}, 0.1, 1e300, 5e-324, math.Copysign(0, -1))}}}},
		"float":                    {`{"tensor": [{"elem_type": 1, "float_data": [0.1, 1e+30, 1e-45, -0.0, 3.4028235e+38]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[float32](t, sampan.Shape{5}, 0.1, 1e30, 1e-45, float32(math.Copysign(0, -1)), math.MaxFloat32)}}}},
		"bool":                     {`{"tensor": [{"elem_type": 9, "bool_data": [true, false], "shape": [2]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[bool](t, sampan.Shape{2}, true, false)}}}},
		"complex":                  {`{"tensor": [{"elem_type": 10, "complex64_data": [1, 2]},{"elem_type": 11, "complex128_data": [1, 2]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[complex64](t, sampan.Shape{1}, 1+2i)}, {Tensor: mustOf[complex128](t, sampan.Shape{1}, 1+2i)}}}},
		"string":                   {`{"tensor": [{"elem_type": 20, "data": ["h\u00e9llo", "a\"b\\c/\n\t\u0001\u2028<>&", ""], "shape": [3]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustStrings(t, sampan.Shape{3}, "héllo", "a\"b\\c/\n\t\x01\u2028<>&", "")}}}},
		"not utf-8":                {"{\"tensor\": [{\"elem_type\": 20, \"data\": [\"a\xff\xfeb\"]}]}", sampan.Request{Inputs: inputs{{Tensor: mustStrings(t, sampan.Shape{1}, "a\ufffd\ufffdb")}}}},
		"bytes":                    {`{"tensor": [{"elem_type": 7, "tensor_content": "AAEC/w==", "shape": [4]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[uint8](t, sampan.Shape{4}, 0, 1, 2, 255)}}}},
		"bytes without padding":    {`{"tensor": [{"elem_type": 7, "tensor_content": "AAEC_w", "shape": [4]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[uint8](t, sampan.Shape{4}, 0, 1, 2, 255)}}}},
		"lod":                      {`{"tensor": [{"int64_data": [1, 2, 3], "shape": [3, 1], "lod": [0, 2, 3]}]}`, sampan.Request{Inputs: inputs{{Tensor: withLoD(mustOf[int64](t, sampan.Shape{3, 1}, 1, 2, 3), []int64{0, 2, 3})}}}},
		"zero shape":               {`{"tensor": [{"elem_type": 1, "shape": [0, 4]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[float32](t, sampan.Shape{0, 4})}}}},
		"elem_type of wrong kinds": {`{"tensor": [{"elem_type": 1.0, "int64_data": [1]},{"elem_type": 2147483648, "int64_data": [1]},{"elem_type": "1", "int64_data": [1]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[int64](t, sampan.Shape{1}, 1)}, {Tensor: mustOf[int64](t, sampan.Shape{1}, 1)}, {Tensor: mustOf[int64](t, sampan.Shape{1}, 1)}}}},
		"content of wrong kind":    {`{"tensor": [{"tensor_content": [1], "int64_data": [1]}]}`, sampan.Request{Inputs: inputs{{Tensor: mustOf[int64](t, sampan.Shape{1}, 1)}}}},
	}
	for name, test := range tests {
		got, err := readJSON([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.LogID != test.want.LogID || got.Profile != test.want.Profile || !slices.Equal(got.Outputs, test.want.Outputs) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
		t.Run(name, func(t *testing.T) { sameNamed(t, got.Inputs, test.want.Inputs) })
	}
}

func TestParseJSONRefuses(t *testing.T) {
	tests := map[string]string{
		` `:                           `not JSON at byte 1: the end, want a value`,
		`[]`:                          `body: a list, want an object`,
		`null`:                        `body: null, want an object`,
		`"abc"`:                       `body: "abc", want an object`,
		`{not json`:                   `not JSON at byte 1: 'n', want a key`,
		`{"tensor":[{"name":"x"`:      `not JSON at byte 22: the end, want ',' or '}'`,
		`{"log_id":1}xyz`:             `not JSON at byte 12: 'x', want the end`,
		`{"log_id":1,/*c*/}`:          `not JSON at byte 12: '/', want a key`,
		`{"log_id" 1}`:                `not JSON at byte 10: '1', want ':'`,
		"{\"log_id\": \x00}":          `not JSON at byte 11: byte 0x00, want a value`,
		"\xff":                        `not JSON at byte 0: byte 0xff, want a value`,
		`{"tensor":{"elem_type":1}}`:  `tensor: an object, want a list`,
		`{"tensor":[null]}`:           `tensor[0]: null, want an object`,
		`{"tensor":[{},5]}`:           `tensor[1]: 5, want an object`,
		`{"fetch_var_names":"price"}`: `fetch_var_names: "price", want a list`,
		`{"fetch_var_names":["a",5]}`: `fetch_var_names[1]: 5, want a text`,
		`{"tensor":[{"elem_type":1,"float_data":[1,"0.0137"]}]}`:     `tensor[0].float_data[1]: "0.0137", want a number`,
		`{"tensor":[{"elem_type":1,"float_data":["inf"]}]}`:          `tensor[0].float_data[0]: "inf", want a number`,
		`{"tensor":[{"elem_type":1,"float_data":[NaN]}]}`:            `not JSON at byte 40: 'N', want a value`,
		`{"tensor":[{"elem_type":1,"float_data":[[1]]}]}`:            `tensor[0].float_data[0]: a list, want a number`,
		`{"tensor":[{"elem_type":1,"float_data":1}]}`:                `tensor[0].float_data: 1, want a list`,
		`{"tensor":[{"elem_type":1,"float_data":[1 2]}]}`:            `not JSON at byte 42: '2', want ',' or ']'`,
		`{"tensor":[{"elem_type":1,"float_data":[01]}]}`:             `not JSON at byte 40: '0', want a value`,
		`{"tensor":[{"elem_type":1,"float_data":[1,]}]}`:             `not JSON at byte 42: ']', want a value`,
		`{"tensor":[{"shape":["1","13"]}]}`:                          `tensor[0].shape[0]: "1", want an int32`,
		`{"tensor":[{"shape":[1.0]}]}`:                               `tensor[0].shape[0]: 1.0, want an int32`,
		`{"tensor":[{"elem_type":2,"int_data":[2147483648]}]}`:       `tensor[0].int_data[0]: 2147483648, want an int32`,
		`{"tensor":[{"int64_data":[9223372036854775808]}]}`:          `tensor[0].int64_data[0]: 9223372036854775808, want an int64`,
		`{"tensor":[{"int64_data":["1.5"]}]}`:                        `tensor[0].int64_data[0]: "1.5", want an int64`,
		`{"tensor":[{"int64_data":["5]}]}`:                           `not JSON at byte 32: the end, want a closing quote`,
		`{"tensor":[{"int64_data":["9223372036854775808"]}]}`:        `tensor[0].int64_data[0]: "9223372036854775808", want an int64`,
		`{"tensor":[{"elem_type":7,"tensor_content":"`:               `not JSON at byte 44: the end, want a closing quote`,
		`{"tensor":[{"uint32_data":[-1]}]}`:                          `tensor[0].uint32_data[0]: -1, want a uint32`,
		`{"tensor":[{"elem_type":9,"bool_data":[1]}]}`:               `tensor[0].bool_data[0]: 1, want true or false`,
		`{"tensor":[{"elem_type":20,"data":[{"a":1}]}]}`:             `tensor[0].data[0]: an object, want a text`,
		`{"tensor":[{"elem_type":7,"tensor_content":"@@@"}]}`:        `tensor[0].tensor_content: not base64 at byte 0 of 3`,
		`{"tensor":[{"elem_type":1,"shape":[13],"float_data":[]}]}`:  `tensor 0: 0 floats for shape [13], want 13`,
		`{"tensor":[{"elem_type":1,"name":"e","floatData":[1]}]}`:    `tensor "e": neither shape nor data`,
		`{"a":"` + "\n" + `"}`:                                       `not JSON at byte 6: byte 0x0a, want control characters escaped`,
		`{"a":"\x"}`:                                                 `not JSON at byte 7: 'x', want an escape`,
		`{"a":"\u00g0"}`:                                             `not JSON at byte 10: 'g', want a hexadecimal digit`,
		`{"a":"x`:                                                    `not JSON at byte 7: the end, want a closing quote`,
		`{"a":tru}`:                                                  `not JSON at byte 8: '}', want true`,
		`{"log_id":nul}`:                                             `not JSON at byte 13: '}', want null`,
		`{"fetch_var_names":["` + strings.Repeat("é", 100) + `\x"]}`: `not JSON at byte 222: 'x', want an escape`,
		`{"tensor":["` + strings.Repeat("é", 100) + `"]}`:            `tensor[0]: "` + strings.Repeat("é", 31) + `…, want an object`,
		`{"tensor":[` + strings.Repeat("{},", 4096) + `{}]}`:         `more than 4096 tensors`,
	}
	for body, want := range tests {
		_, err := readJSON([]byte(body))
		wantError(t, fmt.Sprintf("%.60s", body), err, sampan.InvalidArgument, want)
	}
}

// checkParseJSON holds ParseJSON's reading of a body against encoding/json's.
func checkParseJSON(t *testing.T, body []byte) {
	t.Helper()
	request, err := readJSON(body)
	if len(body) == 0 {
		return
	}
	var syntax *syntaxError
	switch isSyntax := errors.As(err, &syntax); {
	case err != nil && sampan.CodeOf(err) != sampan.InvalidArgument:
		t.Fatalf("%q: code %v: %v", body, sampan.CodeOf(err), err)
	case json.Valid(body) && isSyntax && !strings.Contains(err.Error(), "nested deeper"):
		t.Fatalf("%q is JSON, but: %v", body, err)
	case !json.Valid(body):
		if err == nil {
			t.Fatalf("%q is not JSON", body)
		}
		return
	case isSyntax:
		return
	}
	want := &generalmodel.Request{}
	wantErr := reference(parseJSON(body), want.ProtoReflect())
	got := &generalmodel.Request{}
	s := scanner{body: body}
	gotErr := s.message(got)
	if (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("%q: %v, want %v", body, gotErr, wantErr)
	}
	if gotErr == nil && !proto.Equal(got, want) {
		t.Fatalf("%q:\n%v, want\n%v", body, got, want)
	}
	if err != nil {
		return
	}
	// A reply of the same tensors reads back the same.
	text, err := AppendJSON(nil, &sampan.Reply{Outputs: []sampan.Output{{Tensors: request.Inputs}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Fatalf("%q was written %q", body, text)
	}
	back, err := readJSON(text[len(`{"outputs":[`) : len(text)-len(`]}`)])
	if err != nil {
		t.Fatalf("%q was written %q: %v", body, text, err)
	}
	sameNamed(t, back.Inputs, request.Inputs)
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"tensor": [` + tutorial + `], "fetch_var_names": ["price"], "log_id": "7", "profile_server": true}`))
	f.Add([]byte(`{"tensor":[{"elem_type":1,"shape":[3],"float_data":["NaN","Infinity","-Infinity"],"name":"\u00e9\ud83d\ude00"}]}`))
	f.Add([]byte(`{"tensor":[{"int64_data":[9223372036854775807,"-5",0],"shape":[3,1],"lod":[0,2,3]}],"log_id":1,"log_id":2}`))
	f.Add([]byte(`{"tensor":[{"elem_type":20,"data":["a","\n"]},{"elem_type":9,"bool_data":[true]},{"elem_type":7,"tensor_content":"AAEC/w"}]}`))
	f.Add([]byte(`{"tensor":[{"elem_type":10,"complex64_data":[1e40,-0.0]},{"elem_type":11,"complex128_data":[5e-324,1]},{"elem_type":3,"float64_data":[0.1]}]}`))
	f.Add([]byte(`{"tensor":[{"elem_type":2,"int_data":[1]},{"elem_type":1.0,"uint32_data":[5],"foo":{"bar":[null]}}],"fetch_var_names":null}`))
	for _, doc := range documents {
		f.Add([]byte(doc))
		f.Add([]byte(`{"tensor":[{"elem_type":1,"float_data":` + doc + `}]}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkParseJSON(t, body) })
}
