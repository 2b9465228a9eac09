package client

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// stalling serves sums, but for calls that wait while it is told to.
func stalling(t *testing.T) (address string, stall *atomic.Bool) {
	stall = new(atomic.Bool)
	release := make(chan struct{})
	address, _ = serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		if stall.Load() {
			select {
			case <-ctx.Done():
				return nil, sampan.ContextError(ctx)
			case <-release:
			}
		}
		return sums(ctx, r)
	})
	t.Cleanup(func() { close(release) })
	return address, stall
}

// A server that stalls costs HedgeAfter, not the deadline; soon it is left alone, and it
// is used again when it is well.
func TestHedge(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		a, stall := stalling(t)
		b, _, _ := counting(t)
		config.HedgeAfter = 20 * time.Millisecond
		c := connect(t, config, a, b)
		stall.Store(true)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range 10 {
					mine := make([]float32, 13)
					mine[0] = float32(i)
					out, err := c.Predict(t.Context(), Feed{"x": mine}, nil)
					if err != nil {
						t.Error(err)
						return
					}
					if out.Endpoint() != b {
						t.Errorf("the stalling server answered")
					}
					if got, err := out.Float32s("price"); err != nil || got[0] != mine[0] {
						t.Errorf("got %v, %v, want %v", got, err, mine[0])
					}
				}
			})
		}
		wg.Wait()
		open := func() bool {
			endpoints, err := c.Endpoints()
			if err != nil {
				t.Fatal(err)
			}
			return endpoints[0].Open
		}
		if !open() {
			t.Error("the stalling server is not left alone")
		}
		stall.Store(false)
		for end := time.Now().Add(20 * time.Second); open(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the server is well and not used")
			}
			if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The first answer is not waited for by a second call, and a fault is an answer.
func TestHedgeOutcomes(t *testing.T) {
	var calls atomic.Int64
	faulty := func(context.Context, *sampan.Request) (*sampan.Reply, error) {
		calls.Add(1)
		return nil, sampan.Errorf(sampan.InvalidArgument, "not a sum")
	}
	a, _ := serve(t, faulty)
	b, _ := serve(t, faulty)
	c := connect(t, Config{HedgeAfter: time.Minute}, a, b)
	_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	wantError(t, err, sampan.InvalidArgument, "not a sum")
	if calls.Load() != 1 {
		t.Errorf("%d calls, want 1", calls.Load())
	}

	// Both stall: the deadline ends both.
	slowA, stallA := stalling(t)
	slowB, stallB := stalling(t)
	stallA.Store(true)
	stallB.Store(true)
	c = connect(t, Config{HedgeAfter: 10 * time.Millisecond, Timeout: 100 * time.Millisecond}, slowA, slowB)
	_, err = c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
	c = connect(t, Config{HedgeAfter: 10 * time.Millisecond}, slowA, slowB)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = c.Predict(ctx, Feed{"x": thirteen}, nil)
	wantError(t, err, sampan.Canceled, "the caller left before the answer was ready")
}

// When everything stalls the budget ends, and with it the second calls.
func TestHedgeBudget(t *testing.T) {
	var inside atomic.Int64
	slow := func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		inside.Add(1)
		time.Sleep(5 * time.Millisecond)
		return sums(ctx, r)
	}
	a, _ := serve(t, slow)
	b, _ := serve(t, slow)
	c := connect(t, Config{HedgeAfter: time.Nanosecond}, a, b)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 50 {
				if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	// 500 calls, a hundred in store, and one for every ten.
	if n := inside.Load(); n > 660 {
		t.Errorf("500 calls came to %d, want at most 650", n)
	}
}
