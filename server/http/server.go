package http

import (
	"context"
	"errors"
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
	// State is "ready", or else why the version cannot be called: "loading", "failed",
	// "unloaded".
	State string
	// Reason is why the version, or what should have replaced it, was not loaded.
	Reason string
	// Signature is nil for a version that is not loaded.
	Signature *engine.Signature
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
	own     *ownPort
	stop    sync.Once
	stopErr error
	done    chan error
}

// New makes a server; Start begins to serve.
func New(service Service, o Options) (*Server, error) {
	s := &Server{handed: newHandedOver(), done: make(chan error, 2)}
	s.hertz = hertz.New(
		hertz.WithTransport(func(*config.Options) network.Transporter { return s.handed }),
		hertz.WithMaxHeaderBytes(maxHeader),
		hertz.WithReadTimeout(readTimeout),
		// With 0 a connection goes back to the poller after each reply: an idle one
		// holds neither a goroutine nor the drain.
		hertz.WithIdleTimeout(0),
		hertz.WithExitWaitTime(o.Drain),
		hertz.WithStreamBody(true),
		hertz.WithHandleMethodNotAllowed(true),
		hertz.WithRedirectTrailingSlash(false),
		hertz.WithDisablePrintRoute(true),
		hertz.WithDisablePreParseMultipartForm(true),
	)
	s.hertz.Name = "sampan"
	s.hertz.Use(recovery)
	newFront(service, o).routes(s.hertz.Engine)
	if o.Listener != nil {
		var err error
		if s.own, err = newOwnPort(o.Listener, s.ServeConn); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Start serves in the background. ServeConn may be called when it has returned.
func (s *Server) Start() {
	go func() { s.done <- s.hertz.Run() }()
	<-s.handed.ready
	if s.own != nil {
		go func() { s.done <- s.own.serve() }()
	}
}

// Done delivers the error, or nil, with which serving ended.
func (s *Server) Done() <-chan error { return s.done }

// ServeConn serves a connection of netpoll's until there is nothing to read. With an
// error the connection has to be closed.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn) error {
	return s.handed.onData(ctx, &lentConn{hertznetpoll.Conn{Conn: conn.(network.Conn)}})
}

// lentConn stays open when Hertz is done with it: it has an owner.
type lentConn struct{ hertznetpoll.Conn }

func (*lentConn) Close() error { return nil }

// Shutdown lets calls under way finish within the drain time; replies from now on ask
// their clients to close. Idempotent.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() {
		s.stopErr = s.hertz.Shutdown(ctx)
		if s.own != nil {
			s.stopErr = errors.Join(s.stopErr, s.own.shutdown(ctx))
		}
	})
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
