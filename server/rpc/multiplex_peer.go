package rpc

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan/internal/loan"
)

const (
	// peerCalls bounds the calls in flight on one connection, of requests up to slotBytes;
	// a larger one counts as several. At the bound nothing more is read from it.
	peerCalls = 1024
	slotBytes = 64 << 10
	// slowest is the rate, in bytes a second, at which a frame has to arrive once its
	// first ReadTimeout is over.
	slowest = 64 << 10
	// batch is the size, in bytes, at which replies are sent though more are ready.
	batch = 64 << 10
)

// peer is a connection with many calls in flight.
type peer struct {
	conn netpoll.Connection
	// ctx ends when the other side closes the connection.
	ctx  context.Context
	gone context.CancelFunc
	// slots has an element for each call in flight, several for a large one.
	slots chan struct{}
	// idle closes the connection when no call has come since it last ran.
	idle *time.Timer
	// frame is that of the call under way, where they are answered in order: the
	// connection's own memory.
	frame loan.Memory
	// calls counts those that have come.
	calls atomic.Int64

	mu sync.Mutex
	// dirty says that what was written is to be sent, and somebody will.
	dirty bool
	// closed says that the connection's buffer must not be touched any more.
	closed bool
}

func newPeer(ctx context.Context, conn netpoll.Connection, o Options) *peer {
	p := &peer{conn: conn, slots: make(chan struct{}, peerCalls)}
	p.ctx, p.gone = context.WithCancel(ctx)
	_ = conn.SetWriteTimeout(o.WriteTimeout)
	var seen int64
	p.idle = time.AfterFunc(o.IdleTimeout, func() {
		calls := p.calls.Load()
		if calls == seen && len(p.slots) == 0 {
			_ = conn.Close()
			return
		}
		seen = calls
		p.idle.Reset(o.IdleTimeout)
	})
	return p
}

// read returns the next frame, which is the connection's until its reader is released.
// Its size is checked before memory is taken, and netpoll takes memory for what has come,
// not for what was claimed.
func (p *peer) read(d dialect, timeout time.Duration) ([]byte, error) {
	r := p.conn.Reader()
	header, err := r.Peek(d.header())
	if err != nil {
		return nil, err
	}
	size, err := d.size(header)
	if err != nil {
		return nil, err
	}
	if r.Len() < size {
		patience := timeout + time.Duration(size/slowest)*time.Second
		_ = p.conn.SetReadDeadline(time.Now().Add(patience))
		defer p.conn.SetReadDeadline(time.Time{})
	}
	return r.Next(size)
}

// enter takes the slots of a call with a frame of so many bytes, and says how many they
// are; leave gives them back. Only the reader calls it.
func (p *peer) enter(size int) (slots int, err error) {
	p.calls.Add(1)
	slots = min(1+size/slotBytes, peerCalls)
	for range slots {
		select {
		case p.slots <- struct{}{}:
			continue
		default:
		}
		select {
		case p.slots <- struct{}{}:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	return slots, nil
}

func (p *peer) leave(slots int) {
	for range slots {
		<-p.slots
	}
}

// write sends a frame. Where there may be other writers, their frames go out in one
// piece: the first lets the goroutines go on that are ready, and then sends what they have
// written too.
func (p *peer) write(frame []byte, others bool) {
	first, err := p.put(frame)
	if first && err == nil {
		if others {
			runtime.Gosched()
		}
		err = p.flush()
	}
	if err != nil {
		// Not under mu, which end takes.
		_ = p.conn.Close()
	}
}

// put adds a frame to what is to be sent. first says that nothing else was, so that the
// caller has to flush.
func (p *peer) put(frame []byte) (first bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false, nil
	}
	w := p.conn.Writer()
	_, err = w.WriteBinary(frame)
	if err == nil && w.MallocLen() >= batch {
		err = w.Flush()
	}
	p.closed = err != nil
	first = !p.dirty
	p.dirty = true
	return first, err
}

// flush sends what was put.
func (p *peer) flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dirty = false
	if p.closed {
		return nil
	}
	err := p.conn.Writer().Flush()
	p.closed = err != nil
	return err
}

// end is called when the connection has ended, before its buffers go.
func (p *peer) end() {
	p.gone()
	p.idle.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}
