package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server"
	"github.com/sampanml/sampan/server/pipeline"
)

// plainServer serves the model by itself.
func plainServer(t *testing.T, port int) (address string, stop func()) {
	t.Helper()
	o := options(t)
	s, err := server.New(t.Context(), server.Config{
		Name: "uci", Host: "127.0.0.1", Port: port, Models: []server.ModelConfig{{Path: fixture.Repo("examples", "fit_a_line", "uci_housing_model")}},
		Backend: o.Backend, Translators: o.Translators,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return s.Addr().String(), stop
}

// TestRemoteModel has the model on another server, which goes and comes back.
func TestRemoteModel(t *testing.T) {
	for _, kind := range []string{"brpc", "grpc"} {
		t.Run(kind, func(t *testing.T) {
			address, stop := plainServer(t, 0)
			text := fmt.Sprintf(`
http_port: 18082
op:
    uci:
        client_type: %s
        server_endpoints: [%q]
        client_config: ../../examples/fit_a_line/uci_housing_client/serving_client_conf.prototxt
        fetch_list: [price]
`, kind, address)
			r := serve(t, chain(t, text, options(t), []string{"uci"}, uci{}))
			if got := r.post("x", sample); got.No != 0 || got.Value[0] != "[[18.901152]]" {
				t.Errorf("%+v", got)
			}
			if got := r.post("x", "1, 2"); got.No != 10000 || !strings.Contains(got.Message, `"x": shape [1 2], want [-1 13]`) {
				t.Errorf("two numbers: %+v", got)
			}
			stop()
			if got := r.post("x", sample); got.No != 9000 || !strings.Contains(got.Message, "the service behind the op did not answer") {
				t.Errorf("gone: %+v, want 9000", got)
			}
			var port int
			if _, err := fmt.Sscanf(address[strings.LastIndexByte(address, ':'):], ":%d", &port); err != nil {
				t.Fatal(err)
			}
			plainServer(t, port)
			got := answer{No: -1}
			for began := time.Now(); got.No != 0 && time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
				got = r.post("x", sample)
			}
			if got.No != 0 {
				t.Errorf("back: %+v", got)
			}
		})
	}
}

// TestRemotePipeline has another pipeline behind an op, which goes and comes back.
func TestRemotePipeline(t *testing.T) {
	behind := serveUCI(t)
	address := behind.RPCAddr().String()
	text := fmt.Sprintf("http_port: 18082\nname: uci\nop: {uci: {client_type: pipeline_grpc, server_endpoints: [%q], fetch_list: [price]}}", address)
	svc := pipeline.Parse("uci", []byte(text), options(t))
	svc.Respond(svc.Add("uci", uci{}, svc.Request()))
	r := serve(t, svc)
	if got := r.post("x", sample); got.No != 0 || got.Value[0] != "[[18.901152]]" {
		t.Errorf("%+v", got)
	}
	if got := r.post("x", "1, 2"); got.No != 10000 || !strings.Contains(got.Message, "the pipeline behind the op: ") {
		t.Errorf("two numbers: %+v", got)
	}
	// An op in YAML hands on what came: texts as texts.
	handing := serve(t, pipeline.Declared(file(t, text+"\nops: [{name: uci}]"), options(t)))
	if got := handing.post("x", sample); got.No != 0 || got.Value[0] != "array([[18.901152]])" {
		t.Errorf("in YAML: %+v", got)
	}
	if err := behind.stop(); err != nil {
		t.Fatal(err)
	}
	if got := r.post("x", sample); got.No != 9000 || !strings.Contains(got.Message, "the service behind the op did not answer") {
		t.Errorf("gone: %+v, want 9000", got)
	}
	o := options(t)
	o.FreePorts = false
	serve(t, chain(t, strings.NewReplacer("9998", address[strings.LastIndexByte(address, ':')+1:], "http_port: 18082\n", "").Replace(uciConfig), o, []string{"uci"}, uci{}))
	got := answer{No: -1}
	for began := time.Now(); got.No != 0 && time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		got = r.post("x", sample)
	}
	if got.No != 0 {
		t.Errorf("back: %+v", got)
	}
}

// TestRemoteConcurrency has two runs at once, one that a place is free for and one that
// waits for it.
func TestRemoteConcurrency(t *testing.T) {
	h := holding{inside: make(chan struct{}, 9), let: make(chan struct{})}
	behind := serve(t, chain(t, "rpc_port: 9998", options(t), []string{"hold"}, h))
	text := fmt.Sprintf("http_port: 18082\nname: uci\nop: {uci: {client_type: pipeline_grpc, server_endpoints: [%q], concurrency: 1}}\nops: [{name: uci}]", behind.RPCAddr())
	r := serve(t, pipeline.Declared(file(t, text), options(t)))
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			if got := r.post(); got.No != 0 || got.Key[0] != "held" {
				t.Errorf("%+v", got)
			}
		})
	}
	<-h.inside
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if _, page := r.do("GET", "/metrics", nil, nil); strings.Contains(page, `sampan_op_calls{op="uci"} 2`) {
			break
		} else if time.Since(began) > 10*time.Second {
			t.Fatal("the second call does not come to the op")
		}
	}
	if n := len(h.inside); n != 0 {
		t.Errorf("%d more at the model, want none", n)
	}
	close(h.let)
	calls.Wait()
}
