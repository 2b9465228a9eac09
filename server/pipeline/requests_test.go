package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/server/pipeline"
)

// everyWay sends a request over HTTP and over gRPC.
func everyWay(t *testing.T, r *running, req *pipelineserving.Request) map[string]answer {
	t.Helper()
	name := req.GetName()
	if name == "" {
		name = r.Name()
	}
	body, err := protojson.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	var overHTTP answer
	resp, text := r.do("POST", "/"+name+"/prediction", nil, body)
	if err := json.Unmarshal([]byte(text), &overHTTP); err != nil || resp.StatusCode != 200 {
		t.Errorf("status %d, %v: %s", resp.StatusCode, err, text)
	}
	message, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	var reply []byte
	if err := dial(t, r).Invoke(t.Context(), inference, &message, &reply); err != nil {
		t.Error(err)
	}
	m := response(t, reply)
	return map[string]answer{"HTTP": overHTTP, "gRPC": {m.GetErrNo(), m.GetErrMsg(), m.GetKey(), m.GetValue()}}
}

// tensors is a request of one array.
func tensors(x *pipelineserving.Tensor) *pipelineserving.Request {
	x.Name = "x"
	return &pipelineserving.Request{Tensors: []*pipelineserving.Tensor{x}}
}

func texts(keysAndValues ...string) *pipelineserving.Request {
	req := &pipelineserving.Request{}
	for i := 0; i < len(keysAndValues); i += 2 {
		req.Key, req.Value = append(req.Key, keysAndValues[i]), append(req.Value, keysAndValues[i+1])
	}
	return req
}

// TestBadRequests has a number and a reason for each, and the next request is served.
func TestBadRequests(t *testing.T) {
	r := serveUCI(t)
	row := make([]float32, 13)
	for name, c := range map[string]struct {
		req  *pipelineserving.Request
		no   int32
		want string
	}{
		"nothing":          {texts(), 10000, `"x" is missing; want it among the call's keys, which are none`},
		"another key":      {texts("y", sample), 10000, `"x" is missing; want it among "y"`},
		"fewer values":     {&pipelineserving.Request{Key: []string{"x", "y"}, Value: []string{sample}}, 8000, "rpc package error: list index (1) out of range"},
		"no numbers":       {texts("x", "a, b"), 10000, "could not convert string to float: a"},
		"ragged rows":      {texts("x", "1, 2; 3"), 10000, "row 1 has 1 numbers, the first has 2"},
		"12 numbers":       {texts("x", strings.TrimSuffix(sample, ", -0.0332")), 10000, `input "x": shape [1 12], want [-1 13]`},
		"another service":  {&pipelineserving.Request{Name: "foo"}, 3002, "Failed to inference: Service name error."},
		"no shape":         {tensors(&pipelineserving.Tensor{ElemType: 1, FloatData: row}), 8000, "cannot reshape array of size 13 into shape ()"},
		"too large":        {tensors(&pipelineserving.Tensor{ElemType: 1, FloatData: row, Shape: []int32{2, 13}}), 8000, "into shape (2,13)"},
		"negative":         {tensors(&pipelineserving.Tensor{ElemType: 1, FloatData: row, Shape: []int32{-1, 13}}), 8000, "into shape (-1,13)"},
		"beyond 64 bits":   {tensors(&pipelineserving.Tensor{ElemType: 1, FloatData: row, Shape: []int32{1 << 30, 1 << 30, 1 << 30}}), 8000, "cannot reshape"},
		"another field":    {tensors(&pipelineserving.Tensor{ElemType: 3, FloatData: row, Shape: []int32{1, 13}}), 8000, "array of size 0 into shape (1,13)"},
		"flat":             {tensors(&pipelineserving.Tensor{ElemType: 1, FloatData: row, Shape: []int32{13}}), 10000, `input "x": shape [13], want [-1 13]`},
		"complex":          {tensors(&pipelineserving.Tensor{ElemType: 10}), 8000, "Sorry, the type 10 of tensor x is not supported."},
		"no such type":     {tensors(&pipelineserving.Tensor{ElemType: 99}), 8000, "elem_type:99 error"},
		"no array":         {tensors(&pipelineserving.Tensor{ElemType: 13, ByteData: []byte("abc")}), 8000, "rpc package error: tensor x: "},
		"a pickled object": {tensors(&pipelineserving.Tensor{ElemType: 13, ByteData: []byte("\x93NUMPY\x01\x00\x3a\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }  \ncos\nsystem\n.")}), 8000, "rpc package error: tensor x: "},
		"a text":           {tensors(&pipelineserving.Tensor{ElemType: 12, StrData: []string{"a", "b"}}), 10000, "could not convert string to float: ab"},
		"odd offsets":      {tensors(&pipelineserving.Tensor{ElemType: 1, FloatData: row, Shape: []int32{1, 13}, Lod: []int32{0, 1, 2}}), 8000, "cannot reshape array of size 3 into shape (2,newaxis)"},
	} {
		for way, got := range everyWay(t, r, c.req) {
			if got.No != c.no || !strings.Contains(got.Message, c.want) || len(got.Key) > 0 {
				t.Errorf("%s over %s: %+v, want %d %s", name, way, got, c.no, c.want)
			}
		}
		if got := r.post("x", sample); got.No != 0 {
			t.Errorf("after %s: %+v", name, got)
		}
	}
}

// TestOddRequests are answered all the same.
func TestOddRequests(t *testing.T) {
	r := serveUCI(t)
	for name, req := range map[string]*pipelineserving.Request{
		"more values":  {Key: []string{"x"}, Value: []string{sample, "1", "2"}},
		"two of a key": texts("x", "abc", "x", sample),
		"further keys": texts("y", "abc", "x", sample, "", ""),
	} {
		for way, got := range everyWay(t, r, req) {
			if got.No != 0 || got.Value[0] != "[[18.901152]]" {
				t.Errorf("%s over %s: %+v", name, way, got)
			}
		}
	}
}

// TestNamesOfOurOwn are not what a caller's keys can be mistaken for.
func TestNamesOfOurOwn(t *testing.T) {
	r := serve(t, pipeline.Declared(file(t, "http_port: 18082"+uciModel+"ops: [{name: uci, pre: [rows: {from: x}], post: [str: {from: price}]}]"), options(t)))
	for way, got := range everyWay(t, r, texts("x", sample, "\x00listed", "true", "price", "7", "@DAGExecutor", "")) {
		if got.No != 0 || got.Value[0] != "[[18.901152]]" {
			t.Errorf("over %s: %+v", way, got)
		}
	}
}

// TestBadPictures are texts that are no pictures.
func TestBadPictures(t *testing.T) {
	path := file(t, strings.ReplaceAll(sizes, "page: PAGE\n", ""))
	r := serve(t, pipeline.Declared(path, options(t)))
	const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP6DwABBQECz6AuzQAAAABJRU5ErkJggg=="
	for name, c := range map[string]struct{ text, want string }{
		"nothing":     {"", "the picture is empty"},
		"no base64":   {"!!!", "not base64"},
		"no picture":  {"aGVsbG8=", "the picture is not"},
		"half of one": {dot[:60], "is damaged or cut short"},
		"a bad list":  {"[1, 2]", "not a JSON list of texts"},
		"one of two":  {`["` + dot + `", "aGVsbG8="]`, "picture 1: "},
	} {
		for way, got := range everyWay(t, r, texts("image", c.text)) {
			if got.No != 10000 || !strings.Contains(got.Message, c.want) {
				t.Errorf("%s over %s: %+v, want %s", name, way, got, c.want)
			}
		}
	}
	for way, got := range everyWay(t, r, texts("image", dot)) {
		if got.No != 0 || got.Value[0] != "[[1. 1.]]" {
			t.Errorf("a picture over %s: %+v", way, got)
		}
	}
}
