package bench

import (
	"context"
	"net"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	hertz "github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/kitex/pkg/transmeta"
	kitex "github.com/cloudwego/kitex/server"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/kitex_gen/generalmodel/generalmodelservice"
)

// ServeEcho is the floor's server: it reads every request as the protocol's own server
// does, looks at nothing in it and answers with the encoded reply. It is a bare Kitex
// server with the general model service for TTHeader, GRPC and Mux, a bare Hertz server
// for HTTP, and for BaiduStd a loop that reads and writes frames.
//
// It serves until ctx ends, and closes the listener. A command that measures a server
// in another process runs it in a process of its own too; in the load generator's, the
// two would share one scheduler and one garbage collector.
func ServeEcho(ctx context.Context, listener net.Listener, p Protocol, reply []byte) error {
	defer listener.Close()
	var serve func() error
	var stop func() bool
	switch p {
	case TTHeader, GRPC, Mux:
		m := new(generalmodel.Response)
		if err := proto.Unmarshal(reply, m); err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "the reply is not a %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
		}
		serve, stop = echoRPC(listener, m, p == Mux)
	case HTTP:
		serve, stop = echoHTTP(listener, reply)
	case BaiduStd:
		e := &baiduEcho{listener: listener, reply: reply, conns: map[net.Conn]bool{}}
		serve, stop = e.serve, e.stop
	default:
		return sampan.Errorf(sampan.InvalidArgument, "Protocol is %q, want one of %q", p, Protocols)
	}
	done := make(chan error, 1)
	go func() { done <- serve() }()
	select {
	case err := <-done:
		return sampan.Errorf(sampan.Internal, "the echo server ended: %v", err)
	case <-ctx.Done():
	}
	// What it says of its end from here on concerns a listener that is closed.
	for !stop() {
		select {
		case <-done:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
	<-done
	return nil
}

// echo answers with one message.
type echo struct{ reply *generalmodel.Response }

func (e *echo) Inference(context.Context, *generalmodel.Request) (*generalmodel.Response, error) {
	return e.reply, nil
}

func (e *echo) Debug(context.Context, *generalmodel.Request) (*generalmodel.Response, error) {
	return e.reply, nil
}

// window is the SDK's flow-control window.
const window = 1 << 20

func echoRPC(listener net.Listener, reply *generalmodel.Response, mux bool) (serve func() error, stop func() bool) {
	exit := make(chan error)
	options := []kitex.Option{
		kitex.WithListener(listener),
		kitex.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		kitex.WithMetaHandler(transmeta.ServerHTTP2Handler),
		kitex.WithGRPCInitialWindowSize(window),
		kitex.WithGRPCInitialConnWindowSize(window),
		kitex.WithExitWaitTime(0),
		kitex.WithExitSignal(func() <-chan error { return exit }),
	}
	if mux {
		// It needs the time to tell its clients and to close the connections.
		options = append(options, kitex.WithMuxTransport(), kitex.WithExitWaitTime(100*time.Millisecond))
	}
	s := generalmodelservice.NewServer(&echo{reply}, options...)
	return s.Run, func() bool { close(exit); return true }
}

// maxBody bounds a request to the HTTP echo server, as the SDK bounds a message.
const maxBody = 512 << 20

func echoHTTP(listener net.Listener, reply []byte) (serve func() error, stop func() bool) {
	h := hertz.New(
		hertz.WithListener(listener),
		hertz.WithMaxRequestBodySize(maxBody),
		hertz.WithDisablePrintRoute(true),
		hertz.WithExitWaitTime(100*time.Millisecond))
	h.POST("/:name/prediction", func(_ context.Context, c *app.RequestContext) {
		c.SetContentType("application/json")
		c.Response.SetBodyRaw(reply)
	})
	return h.Run, func() bool {
		// It cannot be shut down before it runs.
		running := h.IsRunning()
		_ = h.Shutdown(context.Background())
		return running
	}
}
