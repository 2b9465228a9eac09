package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server/pipeline"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc.preallocateForStream"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createTicker.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createWorker.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
	)
}

// sample is the tutorial's row.
const sample = "0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332"

// uciConfig has the example model that ships, by a path from this directory.
const uciConfig = `
rpc_port: 9998
http_port: 18082
dag: {retry: 1}
op:
    uci:
        local_service_conf:
            model_config: ../../examples/fit_a_line/uci_housing_model
            fetch_list: [price]
`

// uci is the op of Paddle Serving's simple_web_service.
type uci struct{ pipeline.Op }

func (uci) Preprocess(_ context.Context, in pipeline.Inputs) (pipeline.Feed, error) {
	v, err := in.Value("x")
	if err != nil {
		return pipeline.Feed{}, err
	}
	text, ok := v.(string)
	if !ok {
		return pipeline.Run(pipeline.Input("x", v.(sampan.Tensor))), nil
	}
	x, err := pipeline.Rows(text)
	return pipeline.Run(pipeline.Input("x", x)), err
}

func (uci) Postprocess(_ context.Context, _ pipeline.Inputs, out pipeline.Fetch) (pipeline.Result, error) {
	price, err := out.Tensor("price")
	if err != nil {
		return nil, err
	}
	text, err := pipeline.Str(price)
	return pipeline.Result{pipeline.Text("price", text)}, err
}

// options are for a server on the loopback.
func options(t testing.TB) pipeline.Options {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.Options{
		Backend: backend, Translators: []engine.Translator{paddle.Format{}}, Host: "127.0.0.1", FreePorts: true, ReloadInterval: -1,
	}
}

// chain is a service of steps one after another.
func chain(t testing.TB, config string, o pipeline.Options, names []string, steps ...pipeline.Step) *pipeline.Service {
	t.Helper()
	svc := pipeline.Parse("uci", []byte(config), o)
	last := svc.Request()
	for i, step := range steps {
		last = svc.Add(names[i], step, last)
	}
	svc.Respond(last)
	return svc
}

// running is a service under test.
type running struct {
	*pipeline.Server
	t    testing.TB
	stop func() error
}

func serve(t testing.TB, svc *pipeline.Service) *running {
	t.Helper()
	s, err := svc.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r := &running{Server: s, t: t}
	ended := false
	r.stop = func() error {
		if ended {
			return nil
		}
		ended = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	for deadline := time.Now().Add(10 * time.Second); !s.Ready(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server does not become ready")
		}
	}
	return r
}

// serveUCI serves the op of simple_web_service.
func serveUCI(t testing.TB) *running {
	return serve(t, chain(t, uciConfig, options(t), []string{"uci"}, uci{}))
}

var web = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

// do makes an HTTP call.
func (r *running) do(method, path string, headers map[string]string, body []byte) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.HTTPAddr().String()+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := web.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(text)
}

// answer is a reply over HTTP.
type answer struct {
	No      int32    `json:"err_no"`
	Message string   `json:"err_msg"`
	Key     []string `json:"key"`
	Value   []string `json:"value"`
}

// post calls the pipeline with keys and values in turn.
func (r *running) post(keysAndValues ...string) answer {
	r.t.Helper()
	var call struct {
		Key   []string `json:"key"`
		Value []string `json:"value"`
		LogID int64    `json:"logid"`
	}
	call.LogID = 4711
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		call.Key, call.Value = append(call.Key, keysAndValues[i]), append(call.Value, keysAndValues[i+1])
	}
	body, err := json.Marshal(call)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, text := r.do("POST", "/uci/prediction", nil, body)
	var a answer
	if err := json.Unmarshal([]byte(text), &a); err != nil || resp.StatusCode != 200 {
		r.t.Fatalf("status %d, %v: %s", resp.StatusCode, err, text)
	}
	return a
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
