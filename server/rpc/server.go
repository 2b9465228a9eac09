package rpc

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/limiter"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	kitex "github.com/cloudwego/kitex/server"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/listener"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving/pipelineservice"
)

// Service answers requests.
type Service interface {
	// Predict runs one request, which is lent to it until it returns: its memory is used
	// again. The reply's tensors belong to the caller, or are the request's.
	Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error)
}

// Options of a [Server].
type Options struct {
	// MaxMessage bounds one message, in bytes; required.
	MaxMessage int
	// MaxConnections bounds the connections of all dialects; required.
	MaxConnections int
	// Drain bounds how long Shutdown waits for calls under way; required.
	Drain time.Duration
	// ReadTimeout is how long a message that has begun may take to go on: 10 s if 0.
	ReadTimeout time.Duration
	// WriteTimeout is how long replies may lie before a multiplexed caller takes them:
	// 30 s if 0.
	WriteTimeout time.Duration
	// IdleTimeout ends connections that nobody uses, 10 minutes if 0, which is longer
	// than clients wait.
	IdleTimeout time.Duration
	// Keepalive is how long a gRPC connection may be silent before it is asked whether
	// it lives, and how long it may take to say so: 30 s if 0, a second at least. It also
	// ends connections whose writer Kitex has lost.
	Keepalive time.Duration
	// HTTP takes an HTTP/1.1 connection and returns what is called whenever there is
	// something to read, and fails when the connection has to be closed; nil refuses such
	// connections.
	HTTP func(conn net.Conn) (serve func() error, err error)
	// IsModel says that a model has the name, as NAME or NAME:VERSION; nil where there is
	// one service and no call says more.
	IsModel func(name string) bool
	// Calls gives who counts the calls of a protocol: "grpc", "baidu_std" or "ttheader",
	// multiplexed or not; nil counts none.
	Calls func(protocol string) *metrics.Calls
	// Pipeline answers the calls of the pipeline service; nil is none.
	Pipeline Pipeline
}

func (o *Options) calls(protocol string) *metrics.Calls {
	if o.Calls == nil {
		return nil
	}
	return o.Calls(protocol)
}

const (
	defaultReadTimeout  = 10 * time.Second
	defaultWriteTimeout = 30 * time.Second
	defaultIdleTimeout  = 10 * time.Minute
	defaultKeepalive    = 30 * time.Second
	// minPing is how often a gRPC client may ask whether the connection lives.
	minPing = 5 * time.Second
	// maxHeaders bounds a gRPC call's headers, unpacked.
	maxHeaders = 64 << 10
)

// withDefaults fills the times that are 0.
func (o Options) withDefaults() Options {
	if o.ReadTimeout == 0 {
		o.ReadTimeout = defaultReadTimeout
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = defaultWriteTimeout
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = defaultIdleTimeout
	}
	if o.Keepalive == 0 {
		o.Keepalive = defaultKeepalive
	}
	return o
}

// Server is the listener on --port. Make one with [New].
type Server struct {
	listener *listener.Listener
	kitex    kitex.Server
	health   *health
	// strangers counts the connections that spoke none of the dialects.
	strangers  *strangers
	counted    []*counted
	doorkeeper *doorkeeper
	exit       chan error
	stop       sync.Once
	// ended is closed when Kitex has ended; done then has its error.
	ended chan struct{}
	done  chan error
}

// New makes a server on a listener, which it owns from then on. service is nil where the
// options' pipeline alone is served.
func New(ln net.Listener, service Service, o Options) (*Server, error) {
	once, err := listener.Once(ln)
	if err != nil {
		return nil, err
	}
	quiet()
	o = o.withDefaults()
	s := &Server{
		listener: once, health: newHealth(), strangers: &strangers{},
		exit: make(chan error, 1), ended: make(chan struct{}), done: make(chan error, 1),
	}
	s.doorkeeper = &doorkeeper{ConcurrencyLimiter: limiter.NewConnectionLimiter(o.MaxConnections)}
	if service != nil {
		service = &bounded{service: service}
	}
	s.counted = protocols(service, s.health, o)
	s.kitex = kitex.NewServer(
		kitex.WithListener(once),
		kitex.WithExitSignal(func() <-chan error { return s.exit }),
		kitex.WithExitWaitTime(o.Drain),
		kitex.WithReadWriteTimeout(o.ReadTimeout),
		kitex.WithMaxConnIdleTime(o.IdleTimeout),
		kitex.WithConnectionLimiter(s.doorkeeper),
		kitex.WithCodec(codec.NewDefaultCodecWithSizeLimit(o.MaxMessage)),
		kitex.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: "sampan"}),
		kitex.WithGRPCInitialWindowSize(grpcWindow),
		kitex.WithGRPCInitialConnWindowSize(grpcConnWindow),
		kitex.WithGRPCMaxConcurrentStreams(grpcMaxStreams),
		kitex.WithGRPCMaxHeaderListSize(maxHeaders),
		kitex.WithGRPCKeepaliveParams(grpc.ServerKeepalive{Time: o.Keepalive, Timeout: o.Keepalive}),
		kitex.WithGRPCKeepaliveEnforcementPolicy(grpc.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		kitex.WithTransHandlerFactory(port(s.strangers, s.counted)),
	)
	if service == nil {
		return s, pipelineservice.RegisterService(s.kitex, &framedPipeline{pipeline: o.Pipeline, calls: o.calls("ttheader")})
	}
	return s, s.kitex.RegisterService(framedService(), &framed{service: service, calls: o.calls("ttheader")})
}

// quiet silences Kitex's logger, which writes a line for each connection that breaks. What
// matters of it reaches the caller as an error.
var quiet = sync.OnceFunc(func() {
	klog.SetLevel(klog.LevelFatal)
	klog.SetOutput(io.Discard)
})

// Start serves in the background. Done tells when it has ended.
func (s *Server) Start() {
	go func() {
		err := s.kitex.Run()
		close(s.ended)
		// Kitex forgets an event loop that had not begun yet when it was stopped; on a
		// closed listener it cannot begin.
		_ = s.listener.Close()
		s.done <- err
	}()
}

// SetReady says what gRPC health checks answer: SERVING or NOT_SERVING.
func (s *Server) SetReady(ready bool) { s.health.set(ready) }

// Done delivers the error, or nil, with which serving ended.
func (s *Server) Done() <-chan error { return s.done }

// Shutdown stops accepting, lets calls under way finish within the drain time, and
// returns when serving has ended or ctx has. Idempotent.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() {
		s.health.close()
		// A stop that Kitex hears of while it begins is a race.
		select {
		case <-s.listener.Begun():
		case <-s.ended:
		case <-ctx.Done():
		}
		s.exit <- nil
	})
	select {
	case err := <-s.done:
		s.done <- err
		return err
	case <-ctx.Done():
		return fmt.Errorf("the port did not drain in time: %w", ctx.Err())
	}
}
