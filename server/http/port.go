package http

import (
	"context"
	"net"

	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan/internal/listener"
)

// ownPort is a listener for HTTP alone.
type ownPort struct {
	listener *listener.Listener
	loop     netpoll.EventLoop
	ended    chan struct{}
}

// servingKey is where a connection's context has what serves it.
type servingKey struct{}

func newOwnPort(ln net.Listener, connect func(net.Conn) (func() error, error)) (*ownPort, error) {
	once, err := listener.Once(ln)
	if err != nil {
		return nil, err
	}
	loop, err := netpoll.NewEventLoop(
		func(ctx context.Context, conn netpoll.Connection) error {
			serve, ok := ctx.Value(servingKey{}).(func() error)
			if !ok || serve() != nil {
				return conn.Close()
			}
			return nil
		},
		netpoll.WithOnPrepare(func(conn netpoll.Connection) context.Context {
			serve, err := connect(conn)
			if err != nil {
				return context.Background()
			}
			return context.WithValue(context.Background(), servingKey{}, serve)
		}),
		netpoll.WithIdleTimeout(idleTimeout),
	)
	return &ownPort{listener: once, loop: loop, ended: make(chan struct{})}, err
}

func (p *ownPort) serve() error {
	defer close(p.ended)
	return p.loop.Serve(p.listener)
}

// shutdown stops accepting, closes idle connections and waits for the others. A loop that
// is stopped before it has begun would never end.
func (p *ownPort) shutdown(ctx context.Context) error {
	select {
	case <-p.listener.Begun():
	case <-p.ended:
	case <-ctx.Done():
	}
	return p.loop.Shutdown(ctx)
}
