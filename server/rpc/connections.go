package rpc

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/cloudwego/kitex/pkg/endpoint"
	"github.com/cloudwego/kitex/pkg/limiter"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans/detection"
)

// Connections counts those of the port.
type Connections struct {
	// Open is how many there are now.
	Open int64
	// Accepted and Refused are all so far; refused are those above the bound.
	Accepted, Refused int64
	// Recognised are those that have said which protocol they speak: "http", "grpc",
	// "baidu_std", "ttheader", "ttheader_mux", and "unrecognised" for none of the port's. What else
	// was accepted speaks framed protobuf, or has said nothing yet.
	Recognised map[string]int64
}

// Connections counts those of the port.
func (s *Server) Connections() Connections {
	_, open := s.doorkeeper.Status(context.Background())
	c := Connections{
		Open: int64(open), Accepted: s.doorkeeper.accepted.Load(), Refused: s.doorkeeper.refused.Load(),
		Recognised: map[string]int64{"unrecognised": s.strangers.count.Load()},
	}
	for _, f := range s.counted {
		c.Recognised[f.protocol] = f.count.Load()
	}
	return c
}

// doorkeeper is a limiter that counts.
type doorkeeper struct {
	limiter.ConcurrencyLimiter
	accepted, refused atomic.Int64
}

// Acquire reports whether a connection may stay.
func (d *doorkeeper) Acquire(ctx context.Context) bool {
	ok := d.ConcurrencyLimiter.Acquire(ctx)
	if ok {
		d.accepted.Add(1)
	} else {
		d.refused.Add(1)
	}
	return ok
}

// counted counts the connections of a protocol.
type counted struct {
	remote.ServerTransHandlerFactory
	protocol string
	count    atomic.Int64
}

// NewTransHandler is called once, when the server starts.
func (f *counted) NewTransHandler(o *remote.ServerOption) (remote.ServerTransHandler, error) {
	h, err := f.ServerTransHandlerFactory.NewTransHandler(o)
	if err != nil {
		return nil, err
	}
	inner, ok := h.(detection.DetectableServerTransHandler)
	if !ok {
		return nil, fmt.Errorf("%s is served by a %T, which cannot be recognised", f.protocol, h)
	}
	return &countedHandler{inner, &f.count}, nil
}

type countedHandler struct {
	detection.DetectableServerTransHandler
	count *atomic.Int64
}

// OnActive is called when a connection has been recognised.
func (h *countedHandler) OnActive(ctx context.Context, conn net.Conn) (context.Context, error) {
	h.count.Add(1)
	return h.DetectableServerTransHandler.OnActive(ctx, conn)
}

// SetInvokeHandleFunc is given the service.
func (h *countedHandler) SetInvokeHandleFunc(invoke endpoint.Endpoint) {
	if s, ok := h.DetectableServerTransHandler.(remote.InvokeHandleFuncSetter); ok {
		s.SetInvokeHandleFunc(invoke)
	}
}

// GracefulShutdown waits for the calls under way.
func (h *countedHandler) GracefulShutdown(ctx context.Context) error {
	if g, ok := h.DetectableServerTransHandler.(remote.GracefulShutdown); ok {
		return g.GracefulShutdown(ctx)
	}
	return nil
}
