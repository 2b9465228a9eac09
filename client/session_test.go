package client

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"github.com/sampanml/sampan"
)

// counting serves sums and counts the calls.
func counting(t *testing.T) (address string, stop func(), calls *atomic.Int64) {
	calls = new(atomic.Int64)
	address, stop = serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		calls.Add(1)
		return sums(ctx, r)
	})
	return address, stop, calls
}

// deaf is an address at which nobody listens.
func deaf(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestRoundRobin(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		a, _, callsA := counting(t)
		b, _, callsB := counting(t)
		c := connect(t, config, a, b)
		for range 10 {
			if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if callsA.Load() != 5 || callsB.Load() != 5 {
			t.Errorf("%d and %d calls, want 5 and 5", callsA.Load(), callsB.Load())
		}
	})
}

func TestFailOver(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		a, stop, _ := counting(t)
		b, _, calls := counting(t)
		c := connect(t, config, a, deaf(t), b)
		stop()
		for range 6 {
			if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if calls.Load() != 6 {
			t.Errorf("the server that is left had %d calls, want 6", calls.Load())
		}
	})
}

// An answer that is an error is an answer: no other server is asked, unless it says that
// another one may do.
func TestFailOverForErrors(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		var calls atomic.Int64
		var fault atomic.Pointer[sampan.Error]
		fails := func(context.Context, *sampan.Request) (*sampan.Reply, error) {
			calls.Add(1)
			return nil, fault.Load()
		}
		a, _ := serve(t, fails)
		b, _ := serve(t, fails)
		c := connect(t, config, a, b)
		for code, want := range map[sampan.Code]int64{
			sampan.ResourceExhausted: 1, sampan.DeadlineExceeded: 1, sampan.InvalidArgument: 1, sampan.Internal: 1, sampan.Unavailable: 2,
		} {
			calls.Store(0)
			fault.Store(sampan.Errorf(code, "said by the server"))
			_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
			wantError(t, err, code, "said by the server")
			if calls.Load() != want {
				t.Errorf("%v: %d calls, want %d", code, calls.Load(), want)
			}
		}
	})
}

func TestClosedServer(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, stop := serve(t, sums)
		c := connect(t, config, address)
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
			t.Fatal(err)
		}
		stop()
		// Calls take turns on a few connections. Until the reader of each has seen the end,
		// one may still find it.
		for range 10 {
			if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); sampan.CodeOf(err) != sampan.Unavailable {
				t.Errorf("got %v, want Unavailable", err)
			}
			time.Sleep(5 * time.Millisecond)
		}
		for range 3 {
			_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
			wantError(t, err, sampan.Unavailable, "connect to "+address+": connection refused")
		}
	})
}

// A server that comes back is found again.
func TestServerReturns(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, stop := serve(t, sums)
		c := connect(t, config, address)
		// A server that is stopped before it has served goes on in Kitex.
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
			t.Fatal(err)
		}
		stop()
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); sampan.CodeOf(err) != sampan.Unavailable {
			t.Fatalf("got %v, want Unavailable", err)
		}
		serveAt(t, address, sums)
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
			t.Errorf("got %v from the server that is back", err)
		}
	})
}

// A server that is restarted between two calls is not noticed.
func TestServerRestarts(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, stop := serve(t, sums)
		c := connect(t, config, address)
		for range 3 {
			if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
				t.Fatal(err)
			}
			stop()
			_, stop = serveAt(t, address, sums)
		}
	})
}

func TestConnectNobody(t *testing.T) {
	a := deaf(t)
	c := load(t, "testdata/uci")
	wantError(t, c.Connect(t.Context(), a), sampan.Unavailable, "connect to "+a+": connection refused")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, c.Connect(ctx, a), sampan.Canceled, "the caller left before the answer was ready")
}

// mute takes connections and reads what comes, but never says a word; hangUp closes
// each connection after the first bytes.
func mute(t *testing.T, hangUp bool) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buffer := make([]byte, 1<<16)
				for {
					if _, err := conn.Read(buffer); err != nil || hangUp {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestServerHangsUp(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		c := connect(t, config, mute(t, true))
		for range 5 {
			start := time.Now()
			_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
			if sampan.CodeOf(err) != sampan.Unavailable {
				t.Fatalf("got %v, want Unavailable", err)
			}
			if d := time.Since(start); d > defaultTimeout/2 {
				t.Errorf("the call took %v", d)
			}
		}
	})
}

// Neither a silent server nor one that does not read holds a caller, whether the
// deadline is the context's or the config's.
func TestSilentServer(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		config.Timeout = 100 * time.Millisecond
		c := connect(t, config, mute(t, false), mute(t, false))
		for _, rows := range []int{1, 1 << 18} {
			x := make([]float32, 13*rows)
			_, err := c.Predict(context.Background(), Feed{"x": x}, nil, Batch())
			wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			_, err = c.Predict(ctx, Feed{"x": x}, nil, Batch())
			cancel()
			wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		}
	})
}

// One that does not even read leaves the rest of a large request unsent.
func TestServerDoesNotRead(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		config.Timeout = 100 * time.Millisecond
		c := connect(t, config, l.Addr().String())
		x := make([]float32, 13<<18)
		_, err = c.Predict(context.Background(), Feed{"x": x}, nil, Batch())
		wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		ctx, cancel := context.WithCancel(context.Background())
		defer time.AfterFunc(50*time.Millisecond, cancel).Stop()
		config.Timeout = 0
		d := connect(t, config, l.Addr().String())
		_, err = d.Predict(ctx, Feed{"x": x}, nil, Batch())
		wantError(t, err, sampan.Canceled, "the caller left before the answer was ready")
	})
}

// Over TTHeader calls beyond MaxConns wait.
func TestMaxConns(t *testing.T) {
	var inside, most atomic.Int64
	entered, leave := make(chan struct{}, 8), make(chan struct{})
	address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		for n := inside.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		entered <- struct{}{}
		<-leave
		inside.Add(-1)
		return sums(ctx, r)
	})
	c := connect(t, Config{MaxConns: 2}, address)
	results := make(chan error, 8)
	call := func() {
		_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
		results <- err
	}
	for range 2 {
		go call()
		<-entered
	}
	for range cap(results) - 2 {
		go call()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := c.Predict(ctx, Feed{"x": thirteen}, nil)
	wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
	short, err := c.enter()
	if err != nil {
		t.Fatal(err)
	}
	err = short.variants[0].call(context.Background(), key{}, new(parcel), time.Now().Add(10*time.Millisecond)).err
	c.calls.Done()
	wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
	close(leave)
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 2 {
		t.Errorf("%d calls at once, want 2", most.Load())
	}
}

// callerOf is the client's address, which tells connections apart.
func callerOf(ctx context.Context) string {
	return rpcinfo.GetRPCInfo(ctx).From().Address().String()
}

func TestConnectionIsUsedAgain(t *testing.T) {
	var last atomic.Value
	entered, leave := make(chan struct{}), make(chan struct{})
	address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		last.Store(callerOf(ctx))
		switch r.LogID {
		case 1:
			return nil, sampan.Errorf(sampan.NotFound, "no such model")
		case 2:
			close(entered)
			<-leave
		}
		return sums(ctx, r)
	})
	t.Cleanup(func() { close(leave) })
	c := connect(t, Config{}, address)
	call := func(ctx context.Context, id uint64) string {
		_, _ = c.Predict(ctx, Feed{"x": thirteen}, nil, LogID(id))
		return last.Load().(string)
	}
	first := call(t.Context(), 0)
	for id := range 4 {
		if next := call(t.Context(), uint64(id%2)); next != first {
			t.Errorf("call %d came over %s, want %s", id, next, first)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	call(ctx, 2)
	if next := call(t.Context(), 0); next == first {
		t.Error("the connection of a call that was left is used again")
	}
}
