package rpc

import (
	"context"
	"errors"
	"net"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans/detection"
	"github.com/cloudwego/kitex/pkg/remote/trans/netpoll"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2"
	"github.com/cloudwego/kitex/pkg/serviceinfo"
	cwnetpoll "github.com/cloudwego/netpoll"
)

// port tells the dialects apart: HTTP/2 by its preface, HTTP/1.1 by its method,
// baidu_std and TTHeader by their magics, and the rest is Kitex's own, framed. Strangers go first, as they wait for the bytes that
// the others look at. What waits longest for its calls when the server stops goes last.
func port(strangers *strangers, counted []*counted) remote.ServerTransHandlerFactory {
	handlers := []remote.ServerTransHandlerFactory{strangers}
	for _, f := range counted {
		handlers = append(handlers, f)
	}
	return detection.NewSvrTransHandlerFactory(leaving{netpoll.NewSvrTransHandlerFactory()}, handlers...)
}

// protocols are those that can be recognised.
func protocols(service Service, health *health, o Options) []*counted {
	grpc := &grpcFront{service: service, pipeline: o.Pipeline, calls: o.calls("grpc"), health: health, maxMessage: o.MaxMessage}
	grpc.register()
	out := []*counted{{protocol: "grpc", ServerTransHandlerFactory: grpc}}
	if o.HTTP != nil {
		out = append(out, &counted{protocol: "http", ServerTransHandlerFactory: httpFront(o.HTTP)})
	}
	ttheader := func(multiplexed bool) *ttheaderFront {
		return &ttheaderFront{
			multiplexed: multiplexed, service: service, pipeline: o.Pipeline, calls: o.calls("ttheader"), maxMessage: o.MaxMessage,
		}
	}
	out = append(out,
		&counted{protocol: "ttheader", ServerTransHandlerFactory: newInOrder(ttheader(false), o)},
		&counted{protocol: "ttheader_mux", ServerTransHandlerFactory: newMultiplexer(ttheader(true), o)})
	if service == nil {
		return out
	}
	baidu := &baiduFront{service: service, calls: o.calls("baidu_std"), isModel: o.IsModel, maxMessage: o.MaxMessage}
	return append(out, &counted{protocol: "baidu_std", ServerTransHandlerFactory: newMultiplexer(baidu, o)})
}

// NewTransHandler makes Kitex's HTTP/2 transport hand every call to the front: Kitex's
// own dispatch takes memory for whatever size a message claims, answers unknown
// methods with a code of its own, and ignores the package.
func (g *grpcFront) NewTransHandler(opt *remote.ServerOption) (remote.ServerTransHandler, error) {
	o := *opt
	o.SvcSearcher = noService{}
	o.GRPCUnknownServiceHandler = g.serve
	return nphttp2.NewSvrTransHandlerFactory().NewTransHandler(&o)
}

// noService knows no service.
type noService struct{}

func (noService) SearchService(string, string, bool, serviceinfo.PayloadCodec) *serviceinfo.ServiceInfo {
	return nil
}

// httpFront hands HTTP/1.1 connections on.
type httpFront func(conn net.Conn) (serve func() error, err error)

// NewTransHandler is called once, when the server starts.
func (f httpFront) NewTransHandler(*remote.ServerOption) (remote.ServerTransHandler, error) {
	return &httpHandler{connect: f}, nil
}

// httpHandler is the part of Kitex's transport contract that a connection needs which
// is served whole by somebody else.
type httpHandler struct {
	remote.ServerTransHandler
	connect httpFront
}

// servingKey is where a connection's context has what serves it.
type servingKey struct{}

// methodPrefixes are the first four bytes of a request line.
var methodPrefixes = map[string]bool{
	"GET ": true, "POST": true, "PUT ": true, "HEAD": true, "DELE": true,
	"OPTI": true, "PATC": true, "TRAC": true, "CONN": true,
}

// errOther says that a connection is another handler's.
var errOther = errors.New("another protocol")

// ProtocolMatch looks at the first bytes without taking them.
func (h *httpHandler) ProtocolMatch(_ context.Context, conn net.Conn) error {
	c, ok := conn.(cwnetpoll.Connection)
	if !ok {
		return errOther
	}
	if first, err := c.Reader().Peek(4); err != nil || !methodPrefixes[string(first)] {
		return errOther
	}
	return nil
}

// OnActive is called when a connection is known to be HTTP's.
func (h *httpHandler) OnActive(ctx context.Context, conn net.Conn) (context.Context, error) {
	serve, err := h.connect(conn)
	return context.WithValue(ctx, servingKey{}, serve), err
}

// OnRead is called when there is something to read.
func (h *httpHandler) OnRead(ctx context.Context, _ net.Conn) error {
	serve, ok := ctx.Value(servingKey{}).(func() error)
	if !ok {
		return errOther
	}
	return serve()
}
func (h *httpHandler) OnInactive(context.Context, net.Conn)     {}
func (h *httpHandler) OnError(context.Context, error, net.Conn) {}
func (h *httpHandler) SetPipeline(*remote.TransPipeline)        {}
