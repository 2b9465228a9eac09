package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
)

// held keeps calls until they are let go or their context ends. Calls of other than one
// element pass.
type held struct {
	entered  chan uint64
	release  chan struct{}
	canceled atomic.Int64
}

func newHeld() *held { return &held{make(chan uint64, 4096), make(chan struct{}), atomic.Int64{}} }

func (h *held) predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	if req.Inputs[0].Tensor.Shape[1] != 1 {
		return echo(ctx, req)
	}
	h.entered <- req.LogID
	select {
	case <-h.release:
		return echo(ctx, req)
	case <-ctx.Done():
		h.canceled.Add(1)
		return nil, sampan.ContextError(ctx)
	}
}

// TestManyInFlight: calls on one connection do not wait for each other.
func TestManyInFlight(t *testing.T) {
	h := newHeld()
	l := listen(t, h.predict, Options{}).dial()
	const calls = 100
	for id := range int64(calls) {
		l.send(frame(t, callMeta(id), floats(1)))
	}
	for range calls {
		<-h.entered
	}
	// While they are held, another one is answered.
	l.answers()
	close(h.release)
	seen := map[int64]bool{}
	for range calls {
		seen[l.reply().Meta.GetCorrelationId()] = true
	}
	if len(seen) != calls {
		t.Errorf("%d of %d calls are answered", len(seen), calls)
	}
}

// TestCallsOnAConnectionAreBounded: beyond the bound nothing is read until a call ends.
func TestCallsOnAConnectionAreBounded(t *testing.T) {
	h := newHeld()
	l := listen(t, h.predict, Options{}).dial()
	const more = 500
	go func() {
		for id := range int64(peerCalls + more) {
			if _, err := l.Write(frame(t, callMeta(id), floats(1))); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range peerCalls {
		<-h.entered
	}
	select {
	case <-h.entered:
		t.Error("one more call than the bound has begun")
	case <-time.After(100 * time.Millisecond):
	}
	close(h.release)
	for range peerCalls + more {
		l.reply()
	}
}

// TestLargeCallsCountAsSeveral: of large requests fewer are taken at the same time.
func TestLargeCallsCountAsSeveral(t *testing.T) {
	entered, release := make(chan struct{}, 100), make(chan struct{})
	l := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		if req.Inputs[0].Tensor.Shape[1] != 13 {
			entered <- struct{}{}
			<-release
		}
		return &sampan.Reply{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Alias: "y", Tensor: req.Inputs[0].Tensor}}}}}, nil
	}, Options{}).dial()
	// 8 MB is an eighth of what a connection may have under way.
	big := frame(t, callMeta(1), floats(2<<20))
	go func() {
		for range 12 {
			if _, err := l.Write(big); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range 7 {
		<-entered
	}
	select {
	case <-entered:
		t.Error("an eighth call of more than 8 MB has begun")
	case <-time.After(200 * time.Millisecond):
	}
	close(release)
	for range 12 {
		l.reply()
	}
}

// TestTimeout: the caller's patience is in the meta.
func TestTimeout(t *testing.T) {
	h := newHeld()
	l := listen(t, h.predict, Options{}).dial()
	meta := callMeta(5)
	meta.Request.TimeoutMs = proto.Int32(20)
	l.send(frame(t, meta, floats(1)))
	if r := l.reply().Meta.GetResponse(); r.GetErrorCode() != 1008 {
		t.Errorf("%d %s, want 1008", r.GetErrorCode(), r.GetErrorText())
	}
	l.answers()
}

// TestCallersLeave: callers who close their connection in the middle of a call, or of a
// frame, leave nothing behind.
func TestCallersLeave(t *testing.T) {
	h := newHeld()
	f := listen(t, h.predict, Options{})
	before := runtime.NumGoroutine()
	request := frame(t, callMeta(1), floats(1))
	const callers = 1000
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range callers / 8 {
				conn, err := net.Dial("tcp", f.address)
				if err != nil {
					t.Error(err)
					return
				}
				if (w+i)%2 == 0 {
					_, err = conn.Write(request)
					<-h.entered
				} else {
					_, err = conn.Write(request[:20])
				}
				if err = errors.Join(err, conn.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	eventually(t, func() bool { return h.canceled.Load() == callers/2 }, "the calls of callers who left are canceled")
	// Apart from the workers that are kept, a few are those of netpoll's pool.
	eventually(t, func() bool { return runtime.NumGoroutine() <= before+maxWorkers+5 }, "goroutines are back where they were")
	f.dial().answers()
}

func eventually(t *testing.T, ok func() bool, what string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not seen in 20 s: %s", what)
		}
	}
}

// TestHalfAFrame: who stops in the middle is cut off.
func TestHalfAFrame(t *testing.T) {
	f := listen(t, echo, Options{ReadTimeout: 50 * time.Millisecond})
	request := frame(t, callMeta(1), floats(13))
	for _, n := range []int{2, 5, 12, 13, len(request) - 1} {
		l := f.dial()
		l.send(request[:n])
		l.closed()
	}
	f.dial().answers()
}

// TestSlowReader: who does not take the replies is cut off, and the others do not wait.
func TestSlowReader(t *testing.T) {
	f := listen(t, echo, Options{WriteTimeout: 100 * time.Millisecond})
	l := f.dial()
	if err := l.Conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	big := frame(t, callMeta(1), floats(1<<20))
	gone := false
	for range 100 {
		if err := l.SetWriteDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Write(big); err != nil {
			gone = !errors.Is(err, context.DeadlineExceeded)
			break
		}
		f.dial().answers()
	}
	if !gone {
		t.Error("the server keeps a caller who takes 400 MB of replies without reading")
	}
	f.dial().answers()
}

// TestIdle: connections that nobody uses are closed, one with a call under way is not.
func TestIdle(t *testing.T) {
	h := newHeld()
	f := listen(t, h.predict, Options{IdleTimeout: 50 * time.Millisecond})
	idle, busy := f.dial(), f.dial()
	idle.answers()
	busy.send(frame(t, callMeta(1), floats(1)))
	<-h.entered
	if _, err := idle.receive(); err != io.EOF {
		t.Errorf("an idle connection: %v, want EOF", err)
	}
	close(h.release)
	busy.reply()
}

// TestStop: calls under way are answered, new ones are refused.
func TestStop(t *testing.T) {
	h := newHeld()
	f := listen(t, h.predict, Options{})
	l := f.dial()
	l.send(frame(t, callMeta(1), floats(1)))
	<-h.entered
	stopped := make(chan error, 1)
	go func() { stopped <- f.stop() }()
	eventually(t, func() bool {
		l.send(frame(t, callMeta(2), floats(13)))
		r := l.reply().Meta.GetResponse()
		return r.GetErrorCode() == 2003
	}, "a stopping server answers 2003")
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a call under way: %v", err)
	default:
	}
	h.release <- struct{}{}
	if r := l.reply(); r.Meta.GetCorrelationId() != 1 || r.Meta.GetResponse().GetErrorCode() != 0 {
		t.Errorf("the call under way: %v", &r.Meta)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	l.closed()
}

// TestStopEnds: a call that outlasts the drain is cut off.
func TestStopEnds(t *testing.T) {
	h := newHeld()
	f := listen(t, h.predict, Options{Drain: 50 * time.Millisecond})
	l := f.dial()
	l.send(frame(t, callMeta(1), floats(1)))
	<-h.entered
	if err := f.stop(); err != nil {
		t.Error(err)
	}
	l.closed()
	eventually(t, func() bool { return h.canceled.Load() == 1 }, "the call is canceled")
}
