package http

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network"
	hertznetpoll "github.com/cloudwego/hertz/pkg/network/netpoll"
	"github.com/cloudwego/hertz/pkg/route"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/metrics"
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
	// Labels stand for the version.
	Labels []string
	// Memory is what requests to the model, whatever the version, take now, in bytes.
	Memory int64
	// Signature is nil for a version that is not loaded.
	Signature *engine.Signature
}

// Options of a [Server].
type Options struct {
	// Name is the path element of /NAME/prediction; required where Signature is nil.
	Name string
	// Signature finds a model by the path element of /NAME/prediction, which may be
	// NAME:VERSION. Nil serves the first of Models under Name.
	Signature func(model string) (*engine.Signature, error)
	// Takes has what callers feed as its inputs, where Signature is nil; those of the first
	// model if it is nil too.
	Takes *engine.Signature
	// MaxBody bounds a request's body, in bytes, before and after decompression;
	// required.
	MaxBody int
	// Listener is the server's own; nil where connections are handed over with
	// Connect alone.
	Listener net.Listener
	// HeaderTime is how long a request's headers may take to arrive: 10 s if 0.
	HeaderTime time.Duration
	// BodyTime is how long a request's body may take to arrive, and a reply to be
	// taken, besides a second for each Rate bytes of it: 30 s and 64 KiB if 0.
	BodyTime time.Duration
	Rate     int
	// Calls counts the calls; nil counts none.
	Calls *metrics.Calls
	// Pages are what the built-in pages tell; those that need what is nil are not there.
	Pages Pages
}

const (
	defaultHeaderTime = 10 * time.Second
	defaultBodyTime   = 30 * time.Second
	defaultRate       = 64 << 10
	// idleTimeout closes connections that nobody uses.
	idleTimeout = 10 * time.Minute
	// maxHeader bounds the request line and the headers.
	maxHeader = 64 << 10
)

// allowed is how long a body or reply of size bytes may take.
func (o *Options) allowed(size int) time.Duration {
	return o.BodyTime + time.Duration(size/o.Rate)*time.Second
}

// Server speaks HTTP. Make one with [New].
type Server struct {
	options  Options
	engine   *route.Engine
	front    *front
	own      *ownPort
	stopping atomic.Bool
	done     chan error
}

// New makes a server; Start begins to serve.
func New(service Service, o Options) (*Server, error) {
	f := newFront(service, o)
	return newServer(f, o, f.routes)
}

// NewMetrics makes a server that has /metrics alone, on a listener of its own.
func NewMetrics(ln net.Listener, registry *metrics.Registry) (*Server, error) {
	o := Options{Listener: ln, Pages: Pages{Metrics: registry}}
	f := &front{about: o.Pages}
	return newServer(f, o, func(r *route.Engine) {
		r.GET("/metrics", func(_ context.Context, c *app.RequestContext) { f.prometheus(c) })
		r.NoRoute(f.noRoute)
	})
}

func newServer(f *front, o Options, routes func(*route.Engine)) (*Server, error) {
	quiet()
	if o.HeaderTime == 0 {
		o.HeaderTime = defaultHeaderTime
	}
	if o.BodyTime == 0 {
		o.BodyTime = defaultBodyTime
	}
	if o.Rate == 0 {
		o.Rate = defaultRate
	}
	s := &Server{options: o, front: f, done: make(chan error, 1)}
	s.engine = route.NewEngine(config.NewOptions([]config.Option{{F: func(h *config.Options) {
		h.HandleMethodNotAllowed = true
		h.RedirectTrailingSlash = false
		h.RemoveExtraSlash = true
		h.DisablePrintRoute = true
	}}}))
	s.engine.Use(recovery)
	routes(s.engine)
	if o.Listener != nil {
		var err error
		if s.own, err = newOwnPort(o.Listener, s.Connect); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// quiet silences Hertz's logger. What matters of it reaches the caller as an error.
var quiet = sync.OnceFunc(func() {
	hlog.SetLevel(hlog.LevelFatal)
	hlog.SetOutput(io.Discard)
})

// Start serves the server's own listener in the background, if there is one.
func (s *Server) Start() {
	if s.own != nil {
		go func() { s.done <- s.own.serve() }()
	}
}

// Done delivers the error, or nil, with which serving the own listener ended.
func (s *Server) Done() <-chan error { return s.done }

// Connect takes a connection of netpoll's. What it returns is to be called whenever
// there is something to read; it answers a request, and returns an error when the
// connection has to be closed.
func (s *Server) Connect(conn net.Conn) (serve func() error, err error) {
	lent, ok := conn.(network.Conn)
	if !ok {
		return nil, fmt.Errorf("a connection of type %T, want netpoll's", conn)
	}
	c := &connection{Conn: hertznetpoll.Conn{Conn: lent}, server: s}
	var leave context.CancelFunc
	c.calls, leave = context.WithCancel(context.Background())
	left := func(context.Context, netpoll.Connection) { leave() }
	if told, ok := conn.(interface {
		SetOnDisconnect(netpoll.OnDisconnect) error
	}); ok {
		if err := told.SetOnDisconnect(left); err != nil {
			return nil, err
		}
	}
	return c.serve, nil
}

// Shutdown lets calls under way finish; replies from now on ask their clients to close.
// It waits for the connections of the own listener until ctx ends. Idempotent.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.stopping.Swap(true) || s.own == nil {
		return nil
	}
	return s.own.shutdown(ctx)
}
