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

func newOwnPort(ln net.Listener, serve func(context.Context, net.Conn) error) (*ownPort, error) {
	loop, err := netpoll.NewEventLoop(
		func(ctx context.Context, conn netpoll.Connection) error {
			if serve(ctx, conn) != nil {
				return conn.Close()
			}
			return nil
		},
		netpoll.WithReadTimeout(readTimeout),
		netpoll.WithIdleTimeout(idleTimeout),
	)
	return &ownPort{listener: ln, loop: loop}, err
}

func (p *ownPort) serve() error { return p.loop.Serve(p.listener) }

// shutdown stops accepting, closes idle connections and waits for the others.
func (p *ownPort) shutdown(ctx context.Context) error { return p.loop.Shutdown(ctx) }
