package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	sdk "github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/server"
)

// good is the tutorial's request.
func good() *generalmodel.Request {
	return &generalmodel.Request{
		Tensor:        []*generalmodel.Tensor{{FloatData: sample, ElemType: 1, Name: "x", AliasName: "x", Shape: []int32{1, 13}}},
		FetchVarNames: []string{"price"},
	}
}

func goodFeed(t testing.TB) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"feed": []any{map[string]any{"x": sample}}, "fetch": []string{"price"}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// answers checks the golden answer over every door.
func (r *running) answers() {
	r.t.Helper()
	if status, body := r.post("/uci/prediction", "application/json", goodFeed(r.t)); status != 200 || body != `{"result":{"price":[[18.901151657104492]]}}` {
		r.t.Errorf("feed/fetch: %d %s", status, body)
	}
	request, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(good())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, path := range []string{"/GeneralModelService/inference", "/GeneralModelService/debug", inference} {
		status, body := r.post(path, "application/json", request)
		if status != 200 || !strings.Contains(body, `"float_data":[18.901151657104492],"elem_type":1,"shape":[1,1]`) {
			r.t.Errorf("%s as JSON: %d %s", path, status, body)
		}
	}
	binary, err := proto.Marshal(good())
	if err != nil {
		r.t.Fatal(err)
	}
	status, body := r.post("/GeneralModelService/inference", "application/proto", binary)
	var resp generalmodel.Response
	if err := proto.Unmarshal([]byte(body), &resp); status != 200 || err != nil {
		r.t.Errorf("protobuf over HTTP: %d %v", status, err)
	} else {
		r.priced("protobuf over HTTP", &resp)
	}
	if resp, err := r.ttheader(context.Background(), good()); err != nil {
		r.t.Errorf("TTHeader: %v", err)
	} else {
		r.priced("TTHeader", resp)
	}
	r.sdkAnswers(sdk.BaiduStd)
	r.sdkAnswers(sdk.Mux)
	reply, err := r.grpc().call(context.Background(), inference, string(request))
	if err != nil || !strings.Contains(strings.ReplaceAll(reply, " ", ""), `"floatData":[18.901152]`) {
		r.t.Errorf("gRPC: %s %v", reply, err)
	}
}

func (r *running) priced(door string, resp *generalmodel.Response) {
	r.t.Helper()
	if len(resp.Outputs) != 1 || len(resp.Outputs[0].Tensor) != 1 {
		r.t.Errorf("%s: %v", door, resp)
		return
	}
	out := resp.Outputs[0].Tensor[0]
	if out.AliasName != "price" || len(out.FloatData) != 1 || float64(out.FloatData[0]) != price {
		r.t.Errorf("%s: %v", door, out)
	}
}

func TestEveryDoorAnswers(t *testing.T) {
	for name, path := range map[string]string{
		"ours":          uci(),
		"Paddle's":      fixture.Shared(t, "fit_a_line", "uci_housing_model"),
		"an ONNX file":  fixture.Shared(t, "fit_a_line", "fit_a_line.onnx"),
		"an ONNX model": onnxDirectory(t),
	} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: path}}})
			r.answers()
		})
	}
}

// badRequest is a fault as the general model service's message, and as the body of the
// feed/fetch dialect where it has a form there.
type badRequest struct {
	message *generalmodel.Request
	feed    string
	code    sampan.Code
	// text must be in the error over RPC and JSON alike; feedText in the feed/fetch
	// dialect's.
	text, feedText string
}

func bad(change func(*generalmodel.Request)) *generalmodel.Request {
	req := good()
	change(req)
	return req
}

// nothing leaves nothing of a request.
func nothing(r *generalmodel.Request) { r.Tensor = nil }

var badRequests = map[string]badRequest{
	"unknown feed": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].Name, r.Tensor[0].AliasName = "y", "y" }),
		`{"feed":[{"y":[1]}],"fetch":["price"]}`,
		sampan.InvalidArgument, `"y" is not known; the model takes "x"`, `feed "y" is not known`,
	},
	"unknown fetch": {
		bad(func(r *generalmodel.Request) { r.FetchVarNames = []string{"cost"} }),
		`{"feed":[{"x":[1,2,3,4,5,6,7,8,9,10,11,12,13]}],"fetch":["cost"]}`,
		sampan.InvalidArgument, `output "cost" is not known; the model gives "price"`, `output "cost" is not known; the model gives "price"`,
	},
	"missing feed": {
		bad(func(r *generalmodel.Request) { r.Tensor = nil }),
		`{"feed":[{}],"fetch":["price"]}`,
		sampan.InvalidArgument, `"x"`, `"x"`,
	},
	"wrong count": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].FloatData = sample[:12] }),
		`{"feed":[{"x":[1,2,3,4,5,6,7,8,9,10,11,12]}],"fetch":["price"]}`,
		sampan.InvalidArgument, `"x": 12`, `12 numbers, want 13`,
	},
	"wrong shape": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].FloatData, r.Tensor[0].Shape = sample[:12], []int32{1, 12} }),
		"",
		sampan.InvalidArgument, `input "x": shape [1 12], want [-1 13]`, "",
	},
	"wrong dtype": {
		bad(func(r *generalmodel.Request) {
			r.Tensor[0].FloatData, r.Tensor[0].Int64Data, r.Tensor[0].ElemType = nil, make([]int64, 13), 0
		}),
		`{"feed":[{"x":["a",2,3,4,5,6,7,8,9,10,11,12,13]}],"fetch":["price"]}`,
		sampan.InvalidArgument, `input "x": dtype int64, want float32`, `"a", want a number`,
	},
	"unknown element type": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].ElemType = 99 }), "",
		sampan.InvalidArgument, `elem_type 99`, "",
	},
	"ragged list": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].Shape = []int32{2, 13} }),
		`{"feed":[{"x":[[1,2],[3]]}],"fetch":["price"]}`,
		sampan.InvalidArgument, `13`, `ragged`,
	},
	"negative shape": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].Shape = []int32{-1, 13} }), "",
		sampan.InvalidArgument, `shape [-1 13]`, "",
	},
	"overflowing shape": {
		bad(func(r *generalmodel.Request) {
			r.Tensor[0].Shape = []int32{math.MaxInt32, math.MaxInt32, math.MaxInt32}
		}), "",
		sampan.InvalidArgument, `too large`, "",
	},
	"lod against the rows": {
		bad(func(r *generalmodel.Request) { r.Tensor[0].Lod = []int32{0, 2, 5} }), "",
		sampan.InvalidArgument, `lod`, "",
	},
	"empty request": {
		&generalmodel.Request{}, `{}`,
		sampan.InvalidArgument, `"x"`, `feed`,
	},
}

func TestBadRequests(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	for name, c := range badRequests {
		t.Run(name, func(t *testing.T) {
			sub := &running{Server: r.Server, t: t}
			check := func(door string, code sampan.Code, got, want string) {
				t.Helper()
				if code != c.code || !strings.Contains(got, want) {
					t.Errorf("%s: %s %q, want %s with %q", door, code, got, c.code, want)
				}
			}
			_, err := sub.ttheader(context.Background(), c.message)
			if err == nil {
				t.Fatal("TTHeader: no error")
			}
			code, text := kitexCode(err)
			check("TTHeader", code, text, c.text)

			request, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(c.message)
			if err != nil {
				t.Fatal(err)
			}
			_, err = sub.grpc().call(context.Background(), inference, string(request))
			if err == nil {
				t.Fatal("gRPC: no error")
			}
			code, text = grpcCode(err)
			check("gRPC", code, text, c.text)

			status, body := sub.post("/GeneralModelService/inference", "application/json", request)
			check("JSON", codeOfStatus(status), sub.generalError(body, 1003), c.text)
			if c.feed != "" {
				status, body := sub.post("/uci/prediction", "application/json", []byte(c.feed))
				check("feed/fetch", codeOfStatus(status), sub.httpError(body), c.feedText)
			}
			sub.answers()
		})
	}
}

// codeOfStatus is the way back from HTTP, as far as the cases go.
func codeOfStatus(status int) sampan.Code {
	switch status {
	case 400:
		return sampan.InvalidArgument
	case 404:
		return sampan.NotFound
	case 413, 429:
		return sampan.ResourceExhausted
	case 503:
		return sampan.Unavailable
	}
	return sampan.Internal
}

func TestBadBodies(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	x := strings.TrimSuffix(strings.Repeat("1,", 13), ",")
	for name, c := range map[string]struct{ body, text string }{
		"empty":         {"", "empty"},
		"not JSON":      {"price please", "JSON"},
		"truncated":     {`{"feed":[{"x":[1,2`, "JSON"},
		"trailing":      {`{"feed":[{"x":[` + x + `]}],"fetch":["price"]} x`, "JSON"},
		"NaN":           {`{"feed":[{"x":[NaN,` + x[2:] + `]}],"fetch":["price"]}`, "byte 15"},
		"deep":          {strings.Repeat("[", 10<<20), ""},
		"deep inside":   {`{"feed":` + strings.Repeat("[", 10<<20), ""},
		"no fetch":      {`{"feed":[{"x":[` + x + `]}]}`, "fetch"},
		"an array":      {`[1,2]`, ""},
		"shape of 2^60": {`{"tensor":[{"float_data":[1],"elem_type":1,"name":"x","shape":[16,1152921504606846978]}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			sub := &running{Server: r.Server, t: t}
			for _, path := range []string{"/uci/prediction", "/GeneralModelService/inference"} {
				status, body := sub.post(path, "application/json", []byte(c.body))
				if status != 400 {
					t.Errorf("%s: status %d %s", path, status, body[:min(len(body), 200)])
				}
				text := sub.errorText(path, body, 1003)
				if path == "/uci/prediction" && !strings.Contains(text, c.text) {
					t.Errorf("%s: %q, want %q in it", path, text, c.text)
				}
				if len(text) > 1000 {
					t.Errorf("%s: a message of %d bytes", path, len(text))
				}
			}
			sub.answers()
		})
	}
	t.Run("not protobuf", func(t *testing.T) {
		sub := &running{Server: r.Server, t: t}
		status, body := sub.post("/GeneralModelService/inference", "application/proto", []byte("\xff\xff\xff"))
		if text := sub.generalError(body, 1003); status != 400 || !strings.Contains(text, "general_model.Request") {
			t.Errorf("HTTP: %d %s", status, text)
		}
		err := sub.grpc(grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}))).conn.Invoke(context.Background(), inference, []byte("\xff\xff\xff"), new([]byte))
		if code, text := grpcCode(err); code != sampan.InvalidArgument || !strings.Contains(text, "general_model.Request") {
			t.Errorf("gRPC: %s %s", code, text)
		}
		sub.answers()
	})
}

// raw sends bytes as they are.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func TestUnknownPathsAndMethods(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	for path, want := range map[string]string{
		"/other/prediction":            `service "other" is not known; this server has "uci"`,
		"/nothing":                     "Fail to find method on `/nothing'",
		"/GeneralModelService/destroy": "Fail to find method on `/GeneralModelService/destroy'",
	} {
		status, body := r.post(path, "application/json", goodFeed(t))
		if text := r.errorText(path, body, 1002); status != 404 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	resp, err := httpClient.Get(r.url("/uci/prediction"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 405 {
		t.Errorf("GET on a prediction: %d, want 405", resp.StatusCode)
	}
	f := r.grpc()
	for _, method := range []string{
		"/baidu.paddle_serving.predictor.general_model.GeneralModelService/destroy",
		"/other.package.GeneralModelService/inference",
		"/nobody.Nothing/inference",
	} {
		_, err := f.call(context.Background(), method, `{}`)
		if code, text := grpcCode(err); code != sampan.Unimplemented {
			t.Errorf("%s: %s %s, want Unimplemented", method, code, text)
		}
	}
	if _, err := f.call(context.Background(), "/GeneralModelService/inference", `{"tensor":[{"floatData":[1,2,3,4,5,6,7,8,9,10,11,12,13],"elemType":1,"name":"x","shape":[1,13]}]}`); err != nil {
		t.Errorf("the short name: %v", err)
	}
	r.answers()
}

func TestTooLarge(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, MaxBody: 1 << 20})
	big := good()
	big.Tensor[0].FloatData, big.Tensor[0].Shape = make([]float32, 13<<18), []int32{1 << 18, 13}
	if _, err := r.ttheader(context.Background(), big); err == nil {
		t.Error("TTHeader: no error")
	} else {
		t.Log(err)
	}
	message, err := proto.Marshal(big)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/uci/prediction", "/GeneralModelService/inference"} {
		status, body := r.post(path, "application/proto", message)
		if text := r.errorText(path, body, 2004); status != 413 || !strings.Contains(text, "the most is 1048576") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	err = r.grpc(grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}))).conn.Invoke(context.Background(), inference, message, new([]byte))
	if code, text := grpcCode(err); code != sampan.ResourceExhausted || !strings.Contains(text, "the most is 1048576") {
		t.Errorf("gRPC: %s %s", code, text)
	}
	r.answers()
}

func TestProfileAndLogID(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	req := good()
	req.ProfileServer, req.LogId = true, math.MaxUint64
	resp, err := r.ttheader(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.ProfileTime) != 6+2 && len(resp.ProfileTime) != 6 {
		t.Errorf("profile_time has %d stamps, want those of three ops", len(resp.ProfileTime))
	}
	if resp.LogId != req.LogId {
		t.Errorf("log_id %d, want %d", resp.LogId, req.LogId)
	}
	req.ProfileServer = false
	if resp, err = r.ttheader(context.Background(), req); err != nil || len(resp.ProfileTime) != 2 {
		t.Errorf("profile_time %v (%v), want the last op's pair", resp.GetProfileTime(), err)
	}
}

func TestModelsAreListed(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci(), Name: "uci"}}})
	resp, err := httpClient.Get(r.url("/v1/models"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := `map[models:[map[inputs:[map[alias:x dtype:float32 name:x shape:[-1 13]]] name:uci outputs:[map[alias:price dtype:float32 name:fc_0.tmp_1 shape:[-1 1]]] state:ready version:1]]]`
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}
