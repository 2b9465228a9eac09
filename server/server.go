package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/listener"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/server/http"
	"github.com/sampanml/sampan/server/rpc"
)

// Server is a serving process. Make one with [New].
type Server struct {
	config  Config
	loaded  assembly
	service *service
	meters  *meters

	addr net.Addr
	rpc  *rpc.Server
	http *http.Server
	// own are the servers with listeners of their own: on HTTPPort and PrometheusPort.
	own []*ownServer

	start sync.Once
}

// New loads the models, compiles the graph and takes the ports. Nothing is answered
// before [Server.Run]. On an error nothing stays open.
func New(ctx context.Context, c Config) (*Server, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	m := newMeters()
	a, err := assemble(ctx, c, m.observe)
	if err != nil {
		return nil, err
	}
	if c.Name == "" {
		c.Name = a.name
	}
	if c.Port == 0 {
		c.Port = a.port
	}
	s := &Server{config: c, loaded: a, meters: m}
	s.service = &service{graph: a.answerer(c.Name), loaded: &s.loaded, timeout: c.Timeout}
	if err := s.listen(); err != nil {
		return nil, errors.Join(err, s.loaded.close())
	}
	return s, nil
}

// Check loads the models and compiles the graph as [New] does, shows each model and
// frees everything again. It takes no port.
func Check(ctx context.Context, c Config, show func(*engine.Model)) error {
	c, err := c.withDefaults()
	if err != nil {
		return err
	}
	a, err := assemble(ctx, c, nil)
	if err != nil {
		return err
	}
	for _, m := range a.newest() {
		show(m)
	}
	return errors.Join(a.faults(), a.close())
}

func (s *Server) listen() error {
	c := s.config
	ln, err := listener.Listen(c.Host, c.Port)
	if err != nil {
		return err
	}
	s.addr = ln.Addr()
	options := http.Options{Name: c.Name, Signature: s.loaded.signature(), Takes: s.loaded.takes(), MaxBody: c.MaxBody, Calls: s.meters.calls["http"], Pages: http.Pages{
		Version: c.Version, Metrics: &s.meters.registry, Calls: s.meters.sum,
		Connections: func() int64 { return s.rpc.Connections().Open },
		Memory:      s.loaded.memory,
	}}
	if err := s.listenOwn(options); err != nil {
		return errors.Join(err, ln.Close(), s.closeOwn())
	}
	if s.http, err = http.New(s.service, options); err != nil {
		return errors.Join(err, ln.Close(), s.closeOwn())
	}
	s.rpc, err = rpc.New(ln, s.service, rpc.Options{
		MaxMessage: c.MaxBody, MaxConnections: c.MaxConnections, Drain: c.Drain, HTTP: s.http.Connect,
		IsModel: s.loaded.isModel(c.Name),
		Calls:   func(protocol string) *metrics.Calls { return s.meters.calls[protocol] },
	})
	if err != nil {
		return errors.Join(err, ln.Close(), s.closeOwn())
	}
	s.meters.tell(s)
	return nil
}

// Name is the path element of /NAME/prediction; for a repository the model of requests
// that name none, empty without one.
func (s *Server) Name() string { return s.config.Name }

// Dir is the model repository; empty without one.
func (s *Server) Dir() string { return s.config.Repository }

// Addr is the address of the port that takes every dialect.
func (s *Server) Addr() net.Addr { return s.addr }

// HTTPAddr is the address of the port for HTTP alone; nil without one.
func (s *Server) HTTPAddr() net.Addr { return s.ownAddr("HTTP") }

// PrometheusAddr is the address of the port for metrics alone; nil without one.
func (s *Server) PrometheusAddr() net.Addr { return s.ownAddr("Prometheus") }

// Models lists the newest version of each model, in the order of the graph. They belong
// to the server.
func (s *Server) Models() []*engine.Model { return s.loaded.newest() }

// Takes has what callers feed as its inputs; nil where an op of the graph does not say what
// it takes, and for a model repository.
func (s *Server) Takes() *engine.Signature { return s.loaded.takes() }

// Repository has the models, to load and unload them while the server runs.
func (s *Server) Repository() *engine.Repository { return s.loaded.repository }

// Notes say which settings of a conf directory were understood but have no effect.
func (s *Server) Notes() []string { return s.loaded.notes }

// Bounds says in a line within what bounds requests run.
func (s *Server) Bounds() string {
	c := s.config
	memory := ""
	if c.MemoryLimit > 0 {
		memory = fmt.Sprintf("%d MiB for all requests, ", c.MemoryLimit>>20)
	}
	return fmt.Sprintf("%d rows waiting for each model, %d MiB a message, %s%d connections, %v a request, %d processors",
		c.Queue, c.MaxBody>>20, memory, c.MaxConnections, c.Timeout, runtime.GOMAXPROCS(0))
}

// Run serves until ctx ends, then drains: not ready, no new connections, calls under
// way finish within the drain time, models are closed. It returns nil after a clean
// stop, and may be called once.
func (s *Server) Run(ctx context.Context) error {
	err := errors.New("a server runs once")
	s.start.Do(func() { err = s.run(ctx) })
	return err
}

func (s *Server) run(ctx context.Context) error {
	s.http.Start()
	ended := s.startOwn()
	s.rpc.Start()
	stopWatch := s.watch(ctx)
	defer stopWatch()
	s.service.ready.Store(true)
	s.rpc.SetReady(true)

	var failed error
	select {
	case <-ctx.Done():
	case failed = <-s.rpc.Done():
		failed = fmt.Errorf("port %v: %w", s.addr, orEnded(failed))
	case failed = <-ended:
	}
	return errors.Join(failed, s.stop())
}

// watch looks for changed models until stop is called, which waits for a load under way.
func (s *Server) watch(ctx context.Context) (stop func()) {
	if s.config.ReloadInterval < 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { s.loaded.repository.Watch(ctx, s.config.ReloadInterval) })
	return func() {
		cancel()
		watching.Wait()
	}
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("it stopped by itself")
	}
	return err
}

// stop drains and frees. The order matters: models are closed when no call can reach
// them any more.
func (s *Server) stop() error {
	s.service.ready.Store(false)
	s.rpc.SetReady(false)
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Drain)
	defer cancel()
	began := time.Now()
	fronts := []func(context.Context) error{s.http.Shutdown, s.rpc.Shutdown}
	for _, own := range s.own {
		fronts = append(fronts, own.Shutdown)
	}
	errs := make([]error, len(fronts))
	var wg sync.WaitGroup
	for i, shutdown := range fronts {
		wg.Go(func() { errs[i] = shutdown(ctx) })
	}
	wg.Wait()
	err := errors.Join(errs...)
	slog.Info("drained", "took", time.Since(began).Round(time.Millisecond))
	return errors.Join(err, s.loaded.close())
}
