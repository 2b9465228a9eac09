package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/server/pipeline"
)

// processing does something in place of a model's run.
type processing struct {
	pipeline.Op
	process func(context.Context) error
}

func (processing) Preprocess(context.Context, pipeline.Inputs) (pipeline.Feed, error) {
	return pipeline.Feed{}, nil
}

func (p processing) Process(ctx context.Context, _ pipeline.Feed) (pipeline.Fetch, error) {
	return pipeline.Fetch{}, p.process(ctx)
}

func (processing) Postprocess(context.Context, pipeline.Inputs, pipeline.Fetch) (pipeline.Result, error) {
	return pipeline.Result{pipeline.Text("a", "b")}, nil
}

// TestRetry tries an op, and the whole graph, again as often as config.yml says, and only
// what ran out of time.
func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		dag, op int
		fails   error
		// late is the number of attempts that run out of time; tried is how many there are.
		late, tried int64
		no          int32
	}{
		"in time":             {1, 1, nil, 0, 1, 0},
		"the op's last":       {1, 3, nil, 2, 3, 0},
		"one too few":         {1, 3, nil, 3, 3, 6000},
		"the graph's last":    {2, 1, nil, 1, 2, 0},
		"both":                {2, 2, nil, 3, 4, 0},
		"both, one too few":   {2, 2, nil, 4, 4, 6000},
		"not late, but wrong": {3, 3, errors.New("boom"), 0, 1, 10000},
		"an own number":       {3, 3, pipeline.Errorf(51, "no such user"), 0, 1, 51},
	} {
		t.Run(name, func(t *testing.T) {
			var tried atomic.Int64
			late := processing{process: func(ctx context.Context) error {
				if tried.Add(1) <= c.late {
					<-ctx.Done()
					return ctx.Err()
				}
				return c.fails
			}}
			text := fmt.Sprintf("http_port: 18082\ndag: {retry: %d}\nop: {uci: {timeout: 30, retry: %d}}", c.dag, c.op)
			r := serve(t, chain(t, text, options(t), []string{"uci"}, late))
			got := r.post()
			if n := tried.Load(); got.No != c.no || n != c.tried {
				t.Errorf("%+v after %d attempts, want err_no %d after %d", got, n, c.no, c.tried)
			}
		})
	}
}

// TestFailingProcess has the answers of the real pipeline server, and ends no process.
func TestFailingProcess(t *testing.T) {
	fails := func(context.Context) error { return errors.New("boom in process") }
	panics := func(context.Context) error { panic("boom in process") }
	for want, process := range map[string]func(context.Context) error{"boom in process": fails, "internal error": panics} {
		r := serve(t, chain(t, "http_port: 18082", options(t), []string{"uci"}, processing{process: process}))
		got := r.post()
		if got.No != 10000 || got.Message != "[uci] failed to predict. (log_id=0) [uci|0] Failed to process(batch: [0]): "+want+seeLog {
			t.Errorf("%+v", got)
		}
	}
}

// turning chooses among the ops behind it.
type turning struct {
	pipeline.Op
	next func(way string) ([]string, error)
}

func (t turning) Next(_ context.Context, in pipeline.Inputs, _ pipeline.Result) ([]string, error) {
	way, err := in.Text("way")
	if err != nil {
		return nil, err
	}
	return t.next(way)
}

// TestNext goes on to some of the ops behind, to all, to none and to others.
func TestNext(t *testing.T) {
	turn := turning{next: func(way string) ([]string, error) {
		switch way {
		case "all":
			return nil, nil
		case "fail":
			return nil, errors.New("no way")
		case "panic":
			panic("no way")
		}
		return strings.Fields(way), nil
	}}
	svc := pipeline.Parse("uci", []byte("http_port: 18082"), options(t))
	a := svc.Add("a", turn, svc.Request())
	svc.Respond(svc.Add("d", from{}, svc.Add("b", pipeline.Op{}, a), svc.Add("c", pipeline.Op{}, a)))
	r := serve(t, svc)
	for _, c := range []struct {
		way  string
		no   int32
		want string
	}{
		{"all", 0, "b c"}, {"b c", 0, "b c"}, {"b", 0, "b"}, {"c", 0, "c"},
		{"", 10000, `no node goes on to "d", the last`},
		{"b e", 10000, `op "a" goes on to "e", which does not depend on it`},
		{"d", 10000, `op "a" goes on to "d", which does not depend on it`},
		{"fail", 10000, "no way"}, {"panic", 10000, "internal error"},
	} {
		got := r.post("way", c.way)
		if text := got.Message + strings.Join(got.Value, ","); got.No != c.no || !strings.Contains(text, c.want) || c.no == 0 && text != c.want {
			t.Errorf("%q: %+v, want %d %s", c.way, got, c.no, c.want)
		}
	}
}

// from gives the names of the ops that it got values of.
type from struct{ pipeline.Op }

func (from) Postprocess(_ context.Context, in pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	return pipeline.Result{pipeline.Text("from", strings.Join(in.From(), " "))}, nil
}

// TestLeftBehind has an op that never returns, and no concurrency in config.yml: as many
// are left behind as calls may be under way.
func TestLeftBehind(t *testing.T) {
	var inside atomic.Int64
	let := make(chan struct{})
	never := processing{process: func(context.Context) error { inside.Add(1); <-let; return nil }}
	r := serve(t, chain(t, "http_port: 18082\ndag: {channel_size: 2}\nop: {uci: {timeout: 10}}", options(t), []string{"uci"}, never))
	for range 6 {
		if got := r.post(); got.No != 6000 {
			t.Errorf("%+v, want 6000", got)
		}
	}
	if n := inside.Load(); n != 2 {
		t.Errorf("%d were left behind, want 2", n)
	}
	close(let)
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if got := r.post(); got.No == 0 {
			break
		} else if time.Since(began) > 10*time.Second {
			t.Fatalf("after they have returned: %+v", got)
		}
	}
}

// waiting is a runtime whose runs wait for the context, or to be let go.
type waiting struct {
	engine.Backend
	wait *atomic.Bool
	in   chan struct{}
}

func (w waiting) Load(ctx context.Context, m engine.Artifact) (engine.Session, error) {
	s, err := w.Backend.Load(ctx, m)
	return waitingSession{s, w}, err
}

type waitingSession struct {
	engine.Session
	waiting
}

func (s waitingSession) Run(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	if s.wait.Load() {
		s.in <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	return s.Session.Run(ctx, inputs, outputs)
}

// TestSlowModel is in the middle of three ops: the op's timeout, the caller's deadline and
// a caller who leaves end its run, and the next call is answered.
func TestSlowModel(t *testing.T) {
	o := options(t)
	w := waiting{o.Backend, &atomic.Bool{}, make(chan struct{}, 9)}
	o.Backend = w
	start := func(timeout int) *running {
		svc := pipeline.Parse("uci", []byte(strings.Replace(uciConfig, "    uci:\n", fmt.Sprintf("    uci:\n        timeout: %d\n", timeout), 1)), o)
		svc.Respond(svc.Add("last", pipeline.Op{}, svc.Add("uci", uci{}, svc.Add("first", pipeline.Op{}, svc.Request()))))
		return serve(t, svc)
	}
	good := func(r *running) {
		w.wait.Store(false)
		if got := r.post("x", sample); got.No != 0 {
			t.Errorf("afterwards: %+v", got)
		}
		w.wait.Store(true)
	}
	r := start(50)
	w.wait.Store(true)
	if got := r.post("x", sample); got.No != 6000 || !strings.Contains(got.Message, "[uci] failed to predict.") {
		t.Errorf("the op's timeout: %+v", got)
	}
	good(r)
	w.wait.Store(false)
	r = start(0)
	w.wait.Store(true)
	resp, text := r.do("POST", "/uci/prediction", map[string]string{"Grpc-Timeout": "50m"}, []byte(`{"key":["x"],"value":["`+sample+`"]}`))
	if resp.StatusCode != 504 || !strings.Contains(text, `"code":4`) {
		t.Errorf("the caller's deadline: %d %s", resp.StatusCode, text)
	}
	good(r)
	for len(w.in) > 0 {
		<-w.in
	}
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-w.in; leave() }()
	_, err := connectClient(t, r.RPCAddr().String()).Predict(ctx, map[string]any{"x": sample}, nil)
	if code := sampan.CodeOf(err); code != sampan.Canceled {
		t.Errorf("a caller who leaves: %v", err)
	}
	good(r)
}

// TestDeadlineInAHook is the transport's to tell, whatever an op makes of its context.
func TestDeadlineInAHook(t *testing.T) {
	late := step(func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("read the weather: %w", sampan.ContextError(ctx))
	})
	o := options(t)
	o.Timeout = 50 * time.Millisecond
	r := serve(t, chain(t, "rpc_port: 9998", o, []string{"late"}, late))
	var req, reply []byte
	if err := dial(t, r).Invoke(t.Context(), inference, &req, &reply); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
}
