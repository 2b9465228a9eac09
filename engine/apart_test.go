package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sampanml/sampan"
)

// A run that does not stop when it is told to leaves its caller at the deadline, and its
// place when it ends.
func TestLongRunLeavesItsCaller(t *testing.T) {
	const long = 10 * time.Second
	synctest.Test(t, func(t *testing.T) {
		f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
		var saw []float32
		f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
			time.Sleep(long)
			saw = append(saw, values(t, inputs)[0])
			copy(outputs, inputs)
			return nil
		}
		m := load(t, f, "", Options{Concurrency: 1, Threads: 1, WarmUp: 1})
		first := rows(t, 1, 7)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := m.Run(ctx, []sampan.Tensor{first})
		fails(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("the caller had its answer after %v, want 100ms", took)
		}
		// The caller does with its input what it likes.
		clear(first.Data)
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
		out, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 8)})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 2*long {
			t.Errorf("the next one had its answer after %v, want %v", took, 2*long)
		}
		if values(t, out)[0] != 8 || len(saw) != 3 || saw[1] != 7 {
			t.Errorf("the answer is %v, the runs had %v", values(t, out), saw)
		}
	})
}

// The model is not closed under a run that has left its caller.
func TestCloseWaitsForLongRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
		f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
			time.Sleep(time.Second)
			copy(outputs, inputs)
			return nil
		}
		m := load(t, f, "", Options{Threads: 1, WarmUp: 1})
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 0)}); sampan.CodeOf(err) != sampan.DeadlineExceeded {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestPanicInALongRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
		f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
			if time.Sleep(time.Second); values(t, inputs)[0] == 13 {
				panic("a secret of the inside")
			}
			copy(outputs, inputs)
			return nil
		}
		m := load(t, f, "", Options{Threads: 1, WarmUp: 1})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for range 2 {
			_, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 13)})
			fails(t, err, sampan.Internal, "the run failed: internal error")
			if _, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)}); err != nil {
				t.Error(err)
			}
		}
	})
}
