package graph

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

func TestErrorNamesTheNodeOnlyAmongSeveral(t *testing.T) {
	fails := newModel("x -> y")
	fails.run = func(context.Context, []sampan.Tensor) ([]sampan.Tensor, error) {
		return nil, sampan.Errorf(sampan.InvalidArgument, `input "x": shape [1 12], want [-1 13]`)
	}
	for _, c := range []struct {
		models []ops.Model
		want   string
	}{
		{[]ops.Model{fails}, `input "x": shape [1 12], want [-1 13]`},
		{[]ops.Model{newModel("w -> x"), fails}, `op "GeneralInferOp_1": input "x": shape [1 12], want [-1 13]`},
	} {
		_, err := mustCompile(t, Default(c.models, nil)).Run(t.Context(), &sampan.Request{Inputs: []sampan.Named{{Tensor: scalar(1)}}})
		if text(err) != c.want || sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("got  %v (%v)\nwant %s", err, sampan.CodeOf(err), c.want)
		}
	}
}

func TestPanic(t *testing.T) {
	for _, parallel := range []bool{false, true} {
		var lines bytes.Buffer
		panics := true
		m := adds("x -> p", 1)
		run := m.run
		m.run = func(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
			if panics {
				panic("secret")
			}
			return run(ctx, inputs)
		}
		p := mustCompile(t, Spec{Name: "w", Parallel: parallel, Logger: slog.New(slog.NewTextHandler(&lines, nil)),
			Nodes: []NodeSpec{reader("r"), infer("a", m, "r"), infer("b", newModel("x -> p"), "r"), response("a", "b")}})
		_, err := p.Run(t.Context(), request("x"))
		if want := `op "a" failed: internal error`; text(err) != want || sampan.CodeOf(err) != sampan.Internal {
			t.Errorf("got  %v (%v)\nwant %s", err, sampan.CodeOf(err), want)
		}
		log := lines.String()
		if strings.Count(log, "\n") != 1 || !strings.Contains(log, "secret") || !strings.Contains(log, "failure_test.go") {
			t.Errorf("logged: %s", log)
		}
		panics = false
		if reply, err := p.Run(t.Context(), request("x")); err != nil || value(t, reply.Outputs[0].Tensors[0].Tensor) != 2 {
			t.Errorf("the next request: %v, %v", reply, err)
		}
	}
}

func TestNoReply(t *testing.T) {
	p := mustCompile(t, Spec{Nodes: []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r")}})
	_, err := p.Run(t.Context(), request("x"))
	if want := `op "a" made no reply`; text(err) != want || sampan.CodeOf(err) != sampan.Internal {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestContext(t *testing.T) {
	const left, late = "the caller left before the answer was ready", "the deadline passed before the answer was ready"
	for _, c := range []struct {
		name string
		// infer is what the model does, next the node behind it.
		infer, next func(ctx context.Context, cancel func()) error
		late        bool
		code        sampan.Code
		want        string
	}{
		{name: "the deadline has passed", late: true, code: sampan.DeadlineExceeded, want: late},
		{name: "the caller leaves during an op", infer: func(ctx context.Context, cancel func()) error { cancel(); return ctx.Err() },
			code: sampan.Canceled, want: left},
		{name: "the caller leaves between ops", infer: func(_ context.Context, cancel func()) error { cancel(); return nil },
			code: sampan.Canceled, want: left},
		{name: "an op ends a context of its own", infer: func(context.Context, func()) error { return nil },
			next: func(context.Context, func()) error { return context.DeadlineExceeded },
			code: sampan.DeadlineExceeded, want: "context deadline exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.late {
				ctx, cancel = context.WithDeadline(t.Context(), time.Unix(0, 0))
				defer cancel()
			}
			does := func(what string, name string, f func(context.Context, func()) error, depends ...string) NodeSpec {
				return does(name, func(ctx context.Context, _ *ops.Frame) error {
					if f == nil {
						t.Errorf("the %s node ran", what)
						return nil
					}
					return f(ctx, cancel)
				}, depends...)
			}
			p := mustCompile(t, Spec{Nodes: []NodeSpec{does("first", "a", c.infer), does("next", "b", c.next, "a")}})
			_, err := p.Run(ctx, request())
			if text(err) != c.want || sampan.CodeOf(err) != c.code {
				t.Errorf("got  %v (%v)\nwant %s", err, sampan.CodeOf(err), c.want)
			}
		})
	}
}

// The first error of a stage stops the other nodes, and Run waits for them.
func TestFirstErrorStopsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cold := errors.New("cold")
		var left sync.WaitGroup
		left.Add(2)
		waits := func(ctx context.Context, _ *ops.Frame) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			left.Done()
			return ctx.Err()
		}
		fails := func(context.Context, *ops.Frame) error {
			time.Sleep(time.Minute)
			return cold
		}
		p := mustCompile(t, Spec{Parallel: true, Nodes: []NodeSpec{reader("r"), does("a", waits, "r"), does("b", fails, "r"),
			does("c", waits, "r"), response("a", "b", "c")}})
		began := time.Now()
		if _, err := p.Run(t.Context(), request("x")); !errors.Is(err, cold) {
			t.Errorf("got %v, want the first error", err)
		}
		if took := time.Since(began); took != time.Minute+time.Second {
			t.Errorf("took %v", took)
		}
		left.Wait()
	})
}

// Nodes of a parallel stage run at once, those of a sequence one by one.
func TestAtOnce(t *testing.T) {
	for parallel, want := range map[bool]time.Duration{false: 2 * time.Second, true: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			sleeps := func(context.Context, *ops.Frame) error { time.Sleep(time.Second); return nil }
			p := mustCompile(t, Spec{Parallel: parallel, Nodes: []NodeSpec{does("a", sleeps), does("b", sleeps), response("a", "b")}})
			began := time.Now()
			if _, err := p.Run(t.Context(), request()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("parallel %t: took %v, want %v", parallel, took, want)
			}
		})
	}
}

// Requests at the same time do not meet.
func TestManyAtOnce(t *testing.T) {
	p := mustCompile(t, Spec{Parallel: true, Nodes: []NodeSpec{reader("r"), infer("a", adds("x -> p", 10), "r"),
		infer("b", adds("x -> q", 20), "r"), response("a", "b")}})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for range 200 {
				req := &sampan.Request{Inputs: []sampan.Named{{Name: "x", Tensor: scalar(float32(g))}}}
				reply, err := p.Run(t.Context(), req)
				if err != nil {
					t.Error(err)
					return
				}
				got := values(t, reply)
				if got["a"]["p"] != float32(10+g) || got["b"]["q"] != float32(20+g) {
					t.Errorf("request %d was answered %v", g, got)
					return
				}
			}
		})
	}
	wg.Wait()
}
