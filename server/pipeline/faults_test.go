package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/server/pipeline"
)

// holding waits for its context or to be let go, and tells who is in it.
type holding struct {
	pipeline.Op
	inside chan struct{}
	let    chan struct{}
}

func (h holding) Postprocess(ctx context.Context, _ pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	h.inside <- struct{}{}
	select {
	case <-h.let:
		return pipeline.Result{pipeline.Text("held", "yes")}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestFull refuses at once what there is no place for, and serves the next when there is.
func TestFull(t *testing.T) {
	h := holding{inside: make(chan struct{}), let: make(chan struct{})}
	r := serve(t, chain(t, "http_port: 18082\ndag: {channel_size: 2}", options(t), []string{"hold"}, h))
	var held sync.WaitGroup
	for range 2 {
		held.Go(func() {
			if got := r.post(); got.No != 0 {
				t.Errorf("a call with a place: %+v", got)
			}
		})
		<-h.inside
	}
	began := time.Now()
	got := r.post()
	if got.No != 2004 || got.Message != "the service has 2 calls under way, which is the most (channel_size); try again later" {
		t.Errorf("%+v, want 2004", got)
	}
	t.Logf("refused after %v", time.Since(began))
	close(h.let)
	held.Wait()
	go func() { <-h.inside }()
	if got := r.post(); got.No != 0 {
		t.Errorf("the next: %+v", got)
	}
}

// TestCallerLeaves gives the place back, whichever way the caller leaves.
func TestCallerLeaves(t *testing.T) {
	h := holding{inside: make(chan struct{}), let: make(chan struct{})}
	r := serve(t, chain(t, "rpc_port: 9998\nhttp_port: 18082\ndag: {channel_size: 1}", options(t), []string{"hold"}, h))
	var req []byte
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		var got []byte
		ended <- dial(t, r).Invoke(ctx, inference, &req, &got)
	}()
	<-h.inside
	cancel()
	if err := <-ended; status.Code(err) != codes.Canceled {
		t.Errorf("gRPC: %v, want Canceled", err)
	}
	free(t, r, h)
	ctx, cancel = context.WithCancel(t.Context())
	call, err := http.NewRequestWithContext(ctx, "POST", "http://"+r.HTTPAddr().String()+"/uci/prediction", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		resp, err := web.Do(call)
		if err == nil {
			_ = resp.Body.Close()
		}
		ended <- err
	}()
	<-h.inside
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("HTTP: %v, want Canceled", err)
	}
	free(t, r, h)
}

// free waits until the only place is free, and uses it.
func free(t *testing.T, r *running, h holding) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		answered := make(chan int32, 1)
		go func() { answered <- r.post().No }()
		select {
		case <-h.inside:
			h.let <- struct{}{}
			if no := <-answered; no != 0 {
				t.Errorf("err_no %d", no)
			}
			return
		case no := <-answered:
			if no != 2004 || time.Since(began) > 10*time.Second {
				t.Fatalf("err_no %d: the place is not given back", no)
			}
		}
	}
}

// TestDeadlineOfTheService frees a caller from an op that heeds nothing.
func TestDeadlineOfTheService(t *testing.T) {
	s := stubbornly{let: make(chan struct{})}
	o := options(t)
	o.Timeout = 50 * time.Millisecond
	r := serve(t, chain(t, "rpc_port: 9998\nhttp_port: 18082", o, []string{"hold"}, s))
	resp, text := r.do("POST", "/uci/prediction", nil, []byte("{}"))
	if want := `{"error":"context deadline exceeded","code":4,"message":"context deadline exceeded","details":[]}`; resp.StatusCode != 504 || text != want {
		t.Errorf("status %d, %s", resp.StatusCode, text)
	}
	close(s.let)
}

// TestStopWithAnOpThatNeverReturns ends all the same, and so do its callers.
func TestStopWithAnOpThatNeverReturns(t *testing.T) {
	s := stubbornly{let: make(chan struct{}), inside: make(chan struct{}, 2)}
	o := options(t)
	o.Drain = 50 * time.Millisecond
	r := serve(t, chain(t, "rpc_port: 9998\nhttp_port: 18082", o, []string{"hold"}, s))
	conn, ended := dial(t, r), make(chan error, 2)
	go func() {
		var req, reply []byte
		ended <- conn.Invoke(t.Context(), inference, &req, &reply)
	}()
	go func() {
		resp, err := web.Post("http://"+r.HTTPAddr().String()+"/uci/prediction", "application/json", strings.NewReader("{}"))
		if err == nil {
			_ = resp.Body.Close()
			err = fmt.Errorf("status %d", resp.StatusCode)
		}
		ended <- err
	}()
	for range 2 {
		<-s.inside
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-ended; status.Code(err) != codes.Unavailable && err.Error() != "status 503" {
			t.Errorf("%v, want Unavailable or 503", err)
		}
	}
	close(s.let)
}

type stubbornly struct {
	pipeline.Op
	let chan struct{}
	// inside tells that a call has come; nil if nobody asks.
	inside chan struct{}
}

func (s stubbornly) Postprocess(context.Context, pipeline.Inputs, pipeline.Fetch) (pipeline.Result, error) {
	if s.inside != nil {
		s.inside <- struct{}{}
	}
	<-s.let
	return nil, nil
}

// TestFailingBranch answers with the failing branch's error and stops the other.
func TestFailingBranch(t *testing.T) {
	var stopped atomic.Bool
	other := make(chan struct{})
	svc := pipeline.Parse("uci", []byte("http_port: 18082"), options(t))
	a := svc.Add("a", pipeline.Op{}, svc.Request())
	b := svc.Add("b", step(func(context.Context) error { <-other; return pipeline.Errorf(51, "no such user") }), a)
	c := svc.Add("c", step(func(ctx context.Context) error { close(other); <-ctx.Done(); stopped.Store(true); return ctx.Err() }), a)
	svc.Respond(svc.Add("d", step(func(context.Context) error { t.Error("the op after a failed one ran"); return nil }), b, c))
	r := serve(t, svc)
	if got := r.post(); got.No != 51 || got.Message != "no such user" {
		t.Errorf("%+v, want 51", got)
	}
	if !stopped.Load() {
		t.Error("the other branch went on")
	}
}

// step is an op that does something.
type step func(context.Context) error

func (step) Preprocess(context.Context, pipeline.Inputs) (pipeline.Feed, error) {
	return pipeline.Skip(), nil
}

func (s step) Postprocess(ctx context.Context, _ pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	return pipeline.Result{pipeline.Text("a", "b")}, s(ctx)
}

// TestBatches merges calls into one run, and cuts the answers apart again.
func TestBatches(t *testing.T) {
	text := strings.Replace(uciConfig, "    uci:\n", "    uci:\n        batch_size: 8\n        auto_batching_timeout: 20\n        concurrency: 1\n", 1)
	r := serve(t, chain(t, text, options(t), []string{"uci"}, uci{}))
	var calls sync.WaitGroup
	for i := range 16 {
		calls.Go(func() {
			rows, want := sample, "[[18.901152]]"
			if i%2 == 0 {
				rows, want = sample+";"+sample, "[[18.901152]\n [18.901152]]"
			}
			if got := r.post("x", rows); got.No != 0 || got.Value[0] != want {
				t.Errorf("%+v, want %q", got, want)
			}
		})
	}
	calls.Wait()
	_, page := r.do("GET", "/metrics", nil, nil)
	if !strings.Contains(page, `sampan_batch_rows_count{op="uci",version="1"} `) || strings.Contains(page, `sampan_batch_rows_count{op="uci",version="1"} 0`) {
		t.Error("no runs were merged")
	}
}

// TestTracer writes the report of what the ops did.
func TestTracer(t *testing.T) {
	lines := &pages{}
	o := options(t)
	o.Logger = slog.New(slog.NewTextHandler(lines, nil))
	r := serve(t, chain(t, strings.Replace(uciConfig, "retry: 1", "retry: 1, tracer: {interval_s: 1}", 1), o, []string{"uci"}, uci{}))
	r.post("x", sample)
	for began := time.Now(); !strings.Contains(lines.text(), "TRACER"); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("no report")
		}
	}
	for _, want := range []string{"Op(uci):", "prep[", "midp[", "postp[", "Query count[1]", "Succ[1.000]", ".99["} {
		if !strings.Contains(lines.text(), want) {
			t.Errorf("no %q in %s", want, lines.text())
		}
	}
}

// pages keeps what is logged.
type pages struct {
	mu sync.Mutex
	b  strings.Builder
}

func (p *pages) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *pages) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// TestPages has the built-in pages on http_port and the metrics on a port of their own.
func TestPages(t *testing.T) {
	o := options(t)
	r := serve(t, chain(t, strings.Replace(uciConfig, "retry: 1", "enable_prometheus: True", 1), o, []string{"uci"}, uci{}))
	r.post("x", sample)
	for path, want := range map[string]string{
		"/readyz": "ready", "/healthz": "ok", "/v1/models": `"name":"uci"`, "/status": "model: uci version 1 ready",
		"/metrics": `sampan_op_duration_seconds_count{op="uci",phase="midp"} 1`,
	} {
		if resp, text := r.do("GET", path, nil, nil); resp.StatusCode != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: status %d, no %q in %s", path, resp.StatusCode, want, text)
		}
	}
	resp, err := http.Get("http://" + r.PrometheusAddr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(text), "sampan_pipeline_duration_seconds") {
		t.Errorf("%v: %s", err, text)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestRunsOnce refuses a second life, and calls after the first.
func TestRunsOnce(t *testing.T) {
	r := serveUCI(t)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context()); err == nil {
		t.Error("it ran twice")
	}
	if _, err := r.Answer(t.Context(), &pipelineserving.Request{}); err == nil {
		t.Error("a call was answered after the end")
	}
}
