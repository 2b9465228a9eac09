package engine

import (
	"context"
	"errors"
	"testing"

	"github.com/sampanml/sampan"
)

func TestMemory(t *testing.T) {
	m := NewMemory(100)
	a, b := m.Share("a"), m.Share("b")
	if err := a.Take(60); err != nil {
		t.Fatal(err)
	}
	err := b.Take(41)
	fails(t, err, sampan.ResourceExhausted, "41 bytes are wanted, requests under way use 60, the limit is 100 (--memory_limit)")
	var known *sampan.Error
	if !errors.As(err, &known) || known.RetryAfter == 0 {
		t.Error("it does not say when to try again")
	}
	if err := b.Take(101); !errors.As(err, &known) || known.RetryAfter != 0 {
		t.Errorf("%v: what never fits can be tried again after %v", err, known.RetryAfter)
	}
	if err := b.Take(40); err != nil {
		t.Fatal(err)
	}
	if m.InUse() != 100 || a.InUse() != 60 || b.InUse() != 40 || m.Share("b") != b {
		t.Errorf("in use %d, %d, %d", m.InUse(), a.InUse(), b.InUse())
	}
	a.Give(60)
	b.Give(40)
	if m.InUse() != 0 || a.InUse() != 0 || b.InUse() != 0 {
		t.Errorf("in use %d, %d, %d; want none", m.InUse(), a.InUse(), b.InUse())
	}
	var none *Share
	if err := none.Take(1); err != nil || none.InUse() != 0 {
		t.Errorf("%v", err)
	}
	none.Give(1)
}

// A request too large for what is left is refused, and those after it are not.
func TestMemoryOfRequests(t *testing.T) {
	f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
	memory := NewMemory(1000)
	share := memory.Share("m")
	f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
		if got, want := share.InUse(), int64(len(inputs[0].Data)); got != want {
			t.Errorf("%d bytes in use during a run, want %d", got, want)
		}
		copy(outputs, inputs)
		return nil
	}
	m := load(t, f, "", Options{Memory: memory})
	for range 2 {
		_, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 251, 0)})
		fails(t, err, sampan.ResourceExhausted, "1004 bytes are wanted, requests under way use 0, the limit is 1000 (--memory_limit)")
		if _, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 250, 0)}); err != nil {
			t.Error(err)
		}
	}
	if n := memory.InUse(); n != 0 {
		t.Errorf("%d bytes are in use at the end", n)
	}
	if f.loaded.Memory != share {
		t.Error("the backend does not know of the model's share")
	}
}
