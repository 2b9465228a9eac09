package client

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
)

func TestPredict(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		var got atomic.Pointer[sampan.Request]
		address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
			got.Store(cloned(r))
			return sums(ctx, r)
		})
		c := connect(t, config, address)
		out, err := c.Predict(t.Context(), Feed{"x": [][]float32{thirteen, make([]float32, 13)}}, nil, Batch(), LogID(42), Profile())
		if err != nil {
			t.Fatal(err)
		}
		price, err := out.Tensor("price")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tensorOf(sampan.Shape{2, 1}, float32(91), 0), price); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int64{100, 200}, out.Profile()); diff != "" {
			t.Error(diff)
		}
		want := &sampan.Request{
			Inputs: []sampan.Named{{Name: "x", Alias: "x", Tensor: tensorOf(sampan.Shape{2, 13},
				append(append([]float32(nil), thirteen...), make([]float32, 13)...)...)}},
			Outputs: []string{"price"}, LogID: 42, Profile: true,
		}
		if diff := cmp.Diff(want, got.Load()); diff != "" {
			t.Errorf("the server got %s", diff)
		}
	})
}

// What the server says arrives with its code and text over all transports.
func TestServerErrors(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		var fault atomic.Value
		address, _ := serve(t, func(context.Context, *sampan.Request) (*sampan.Reply, error) {
			return nil, fault.Load().(*sampan.Error)
		})
		c := connect(t, config, address)
		for _, code := range []sampan.Code{
			sampan.Canceled, sampan.InvalidArgument, sampan.DeadlineExceeded, sampan.NotFound, sampan.ResourceExhausted,
			sampan.FailedPrecondition, sampan.Unimplemented, sampan.Internal, sampan.Unavailable,
		} {
			fault.Store(sampan.Errorf(code, `input "x": shape [1 12], want [-1 13] — %v`, code))
			out, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
			if out != nil {
				t.Errorf("%v: a result beside the error", code)
			}
			arrives := code
			if config.Transport == BaiduStd || config.Transport == HTTP {
				arrives = baidu.Code(baidu.Number(code))
			}
			wantError(t, err, arrives, `input "x": shape [1 12], want [-1 13] — `+code.String())
			if got := EndpointOf(err); got != address {
				t.Errorf("the error is of endpoint %q, want %q", got, address)
			}
		}
	})
}

// A careless server gives errors too, never an empty result.
func TestCarelessServers(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		tests := map[string]handler{
			"plain error": func(context.Context, *sampan.Request) (*sampan.Reply, error) {
				return nil, errPlain{errors.New("secret")}
			},
			"panic":      func(context.Context, *sampan.Request) (*sampan.Reply, error) { panic("secret") },
			"no outputs": func(context.Context, *sampan.Request) (*sampan.Reply, error) { return &sampan.Reply{}, nil },
			"other output": func(context.Context, *sampan.Request) (*sampan.Reply, error) {
				return &sampan.Reply{Outputs: []sampan.Output{{Tensors: []sampan.Named{
					{Alias: "cost", Tensor: tensorOf(sampan.Shape{1}, float32(1))}}}}}, nil
			},
		}
		for name, h := range tests {
			address, _ := serve(t, h)
			addresses := []string{address}
			if config.Transport != BaiduStd && config.Transport != HTTP {
				addresses = append(addresses, serveKitex(t, h))
			}
			for _, address := range addresses {
				c := connect(t, config, address)
				out, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
				if out != nil || sampan.CodeOf(err) != sampan.Internal {
					t.Errorf("%s: got %v, %v, want an Internal error", name, out, err)
				}
			}
		}
	})
}

func TestMaxMessage(t *testing.T) {
	address, _ := serve(t, func(context.Context, *sampan.Request) (*sampan.Reply, error) {
		return &sampan.Reply{Outputs: []sampan.Output{{Tensors: []sampan.Named{
			{Alias: "price", Tensor: tensorOf(sampan.Shape{1 << 16}, make([]float32, 1<<16)...)}}}}}, nil
	})
	c := connect(t, Config{MaxMessageBytes: 80}, address)
	_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	if sampan.CodeOf(err) != sampan.ResourceExhausted {
		t.Errorf("a reply too large: got %v, want ResourceExhausted", err)
	}
	_, err = c.Predict(t.Context(), Feed{"x": [][]float32{thirteen, thirteen}}, nil, Batch())
	wantError(t, err, sampan.ResourceExhausted, "a request of 127 bytes, want at most 80")
}

func TestDeadline(t *testing.T) {
	rpcTransports(t, func(t *testing.T, config Config) {
		left, hold := make(chan time.Duration, 1), make(chan struct{})
		address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
			deadline, ok := ctx.Deadline()
			if !ok {
				return nil, sampan.Errorf(sampan.Internal, "no deadline")
			}
			left <- time.Until(deadline)
			if r.LogID == 1 {
				<-ctx.Done()
				<-hold
			}
			return sums(ctx, r)
		})
		t.Cleanup(func() { close(hold) })
		c := connect(t, config, address)
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
			t.Fatal(err)
		}
		if d := <-left; d > defaultTimeout || d < defaultTimeout/2 {
			t.Errorf("without a deadline the server has %v, want %v", d, defaultTimeout)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Predict(ctx, Feed{"x": thirteen}, nil, LogID(1))
		if sampan.CodeOf(err) != sampan.DeadlineExceeded {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		if d := time.Since(start); d < 150*time.Millisecond || d > 10*time.Second {
			t.Errorf("the call took %v, want 200ms", d)
		}
		if d := <-left; d > 200*time.Millisecond {
			t.Errorf("the server has %v, want 200ms at most", d)
		}
		// The call may have ended a moment before its context.
		<-ctx.Done()
		_, err = c.Predict(ctx, Feed{"x": thirteen}, nil)
		wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		// The connection that was cut is not used again.
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
			t.Errorf("the next call: %v", err)
		}
		<-left
	})
}

func TestCanceled(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		entered, leave := make(chan struct{}), make(chan struct{})
		address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
			entered <- struct{}{}
			<-leave
			return sums(ctx, r)
		})
		c := connect(t, config, address)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-entered
			cancel()
		}()
		_, err := c.Predict(ctx, Feed{"x": thirteen}, nil)
		wantError(t, err, sampan.Canceled, "the caller left before the answer was ready")
		close(leave)
	})
}

func TestConcurrency(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, _ := serve(t, sums)
		config.MaxConns = 3
		c := connect(t, config, address)
		var wg sync.WaitGroup
		for worker := range 16 {
			wg.Go(func() {
				for i := range 20 {
					mine := make([]float32, 13)
					mine[0] = float32(100*worker + i)
					out, err := c.Predict(t.Context(), Feed{"x": mine}, nil)
					if err != nil {
						t.Error(err)
						return
					}
					if got, err := out.Float32s("price"); err != nil || got[0] != mine[0] {
						t.Errorf("got %v, %v, want %v", got, err, mine[0])
					}
				}
			})
		}
		wg.Wait()
	})
}

// A caller may change the feed as soon as the call has returned, also when it was
// canceled on the way: the race detector watches.
func TestFeedIsFreeAfterReturn(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, _ := serve(t, sums)
		c := connect(t, config, address)
		x := make([]float32, 13<<12)
		for i := range 30 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*50*time.Microsecond)
			_, err := c.Predict(ctx, Feed{"x": x}, nil, Batch())
			if code := sampan.CodeOf(err); err != nil && code != sampan.DeadlineExceeded {
				t.Fatal(err)
			}
			for j := range x {
				x[j]++
			}
			cancel()
		}
	})
}

func TestClose(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		entered, leave := make(chan struct{}), make(chan struct{})
		address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
			close(entered)
			<-leave
			return sums(ctx, r)
		})
		c := connect(t, config, address)
		called := make(chan error, 1)
		go func() {
			_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
			called <- err
		}()
		<-entered
		closed := make(chan error, 1)
		go func() { closed <- c.Close() }()
		for c.connected() {
			runtime.Gosched()
		}
		_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
		wantError(t, err, sampan.FailedPrecondition, "the client is closed")
		close(leave)
		if err := <-called; err != nil {
			t.Errorf("the call in flight: %v", err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

func (c *Client) connected() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.session != nil
}

func TestSend(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, _ := serve(t, sums)
		c := connect(t, config, address)
		own := append([]float32(nil), thirteen...)
		r, err := c.Request(Feed{"x": own}, []string{"price"})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Pack(r)
		if err != nil {
			t.Fatal(err)
		}
		clear(own)
		for range 2 {
			out, err := c.Send(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := out.Float32s("price"); err != nil || got[0] != 91 {
				t.Errorf("got %v, %v, want 91", got, err)
			}
		}
		if _, err := Pack(&sampan.Request{Inputs: []sampan.Named{{Alias: "x", Tensor: tensorOf(sampan.Shape{1}, uint16(1))}}}); sampan.CodeOf(err) != sampan.Unimplemented {
			t.Errorf("uint16: got %v, want Unimplemented", err)
		}
	})
}
