package http

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

func TestPipelineJSON(t *testing.T) {
	for body, want := range map[string]*pipelineserving.Request{
		``:                            {},
		` {} `:                        {},
		`null`:                        {},
		`{"key":["a"],"value":["b"]}`: {Key: []string{"a"}, Value: []string{"b"}},
		` { "value" : [ "b" , "" ] , "key" : [ ] } `:                                                          {Value: []string{"b", ""}},
		`{"key":["\u00e9\n"],"value":["é"],"unknown":[{}]}`:                                                   {Key: []string{"é\n"}, Value: []string{"é"}},
		`{"key":null,"logid":"7","clientip":"c","name":"n","method":"m"}`:                                     {Logid: 7, Clientip: "c", Name: "n", Method: "m"},
		`{"logid":9223372036854775807}`:                                                                       {Logid: math.MaxInt64},
		`{"tensors":[{"elem_type":1,"float_data":[1,"2","Infinity"],"shape":[3],"name":"x"}]}`:                {Tensors: []*pipelineserving.Tensor{{ElemType: 1, FloatData: []float32{1, 2, float32(math.Inf(1))}, Shape: []int32{3}, Name: "x"}}},
		`{"tensors":[{"elemType":0,"int64Data":["1",-2],"lod":[0,1],"boolData":[true],"strData":["a"]}]}`:     {Tensors: []*pipelineserving.Tensor{{Int64Data: []int64{1, -2}, Lod: []int32{0, 1}, BoolData: []bool{true}, StrData: []string{"a"}}}},
		`{"tensors":[{"byte_data":"AQI=","uint32_data":["7"],"float64_data":["-Infinity"],"int_data":[-1]}]}`: {Tensors: []*pipelineserving.Tensor{{ByteData: []byte{1, 2}, Uint32Data: []uint32{7}, Float64Data: []float64{math.Inf(-1)}, IntData: []int32{-1}}}},
	} {
		got, err := parsePipelineJSON([]byte(body))
		if err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", body, got, err, want)
		}
	}
	for body, want := range map[string]string{
		`{`: "unexpected EOF", `[]`: "cannot unmarshal array", `7`: "cannot unmarshal number", `{"key":"a"}`: "cannot unmarshal string",
		`{"key":[1]}`: "cannot unmarshal number", `{"logid":9223372036854775808}`: "cannot unmarshal number", `{"logid":1.5}`: "cannot unmarshal number",
		`{"tensors":[{"float_data":[NaN]}]}`: "invalid character", `{"tensors":[{"shape":[3000000000]}]}`: "cannot unmarshal number",
		`{"tensors":[{"byte_data":"%"}]}`: "illegal base64", `{"tensors":[{"bool_data":[1]}]}`: "cannot unmarshal number",
		strings.Repeat("[", 20000): "exceeded max depth",
	} {
		if got, err := parsePipelineJSON([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, %v, want %s", body, got, err, want)
		}
	}
}

// FuzzPipelineJSON reads any body: the quick way takes what the other takes and gives the
// same, and an answer of the texts is JSON.
func FuzzPipelineJSON(f *testing.F) {
	for _, body := range []string{
		`{"key":["a"],"value":["b","é"]}`, `{"key":["a"],"key":["b"]}`, `{"key":["\u0061"]}`, `{"key":[],"value":["` + "\xff" + `"]} `,
		`{"tensors":[{"elem_type":1,"float_data":[1,"NaN"],"shape":[2],"byte_data":"AA=="}],"logid":"1"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := decodePipelineJSON(body)
		if quick, ok := scanPipelineJSON(string(body)); ok && (err != nil || !proto.Equal(quick, req)) {
			t.Errorf("%q: %v, and the other way %v, %v", body, quick, req, err)
		}
		if err != nil {
			return
		}
		resp := &pipelineserving.Response{ErrMsg: req.GetName(), Key: req.GetKey(), Value: req.GetValue()}
		if answer := appendPipelineJSON(nil, resp); !json.Valid(answer) {
			t.Errorf("%q is no JSON", answer)
		}
	})
}
