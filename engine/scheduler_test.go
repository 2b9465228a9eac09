package engine

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sampanml/sampan"
)

// waiting counts the requests in the queue.
func (s *scheduler) waiting() int {
	s.processors.mu.Lock()
	defer s.processors.mu.Unlock()
	return s.queue.tickets
}

// slow is a model of which every run takes a second.
func slow() *fake {
	f := echo()
	f.run = func(ctx context.Context, inputs, outputs []sampan.Tensor) error {
		select {
		case <-time.After(time.Second):
			copy(outputs, inputs)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return f
}

func TestConcurrencyIsNeverExceeded(t *testing.T) {
	for concurrency, seconds := range map[int]int{1: 8, 2: 4, 3: 3, 4: 2} {
		synctest.Test(t, func(t *testing.T) {
			f := slow()
			m := load(t, f, "", Options{Concurrency: concurrency})
			start := time.Now()
			var calls sync.WaitGroup
			for range 8 {
				calls.Go(func() {
					if _, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 1)}); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
			if most := f.most.Load(); most != int32(concurrency) {
				t.Errorf("%d runs at once, want %d", most, concurrency)
			}
			if took := time.Since(start); took != time.Duration(seconds)*time.Second {
				t.Errorf("concurrency %d: 8 runs took %v, want %d s", concurrency, took, seconds)
			}
		})
	}
}

// background runs the model until its answer or ctx ends, and hands over the error.
func background(ctx context.Context, t *testing.T, m *Model) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)})
		done <- err
	}()
	synctest.Wait()
	return done
}

func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1, Queue: 2})
		ctx := context.Background()
		calls := []<-chan error{background(ctx, t, m), background(ctx, t, m), background(ctx, t, m)}
		start := time.Now()
		_, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)})
		fails(t, err, sampan.ResourceExhausted, "2 rows wait for the model, the limit is 2; try again later")
		if took := time.Since(start); took != 0 {
			t.Errorf("the refusal took %v, want none", took)
		}
		for i, done := range calls {
			if err := <-done; err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("three runs took %v, want 3s", took)
		}
		if _, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)}); err != nil {
			t.Errorf("after the queue has emptied: %v", err)
		}
	})
}

func TestDeadlineWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1})
		first := background(context.Background(), t, m)
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)})
		fails(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		if took := time.Since(start); took != 300*time.Millisecond {
			t.Errorf("waited %v, want 300ms", took)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

func TestDeadlineWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1})
		for range 2 {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			_, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)})
			cancel()
			if sampan.CodeOf(err) != sampan.DeadlineExceeded {
				t.Errorf("got %v, want DeadlineExceeded", err)
			}
		}
	})
}

func TestCallerWhoLeavesFreesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1, Queue: 1})
		start := time.Now()
		first := background(context.Background(), t, m)
		ctx, leave := context.WithCancel(context.Background())
		second := background(ctx, t, m)
		if err := <-background(context.Background(), t, m); sampan.CodeOf(err) != sampan.ResourceExhausted {
			t.Fatalf("got %v, want ResourceExhausted: the test needs a full queue", err)
		}
		leave()
		fails(t, <-second, sampan.Canceled, "the caller left before the answer was ready")
		third := background(context.Background(), t, m)
		for i, done := range []<-chan error{first, third} {
			if err := <-done; err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("two runs took %v, want 2s", took)
		}
	})
}
