package cache

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func request(name string, data ...byte) *sampan.Request {
	return &sampan.Request{Inputs: []sampan.Named{{Name: name, Tensor: sampan.Tensor{
		DType: sampan.Uint8, Shape: sampan.Shape{int64(len(data))}, Data: data,
	}}}}
}

func reply(size int) *sampan.Reply {
	return &sampan.Reply{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Tensor: sampan.Tensor{
		DType: sampan.Uint8, Shape: sampan.Shape{int64(size)}, Data: make([]byte, size),
	}}}}}}
}

// counter is a run that counts.
type counter struct {
	runs int
	size int
	err  error
}

func (c *counter) run() (*sampan.Reply, error) {
	c.runs++
	if c.err != nil {
		return nil, c.err
	}
	return reply(c.size), nil
}

func TestWhatMakesARequest(t *testing.T) {
	base := func() *sampan.Request {
		r := request("x", 1, 2, 3, 4)
		r.Outputs = []string{"y", "z"}
		r.Inputs[0].Tensor.LoD = sampan.LoD{{0, 4}}
		return r
	}
	for name, c := range map[string]struct {
		change func(*sampan.Request)
		equal  bool
	}{
		"nothing": {func(*sampan.Request) {}, true},
		"log id":  {func(r *sampan.Request) { r.LogID = 7 }, true},
		"name":    {func(r *sampan.Request) { r.Inputs[0].Name = "w" }, false},
		"alias":   {func(r *sampan.Request) { r.Inputs[0].Alias = "x" }, false},
		"dtype":   {func(r *sampan.Request) { r.Inputs[0].Tensor.DType = sampan.Int8 }, false},
		"shape":   {func(r *sampan.Request) { r.Inputs[0].Tensor.Shape = sampan.Shape{2, 2} }, false},
		"lod":     {func(r *sampan.Request) { r.Inputs[0].Tensor.LoD = sampan.LoD{{0, 2, 4}} }, false},
		"data":    {func(r *sampan.Request) { r.Inputs[0].Tensor.Data = []byte{1, 2, 3, 5} }, false},
		"outputs": {func(r *sampan.Request) { r.Outputs = []string{"yz", ""} }, false},
		"input":   {func(r *sampan.Request) { r.Inputs = append(r.Inputs, r.Inputs[0]) }, false},
	} {
		r := base()
		c.change(r)
		if got := keyOf(r) == keyOf(base()); got != c.equal {
			t.Errorf("%s: equal is %v, want %v", name, got, c.equal)
		}
	}
}

func TestRepliesAreKept(t *testing.T) {
	c, n := New(1<<20), &counter{size: 4}
	ctx := context.Background()
	first, err := c.Do(ctx, request("x", 1), n.run)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Do(ctx, request("x", 1), n.run)
	if err != nil || n.runs != 1 || cmp.Diff(first, second) != "" {
		t.Errorf("%d runs, %v; want 1 and the same reply", n.runs, err)
	}
	profiled := request("x", 1)
	profiled.Profile = true
	if _, err := c.Do(ctx, profiled, n.run); err != nil || n.runs != 2 {
		t.Errorf("a profile: %d runs, %v; want 2", n.runs, err)
	}
	c.Flush()
	if _, err := c.Do(ctx, request("x", 1), n.run); err != nil || n.runs != 3 {
		t.Errorf("after a flush: %d runs, %v; want 3", n.runs, err)
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	c, n := New(1<<20), &counter{err: errors.New("no")}
	for i := range 3 {
		if _, err := c.Do(context.Background(), request("x", 1), n.run); err == nil || n.runs != i+1 {
			t.Errorf("%d runs, %v", n.runs, err)
		}
	}
}

func TestBytesAreBounded(t *testing.T) {
	entrySize := sizeOf(reply(1000))
	c, n := New(3*entrySize), &counter{size: 1000}
	ask := func(b byte) {
		t.Helper()
		if _, err := c.Do(context.Background(), request("x", b), n.run); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range []byte{1, 2, 3, 1, 4, 1, 3, 2} {
		ask(b)
	}
	// 4 pushed 2 out, which was not asked for longest; 2 then pushed out 4.
	want := Stats{Bytes: 3 * entrySize, Replies: 3, Hits: 3, Misses: 5, Evicted: 2}
	if diff := cmp.Diff(want, c.Stats()); diff != "" {
		t.Error(diff)
	}
	n.size = 1 << 20
	ask(9)
	if got := c.Stats(); got.Evicted != 2 || got.Replies != 3 {
		t.Errorf("a reply larger than the cache: %+v", got)
	}
}

// Equal requests at the same time run once.
func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(1 << 20)
		runs := 0
		slow := func() (*sampan.Reply, error) {
			runs++
			time.Sleep(time.Second)
			return reply(1), nil
		}
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := c.Do(context.Background(), request("x", 1), slow); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if runs != 1 {
			t.Errorf("%d runs, want 1", runs)
		}
	})
}

// When the first of equal requests is given up, another one runs.
func TestLeaderThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(1 << 20)
		run := func(ctx context.Context) func() (*sampan.Reply, error) {
			return func() (*sampan.Reply, error) {
				select {
				case <-time.After(time.Second):
					return reply(1), nil
				case <-ctx.Done():
					return nil, sampan.ContextError(ctx)
				}
			}
		}
		short, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Do(short, request("x", 1), run(short)); sampan.CodeOf(err) != sampan.DeadlineExceeded {
				t.Errorf("the first one: %v", err)
			}
		})
		synctest.Wait()
		start := time.Now()
		for range 3 {
			all.Go(func() {
				if _, err := c.Do(context.Background(), request("x", 1), run(context.Background())); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("took %v, want 1.5s", took)
		}
	})
}

// A reply that was computed before a flush is not kept after it.
func TestFlushDuringAFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := New(1<<20), &counter{size: 1}
		done := make(chan error)
		go func() {
			_, err := c.Do(context.Background(), request("x", 1), func() (*sampan.Reply, error) {
				time.Sleep(time.Second)
				return reply(1), nil
			})
			done <- err
		}()
		synctest.Wait()
		c.Flush()
		// It does not wait for the old reply either.
		if _, err := c.Do(context.Background(), request("x", 1), n.run); err != nil || n.runs != 1 {
			t.Errorf("%d runs, %v", n.runs, err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := c.Stats(); got.Replies != 1 {
			t.Errorf("%+v, want one reply", got)
		}
	})
}

func BenchmarkHit(b *testing.B) {
	c, n := New(1<<20), &counter{size: 4}
	r := request("x", make([]byte, 52)...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Do(context.Background(), r, n.run); err != nil {
			b.Fatal(err)
		}
	}
}
