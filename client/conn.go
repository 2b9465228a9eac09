package client

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"

	idle "github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/connpool"
	"github.com/cloudwego/netpoll"
)

// maxIdle closes a connection that nobody uses; shorter than the 80 s after which brpc
// servers do.
const maxIdle = 30 * time.Second

// pool is Kitex's pool of TTHeader connections. It adds that the end of a call's
// context cuts the connection: the caller gets away at once, and the server learns
// that nobody waits any more. The deadline bounds reading and writing.
type pool struct {
	*connpool.LongPool
	// short says that a connection is for one call.
	short bool
}

func newPool(config Config) *pool {
	return &pool{connpool.NewLongPool(service, *idle.CheckPoolConfig(idle.IdleConfig{
		MaxIdlePerAddress: config.MaxConns,
		MaxIdleTimeout:    maxIdle,
	})), config.Connections == Short}
}

// Get lends a connection to a call.
func (p *pool) Get(ctx context.Context, network, address string, opt remote.ConnOption) (net.Conn, error) {
	c := ctx.(*live).call
	remaining := left(c.deadline)
	hurry := remaining < opt.ConnectTimeout
	opt.ConnectTimeout = min(remaining, opt.ConnectTimeout)
	conn, err := p.LongPool.Get(ctx, network, address, opt)
	if err != nil {
		if hurry && timedOut(err) {
			return nil, errLate()
		}
		return nil, err
	}
	l := &lease{Conn: conn}
	if raw, ok := l.RawConn().(netpoll.Connection); ok {
		_ = raw.SetWriteTimeout(remaining)
	}
	if c.ctx.Done() != nil {
		l.stop = context.AfterFunc(c.ctx, l.cut)
	}
	return l, nil
}

// Put takes a connection back for the next call, unless it was cut or is for
// one call.
func (p *pool) Put(conn net.Conn) error {
	l := conn.(*lease)
	if l.end() || p.short {
		return p.LongPool.Discard(l.Conn)
	}
	return p.LongPool.Put(l.Conn)
}

// Discard closes a connection.
func (p *pool) Discard(conn net.Conn) error {
	l := conn.(*lease)
	l.end()
	return p.LongPool.Discard(l.Conn)
}

// lease is a connection in the hands of one call.
type lease struct {
	net.Conn
	// stop ends the watch over the call's context; nil if that has no end.
	stop func() bool

	mu          sync.Mutex
	isCut, over bool
}

// RawConn returns the connection below Kitex's wrapper.
func (l *lease) RawConn() net.Conn { return l.Conn.(remote.RawConn).RawConn() }

// cut shuts the socket down, which wakes a reader or writer with an error. Closing it
// is left to the one who uses it: netpoll's Close is not safe beside other calls.
func (l *lease) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	l.isCut = true
	if c, ok := l.RawConn().(interface{ Fd() int }); ok {
		_ = syscall.Shutdown(c.Fd(), syscall.SHUT_RDWR)
	}
}

// end gives the lease back; from then on the socket is not touched. It reports whether
// it was cut before.
func (l *lease) end() bool {
	if l.stop == nil || l.stop() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	return l.isCut
}
