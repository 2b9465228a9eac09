package engine

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sampanml/sampan"
)

// The threads of a run follow from what a run costs, and what they gain, unless they are
// given.
func TestThreadsFollowFromTheCost(t *testing.T) {
	few := min(mostThreads, cores)
	const short, long, shorter = 100 * time.Microsecond, 20 * time.Millisecond, 19 * time.Millisecond
	good := long / time.Duration(few)
	for name, c := range map[string]struct {
		// one and many are what a run takes with one thread and with more.
		one, many time.Duration
		o         Options
		// size is the second of the input's.
		size  int64
		loads int
		want  Limits
	}{
		"cheap":                       {short, short, Options{}, 1, 1, Limits{cores, 1, short}},
		"threads help":                {long, good, Options{}, 1, 2, Limits{cores / few, few, good}},
		"threads help little":         {long, shorter, Options{}, 1, 3, Limits{cores, 1, long}},
		"one run, cheap":              {short, short, Options{Concurrency: 1}, 1, 1, Limits{1, 1, short}},
		"one run, threads help":       {long, 17 * time.Millisecond, Options{Concurrency: 1}, 1, 2, Limits{1, cores, 17 * time.Millisecond}},
		"one run, threads do nothing": {long, long, Options{Concurrency: 1}, 1, 3, Limits{1, 1, long}},
		"runs as processors":          {long, good, Options{Concurrency: cores}, 1, 1, Limits{cores, 1, long}},
		"threads given":               {long, good, Options{Threads: 1}, 1, 1, Limits{cores, 1, long}},
		"cost not known":              {short, short, Options{}, -1, 1, Limits{cores, 1, short}},
		"one run, cost not known":     {short, short, Options{Concurrency: 1}, -1, 2, Limits{1, cores, short}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{signature: Signature{Inputs: []Field{field("x", -1, c.size)}, Outputs: []Field{field("y", -1, c.size)}}}
				f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
					took := c.one
					if f.loaded.Threads > 1 {
						took = c.many
					}
					time.Sleep(took)
					copy(outputs, inputs)
					return nil
				}
				c.o.WarmUp = 2
				m := load(t, f, "", c.o)
				if got := m.Limits(); got != c.want {
					t.Errorf("%+v, want %+v", got, c.want)
				}
				if f.loaded.Threads != c.want.Threads || c.want.Runs*c.want.Threads > runtime.GOMAXPROCS(0) {
					t.Errorf("the session has %d threads, want %d", f.loaded.Threads, c.want.Threads)
				}
				if f.loads != c.loads || f.loads-f.closes != 1 {
					t.Errorf("%d sessions were made and %d closed, want %d and all but one", f.loads, f.closes, c.loads)
				}
			})
		})
	}
}

func TestSeveralSessions(t *testing.T) {
	f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
	m := load(t, f, "", Options{Sessions: []Runtime{{Providers: []Provider{CUDA("0")}}, {Providers: []Provider{CUDA("3")}}}})
	if f.loads != 2 || f.loaded.Runtime.Providers[0].Options["device_id"] != "3" {
		t.Errorf("%d sessions, the last as %+v", f.loads, f.loaded.Runtime)
	}
	if _, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 0)}); err != nil {
		t.Error(err)
	}
	if err := m.Close(); err != nil || f.closes != 2 {
		t.Errorf("%d sessions closed: %v", f.closes, err)
	}
}

func TestSessionThatFails(t *testing.T) {
	f := &failing{left: 2}
	_, err := Open(context.Background(), directory(t, map[string]string{"model.onnx": ""}),
		Options{Name: "m", Backend: f, Sessions: make([]Runtime, 3)})
	fails(t, err, sampan.ResourceExhausted, `load model "m": no more`)
	if f.closes != 2 {
		t.Errorf("%d sessions closed, want 2", f.closes)
	}
}

// failing loads so many sessions.
type failing struct {
	fake
	left int
}

func (f *failing) Load(ctx context.Context, a Artifact) (Session, error) {
	if f.left--; f.left < 0 {
		return nil, sampan.Errorf(sampan.ResourceExhausted, "no more")
	}
	return f.fake.Load(ctx, a)
}

func TestRecordedRequests(t *testing.T) {
	f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
	open := func(recorded []Recorded, fault error) error {
		m, err := Open(context.Background(), directory(t, map[string]string{"model.onnx": ""}), Options{
			Name: "m", Backend: f, Recorded: func(_ string, s *Signature) ([]Recorded, error) {
				if s.Inputs[0].Alias != "x" {
					t.Errorf("signature %+v", s)
				}
				return recorded, fault
			},
		})
		if err != nil {
			return err
		}
		return m.Close()
	}
	good := Recorded{Where: "file:1", Inputs: []sampan.Tensor{rows(t, 3, 0)}}
	if err := open([]Recorded{good}, nil); err != nil {
		t.Error(err)
	}
	bad := Recorded{Where: "file:2", Inputs: []sampan.Tensor{{DType: sampan.Int8, Shape: sampan.Shape{1, 1}, Data: []byte{0}}}}
	fails(t, open([]Recorded{good, bad}, nil), sampan.InvalidArgument, `load model "m": file:2: input "x": dtype int8, want float32`)
	fails(t, open(nil, sampan.Errorf(sampan.InvalidArgument, "file: no JSON")), sampan.InvalidArgument, `load model "m": file: no JSON`)
	if f.loads != f.closes {
		t.Errorf("%d sessions made, %d closed", f.loads, f.closes)
	}
}
