package http

import (
	"context"
	"net"

	"github.com/cloudwego/netpoll"
)

// ownPort is a listener for HTTP alone.
type ownPort struct {
	listener net.Listener
	loop     netpoll.EventLoop
}

// servingKey is where a connection's context has what serves it.
type servingKey struct{}

func newOwnPort(ln net.Listener, connect func(net.Conn) (func() error, error)) (*ownPort, error) {
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
	return &ownPort{listener: ln, loop: loop}, err
}

func (p *ownPort) serve() error { return p.loop.Serve(p.listener) }

// shutdown stops accepting, closes idle connections and waits for the others.
func (p *ownPort) shutdown(ctx context.Context) error { return p.loop.Shutdown(ctx) }
