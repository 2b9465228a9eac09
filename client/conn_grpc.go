package client

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/cloudwego/netpoll"
)

// grpcDialer makes gRPC's connections.
type grpcDialer struct{}

func (grpcDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	conn, err := netpoll.DialConnection(network, address, timeout)
	if err != nil {
		return nil, err
	}
	return grpcConn{conn}, nil
}

// grpcConn tells Kitex of a server that closes the connection before it says anything,
// as one that is just going down does. Kitex reads from the first data on and would
// not notice: every call on the connection would wait out its deadline.
type grpcConn struct{ netpoll.Connection }

// SetOnRequest is given the transport's reader, which runs until the connection ends.
func (c grpcConn) SetOnRequest(read netpoll.OnRequest) error {
	var begun atomic.Bool
	once := func(ctx context.Context, conn netpoll.Connection) error {
		if begun.Swap(true) {
			return nil
		}
		return read(ctx, conn)
	}
	if d, ok := c.Connection.(interface {
		SetOnDisconnect(netpoll.OnDisconnect) error
	}); ok {
		_ = d.SetOnDisconnect(func(ctx context.Context, conn netpoll.Connection) {
			// Where there is data, the reader is about to start on its own.
			if conn.Reader().Len() == 0 {
				_ = once(ctx, conn)
			}
		})
	}
	return c.Connection.SetOnRequest(once)
}
