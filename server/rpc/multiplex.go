package rpc

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan/internal/loan"
)

// dialect is a protocol that has many calls in flight on one connection.
type dialect interface {
	// matches looks at the first bytes of a connection without taking them; four are
	// there.
	matches(r netpoll.Reader) bool
	// header is the number of bytes that tell a frame's size.
	header() int
	// size of the whole frame, from its header. An error closes the connection.
	size(header []byte) (int, error)
	// answer handles a frame, which it gives back, and returns the reply's, nil for
	// none. An error closes the connection. ctx ends with the connection.
	answer(ctx context.Context, conn net.Conn, frame *loan.Memory) (*loan.Memory, error)
	// stop is called when the server stops. Calls from then on may be refused.
	stop()
}

// multiplexer serves the connections of a dialect: frames are read in the order in
// which they come, answered at the same time, and the replies sent as they are ready. Of
// Kitex's contract it has what connections need.
type multiplexer struct {
	remote.ServerTransHandler

	dialect dialect
	options Options
	// inOrder answers one frame of a connection after the other.
	inOrder bool
	workers *workers
	// underWay counts the calls of all connections.
	underWay atomic.Int64
}

func newMultiplexer(d dialect, o Options) *multiplexer {
	return &multiplexer{dialect: d, options: o, workers: newWorkers()}
}

// newInOrder serves a dialect whose replies come in the order of the calls.
func newInOrder(d dialect, o Options) *multiplexer {
	m := newMultiplexer(d, o)
	m.inOrder = true
	return m
}

// NewTransHandler is called once, when the server starts.
func (m *multiplexer) NewTransHandler(*remote.ServerOption) (remote.ServerTransHandler, error) {
	return m, nil
}

// ProtocolMatch looks at the first bytes without taking them.
func (m *multiplexer) ProtocolMatch(_ context.Context, conn net.Conn) error {
	if c, ok := conn.(netpoll.Connection); ok && m.dialect.matches(c.Reader()) {
		return nil
	}
	return errOther
}

type peerKey struct{}

// OnActive is called when a connection has been recognised.
func (m *multiplexer) OnActive(ctx context.Context, conn net.Conn) (context.Context, error) {
	p := newPeer(ctx, conn.(netpoll.Connection), m.options)
	ctx = context.WithValue(p.ctx, peerKey{}, p)
	if c, ok := conn.(disconnecting); ok && m.inOrder {
		return ctx, c.SetOnDisconnect(func(context.Context, netpoll.Connection) { p.gone() })
	}
	return ctx, nil
}

// OnRead is called when there is something to read, by one goroutine at a time for each
// connection. An error closes the connection.
func (m *multiplexer) OnRead(ctx context.Context, _ net.Conn) error {
	p := ctx.Value(peerKey{}).(*peer)
	frame, err := p.read(m.dialect, m.options.ReadTimeout)
	if err != nil {
		return err
	}
	slots, err := p.enter(len(frame))
	if err != nil {
		return err
	}
	m.underWay.Add(1)
	if m.inOrder {
		p.frame.Bytes = frame
		m.call(ctx, p, &p.frame, slots)
		return p.conn.Reader().Release()
	}
	memory := loan.Take(len(frame))
	copy(memory.Bytes, frame)
	m.workers.run(func() { m.call(ctx, p, memory, slots) })
	return p.conn.Reader().Release()
}

// call serves a frame and gives its slots back.
func (m *multiplexer) call(ctx context.Context, p *peer, frame *loan.Memory, slots int) {
	defer m.underWay.Add(-1)
	defer p.leave(slots)
	m.serve(ctx, p, frame)
}

func (m *multiplexer) serve(ctx context.Context, p *peer, frame *loan.Memory) {
	reply, err := m.dialect.answer(ctx, p.conn, frame)
	if err != nil {
		_ = p.conn.Close()
		return
	}
	if reply != nil {
		p.write(reply.Bytes, !m.inOrder)
		reply.Give()
	}
}

// OnInactive is called when a connection has ended and nobody reads from it.
func (m *multiplexer) OnInactive(ctx context.Context, _ net.Conn) {
	ctx.Value(peerKey{}).(*peer).end()
}

// OnError is called with what OnRead returned.
func (m *multiplexer) OnError(context.Context, error, net.Conn) {}

// SetPipeline is not of interest here.
func (m *multiplexer) SetPipeline(*remote.TransPipeline) {}

// drainPoll is how often a stop looks whether calls are under way.
const drainPoll = 5 * time.Millisecond

// GracefulShutdown waits for the calls under way. Connections are closed by Kitex
// afterwards, which takes those that nobody reads from for idle.
func (m *multiplexer) GracefulShutdown(ctx context.Context) error {
	m.dialect.stop()
	defer m.workers.end()
	for m.underWay.Load() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(drainPoll):
		}
	}
	return nil
}
