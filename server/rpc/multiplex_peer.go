package rpc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/netpoll"
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
	// calls counts those that have come.
	calls atomic.Int64

	// writers counts those that hold or want mu.
	writers atomic.Int32
	mu      sync.Mutex
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

// read takes one frame off the connection. Its size is checked before memory is taken,
// and netpoll takes memory for what has come, not for what was claimed.
func (p *peer) read(d dialect, timeout time.Duration) (*buffer, error) {
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
	if size > maxKept {
		bytes, err := r.ReadBinary(size)
		return &buffer{bytes}, errors.Join(err, r.Release())
	}
	bytes, err := r.Next(size)
	if err != nil {
		return nil, err
	}
	frame := take()
	frame.bytes = append(frame.bytes, bytes...)
	return frame, r.Release()
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

// write sends a frame. Several writers' frames go out in one piece: each leaves the
// sending to the next one who waits.
func (p *peer) write(frame []byte) {
	if p.put(frame) != nil {
		// Not under mu, which end takes.
		_ = p.conn.Close()
	}
}

// put is write, under mu.
func (p *peer) put(frame []byte) error {
	p.writers.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.writers.Add(-1) == 0
	if p.closed {
		return nil
	}
	w := p.conn.Writer()
	_, err := w.WriteBinary(frame)
	if err == nil && (last || w.MallocLen() >= batch) {
		err = w.Flush()
	}
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
