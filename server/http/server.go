package http

import (
	"context"
	"net"
	"sync"
	"time"

	hertz "github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/network"
	hertznetpoll "github.com/cloudwego/hertz/pkg/network/netpoll"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// Service answers requests.
type Service interface {
	// Predict runs one request. The reply's tensors belong to the caller.
	Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error)
	// Ready reports whether requests are wanted: models loaded, not draining.
	Ready() bool
	// Models lists what is served, in the order of the graph.
	Models() []Model
}

// Model is one entry of the list.
type Model struct {
	Name, Version string
	Signature     *engine.Signature
}

// Options of a [Server].
type Options struct {
	// Name is the path element of /NAME/prediction; required.
	Name string
	// MaxBody bounds a request's body, in bytes; required.
	MaxBody int
	// Drain bounds how long Shutdown waits; required.
	Drain time.Duration
	// Listener is the server's own; nil where connections are handed over with
	// ServeConn alone.
	Listener net.Listener
}

const (
	// readTimeout is how long a request that has begun may take to arrive.
	readTimeout = 60 * time.Second
	// idleTimeout closes connections that nobody uses.
	idleTimeout = 10 * time.Minute
	// maxHeader bounds the request line and the headers.
	maxHeader = 64 << 10
)

// Server speaks HTTP. Make one with [New].
type Server struct {
	hertz   *hertz.Hertz
	handed  *handedOver
	stop    sync.Once
	stopErr error
	done    chan error
}

// New makes a server; Start begins to serve.
func New(service Service, o Options) *Server {
	s := &Server{handed: newHandedOver(), done: make(chan error, 1)}
	options := []config.Option{
		hertz.WithMaxHeaderBytes(maxHeader),
		hertz.WithReadTimeout(readTimeout),
		hertz.WithIdleTimeout(idleTimeout),
		hertz.WithKeepAliveTimeout(idleTimeout),
		hertz.WithExitWaitTime(o.Drain),
		hertz.WithStreamBody(true),
		hertz.WithHandleMethodNotAllowed(true),
		hertz.WithRedirectTrailingSlash(false),
		hertz.WithDisablePrintRoute(true),
		hertz.WithDisablePreParseMultipartForm(true),
	}
	if o.Listener != nil {
		options = append(options, hertz.WithListener(o.Listener), hertz.WithTransport(hertznetpoll.NewTransporter))
	} else {
		options = append(options, hertz.WithTransport(func(*config.Options) network.Transporter { return s.handed }))
	}
	s.hertz = hertz.New(options...)
	s.hertz.Use(recovery)
	f := &front{service: service, name: o.Name, maxBody: o.MaxBody}
	f.routes(s.hertz.Engine)
	return s
}

// Start serves in the background. ServeConn may be called when it has returned.
func (s *Server) Start() {
	go func() { s.done <- s.hertz.Run() }()
	if s.hertz.GetOptions().Listener == nil {
		<-s.handed.ready
	}
}

// Done delivers the error, or nil, with which serving ended.
func (s *Server) Done() <-chan error { return s.done }

// ServeConn serves a connection of netpoll's until it closes or has nothing to read.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn) error {
	return s.handed.onData(ctx, &hertznetpoll.Conn{Conn: conn.(network.Conn)})
}

// Shutdown lets calls under way finish within the drain time; replies from now on ask
// their clients to close. Idempotent.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() { s.stopErr = s.hertz.Shutdown(ctx) })
	return s.stopErr
}

// handedOver is a transport that never listens: its connections come from elsewhere.
type handedOver struct {
	ready, stopped chan struct{}
	onData         network.OnData
	stop           sync.Once
}

func newHandedOver() *handedOver {
	return &handedOver{ready: make(chan struct{}), stopped: make(chan struct{})}
}

func (h *handedOver) ListenAndServe(onData network.OnData) error {
	h.onData = onData
	close(h.ready)
	<-h.stopped
	return nil
}

func (h *handedOver) Close() error {
	h.stop.Do(func() { close(h.stopped) })
	return nil
}

func (h *handedOver) Shutdown(context.Context) error { return h.Close() }
