package engine

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// echo is a model whose output is its input.
func echo() *fake {
	return &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
}

func TestRun(t *testing.T) {
	m := load(t, echo(), "", Options{})
	got, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 2, 7)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]sampan.Tensor{rows(t, 2, 7)}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRunFaults(t *testing.T) {
	f := echo()
	f.signature.Inputs = append(f.signature.Inputs, field("z", -1, 1))
	f.run = func(context.Context, []sampan.Tensor, []sampan.Tensor) error {
		t.Error("a request that does not fit reached the session")
		return nil
	}
	m := load(t, f, "", Options{})
	good := rows(t, 2, 1)
	whole, _ := sampan.New(sampan.Int64, sampan.Shape{2, 1})
	wide, _ := sampan.New(sampan.Float32, sampan.Shape{2, 2})
	short := good
	short.Data = short.Data[:7]
	for _, c := range []struct {
		inputs []sampan.Tensor
		want   string
	}{
		{nil, `0 inputs, want 2: "x", "z"`},
		{[]sampan.Tensor{good}, `1 inputs, want 2: "x", "z"`},
		{[]sampan.Tensor{good, good, good}, `3 inputs, want 2: "x", "z"`},
		{[]sampan.Tensor{whole, good}, `input "x": dtype int64, want float32`},
		{[]sampan.Tensor{good, wide}, `input "z": shape [2 2], want [-1 1]`},
		{[]sampan.Tensor{good, short}, `input "z": 7 bytes of float32 do not fill shape [2 1]`},
	} {
		_, err := m.Run(context.Background(), c.inputs)
		fails(t, err, sampan.InvalidArgument, c.want)
	}
}

func TestSessionFaultIsPassedOn(t *testing.T) {
	f := echo()
	f.run = func(context.Context, []sampan.Tensor, []sampan.Tensor) error {
		return sampan.Errorf(sampan.Internal, "the model failed: division by zero")
	}
	m := load(t, f, "", Options{Concurrency: 1})
	for range 2 {
		_, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 1)})
		fails(t, err, sampan.Internal, "the model failed: division by zero")
	}
}

func TestLoD(t *testing.T) {
	f := &fake{signature: Signature{
		Inputs:  []Field{field("words", -1, 1), field("weight", -1, 1)},
		Outputs: []Field{field("tags", -1, 1), field("plain", -1, 1), field("pooled", -1, 1), field("own", -1, 1)},
	}}
	own := sampan.LoD{{0, 3}}
	f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
		n := inputs[0].Rows()
		outputs[0], outputs[1], outputs[2], outputs[3] = rows(t, n, 0), rows(t, n, 1), rows(t, 2, 2), rows(t, n, 3)
		outputs[3].LoD = own
		return nil
	}
	m := load(t, f, `
		feed_var { name: "words" feed_type: 1 shape: -1 is_lod_tensor: true }
		feed_var { name: "weight" feed_type: 1 shape: 1 }
		fetch_var { name: "tags" fetch_type: 1 shape: 1 is_lod_tensor: true }
		fetch_var { name: "plain" fetch_type: 1 shape: 1 }
		fetch_var { name: "pooled" fetch_type: 1 shape: 1 is_lod_tensor: true }
		fetch_var { name: "own" fetch_type: 1 shape: 1 is_lod_tensor: true }`, Options{})
	run := func(words, weight sampan.LoD) []sampan.LoD {
		t.Helper()
		in := []sampan.Tensor{rows(t, 3, 1), rows(t, 3, 1)}
		in[0].LoD, in[1].LoD = words, weight
		out, err := m.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		var lods []sampan.LoD
		for _, o := range out {
			lods = append(lods, o.LoD)
		}
		return lods
	}
	for _, c := range []struct {
		name          string
		words, weight sampan.LoD
		tags          sampan.LoD
	}{
		{"none", nil, nil, nil},
		{"one level", sampan.LoD{{0, 1, 3}}, nil, sampan.LoD{{0, 1, 3}}},
		{"two levels", sampan.LoD{{0, 2}, {0, 1, 3}}, nil, sampan.LoD{{0, 2}, {0, 1, 3}}},
		{"of the second input", nil, sampan.LoD{{0, 2, 3}}, sampan.LoD{{0, 2, 3}}},
		{"of two inputs, which could be either's", sampan.LoD{{0, 1, 3}}, sampan.LoD{{0, 2, 3}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff([]sampan.LoD{c.tags, nil, nil, own}, run(c.words, c.weight)); diff != "" {
				t.Errorf("tags, plain, pooled, own:\n%s", diff)
			}
		})
	}
	t.Run("is a copy", func(t *testing.T) {
		given := sampan.LoD{{0, 1, 3}}
		got := run(given, nil)
		given[0][1] = 2
		if diff := cmp.Diff(sampan.LoD{{0, 1, 3}}, got[0]); diff != "" {
			t.Errorf("the output's sequences changed with the input's:\n%s", diff)
		}
	})
}

func TestClose(t *testing.T) {
	f := echo()
	m := load(t, f, "", Options{})
	for range 2 {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	if f.closes != 1 {
		t.Errorf("the session was closed %d times, want once", f.closes)
	}
	_, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 1)})
	fails(t, err, sampan.FailedPrecondition, `model "m" is not loaded`)
}

// held is a model of which the first run lasts until release is closed; started is
// closed when it has begun.
func held() (f *fake, started <-chan struct{}, release chan<- struct{}) {
	f = echo()
	var later atomic.Bool
	begun, end := make(chan struct{}), make(chan struct{})
	f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
		if !later.Swap(true) {
			close(begun)
			<-end
		}
		copy(outputs, inputs)
		return nil
	}
	return f, begun, end
}

// TestCloseWaits closes a model under a run: the session outlives the run, and a call
// that comes meanwhile is refused and not kept.
func TestCloseWaits(t *testing.T) {
	f, started, release := held()
	m := load(t, f, "", Options{Concurrency: 2})
	x := []sampan.Tensor{rows(t, 1, 7)}
	var calls sync.WaitGroup
	calls.Go(func() {
		if got, err := m.Run(context.Background(), x); err != nil || len(got) != 1 {
			t.Errorf("the run under way: %v, %v", got, err)
		}
	})
	<-started
	calls.Go(func() {
		// The fake complains of a session that is closed under a run.
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	for {
		if _, err := m.Run(context.Background(), x); err != nil {
			fails(t, err, sampan.FailedPrecondition, `model "m" is not loaded`)
			break
		}
		runtime.Gosched()
	}
	if n := f.running.Load(); n != 1 {
		t.Errorf("%d runs while Close waits, want 1", n)
	}
	close(release)
	calls.Wait()
	if f.closes != 1 {
		t.Errorf("the session was closed %d times, want once", f.closes)
	}
}

// TestCloseWaitsForWhoWaits closes a model under a run with a caller in the queue, who
// gets an answer.
func TestCloseWaitsForWhoWaits(t *testing.T) {
	f, started, release := held()
	m := load(t, f, "", Options{Concurrency: 1})
	x := []sampan.Tensor{rows(t, 1, 7)}
	var calls sync.WaitGroup
	call := func() {
		if _, err := m.Run(context.Background(), x); err != nil {
			t.Error(err)
		}
	}
	calls.Go(call)
	<-started
	calls.Go(call)
	for m.scheduler.waiting() == 0 {
		runtime.Gosched()
	}
	calls.Go(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	for m.open.TryRLock() {
		m.open.RUnlock()
		runtime.Gosched()
	}
	close(release)
	calls.Wait()
	if f.closes != 1 {
		t.Errorf("the session was closed %d times, want once", f.closes)
	}
}

// stubborn cannot be closed.
type stubborn struct{ *fake }

func (s stubborn) Load(context.Context, Artifact) (Session, error) { return s, nil }

func (stubborn) Close() error { return errors.New("will not close") }

func TestCloseFault(t *testing.T) {
	m, err := Open(context.Background(), directory(t, map[string]string{"model.onnx": ""}), Options{Name: "m", Backend: stubborn{echo()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err == nil || err.Error() != "will not close" {
		t.Errorf("got %v", err)
	}
}
