package rpc

import (
	"context"
	"fmt"
	"net"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/netpoll"
)

// leaving makes the handlers of a factory end the context of a connection, and with it
// those of its calls, when the caller closes it: Kitex by itself tells only once the
// call under way has returned.
type leaving struct {
	remote.ServerTransHandlerFactory
}

// NewTransHandler is called once, when the server starts.
func (l leaving) NewTransHandler(o *remote.ServerOption) (remote.ServerTransHandler, error) {
	h, err := l.ServerTransHandlerFactory.NewTransHandler(o)
	if err != nil {
		return nil, err
	}
	whole, ok := h.(kitexHandler)
	if !ok {
		return nil, fmt.Errorf("%T is not the whole of a handler", h)
	}
	return &leavingHandler{whole}, nil
}

// kitexHandler is all that Kitex looks for in a handler.
type kitexHandler interface {
	remote.ServerTransHandler
	remote.InvokeHandleFuncSetter
	remote.GracefulShutdown
}

type leavingHandler struct{ kitexHandler }

// disconnecting is what netpoll's connections have beside their interface: a callback
// that does not wait for the request under way.
type disconnecting interface {
	SetOnDisconnect(netpoll.OnDisconnect) error
}

// OnRead is called for one request after the other.
func (h *leavingHandler) OnRead(ctx context.Context, conn net.Conn) error {
	defer turnOf(ctx).end()
	return h.kitexHandler.OnRead(ctx, conn)
}

// OnActive makes the connection's context.
func (h *leavingHandler) OnActive(ctx context.Context, conn net.Conn) (context.Context, error) {
	ctx = context.WithValue(ctx, turnKey{}, new(turn))
	ctx, err := h.kitexHandler.OnActive(ctx, conn)
	c, ok := conn.(disconnecting)
	if err != nil || !ok {
		return ctx, err
	}
	ctx, cancel := context.WithCancel(ctx)
	return ctx, c.SetOnDisconnect(func(context.Context, netpoll.Connection) { cancel() })
}
