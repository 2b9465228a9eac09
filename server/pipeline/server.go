package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"sync"
	"time"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/listener"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/server/http"
	"github.com/sampanml/sampan/server/pipeline/config"
	"github.com/sampanml/sampan/server/rpc"
)

// Server is a pipeline with its models loaded and its ports taken. Make one with
// [Service.Listen].
type Server struct {
	*answerer
	options    Options
	config     settings
	repository *engine.Repository
	memory     *engine.Memory
	// remotes are the connections of ops without a model of their own.
	remotes []io.Closer
	// page is the front page's HTML; nil without one.
	page []byte

	rpcAddr, httpAddr, prometheusAddr net.Addr
	rpc                               *rpc.Server
	http                              *http.Server
	// pages are the servers with ports of their own: http and, if wanted, the metrics'.
	pages []*http.Server
	start sync.Once
}

// settings are what the life of a server needs of config.yml.
type settings struct {
	rpcPort, httpPort, prometheusPort int
	tracer                            time.Duration
}

func settingsOf(c *config.Config) settings {
	s := settings{rpcPort: c.RPCPort, httpPort: c.HTTPPort, tracer: c.DAG.TracerInterval}
	if c.DAG.Prometheus {
		s.prometheusPort = cmp.Or(c.DAG.PrometheusPort, defaultPrometheusPort)
	}
	return s
}

// defaultPrometheusPort is the one of Paddle Serving's examples.
const defaultPrometheusPort = 19393

// Listen checks the pipeline, loads the models and takes the ports. Nothing is answered
// before [Server.Run]. On an error, which tells every fault, nothing stays open.
func (s *Service) Listen(ctx context.Context) (*Server, error) {
	if err := s.check(); err != nil {
		return nil, s.explain(err)
	}
	server := &Server{
		options: s.options,
		config:  settingsOf(s.config), page: bytes.ReplaceAll(s.page, []byte("{{name}}"), []byte(html.EscapeString(s.name))),
		answerer: &answerer{
			name: s.name, timeout: s.options.Timeout, attempts: max(1, s.config.DAG.Retry),
			most: int64(cmp.Or(s.config.DAG.ChannelSize, defaultCalls)), over: make(chan struct{}), meters: newMeters(),
		},
	}
	var err error
	if s.options.TraceFile != "" {
		server.trace, err = trace.Create(s.options.TraceFile)
	}
	if err == nil {
		err = server.assemble(ctx, s)
	}
	if err == nil {
		err = server.listen()
	}
	if err != nil {
		return nil, errors.Join(s.explain(err), server.free())
	}
	return server, nil
}

// explain says which pipeline an error is of.
func (s *Service) explain(err error) error {
	if s.name == "" {
		return err
	}
	return fmt.Errorf("pipeline %q: %w", s.name, err)
}

func (s *Server) listen() (err error) {
	var taken []net.Listener
	defer func() {
		if err != nil {
			for _, ln := range taken {
				err = errors.Join(err, ln.Close())
			}
		}
	}()
	take := func(port int) (net.Listener, error) {
		ln, err := s.take(port)
		if err == nil {
			taken = append(taken, ln)
		}
		return ln, err
	}
	ln, err := take(s.config.rpcPort)
	if err != nil {
		return err
	}
	s.rpcAddr = ln.Addr()
	if s.config.httpPort != 0 {
		own, err := take(s.config.httpPort)
		if err != nil {
			return err
		}
		s.httpAddr = own.Addr()
		s.http, err = http.NewPipeline(s, http.Options{
			Name: s.name, MaxBody: s.options.MaxBody, Listener: own, Calls: s.meters.call("http"),
			Pages: http.Pages{
				Version: s.options.Version, Metrics: &s.meters.registry, Calls: s.meters.sum,
				Connections: func() int64 { return s.rpc.Connections().Open },
				Front:       s.page,
			},
		})
		if err != nil {
			return err
		}
		s.pages = append(s.pages, s.http)
	}
	if s.config.prometheusPort != 0 {
		own, err := take(s.config.prometheusPort)
		if err != nil {
			return err
		}
		s.prometheusAddr = own.Addr()
		prometheus, err := http.NewMetrics(own, &s.meters.registry)
		if err != nil {
			return err
		}
		s.pages = append(s.pages, prometheus)
	}
	s.rpc, err = rpc.New(ln, nil, rpc.Options{
		MaxMessage: s.options.MaxBody, MaxConnections: s.options.MaxConnections, Drain: s.options.Drain + lastWords,
		Calls: s.meters.call, Pipeline: s.answerer,
	})
	return err
}

// take takes a port; 0 is the first free one from firstPort on.
func (s *Server) take(port int) (net.Listener, error) {
	switch {
	case s.options.FreePorts:
		return listener.Listen(s.options.Host, 0)
	case port == 0:
		return listener.First(s.options.Host, firstPort)
	}
	return listener.Listen(s.options.Host, port)
}

// firstPort is where the search for a free port begins if config.yml has none for RPC.
const firstPort = 12000

// Name is the first element of /NAME/prediction.
func (s *Server) Name() string { return s.name }

// RPCAddr is the address for gRPC and TTHeader.
func (s *Server) RPCAddr() net.Addr { return s.rpcAddr }

// HTTPAddr is the address for HTTP; nil without one.
func (s *Server) HTTPAddr() net.Addr { return s.httpAddr }

// HasPage reports whether there is an HTML page at / over HTTP.
func (s *Server) HasPage() bool { return s.page != nil }

// PrometheusAddr is the address for the metrics alone; nil without one.
func (s *Server) PrometheusAddr() net.Addr { return s.prometheusAddr }

// Most is how many calls may be under way.
func (s *Server) Most() int { return int(s.most) }

// Ready reports whether calls are wanted.
func (s *Server) Ready() bool { return s.ready.Load() }

// Models lists those of the ops.
func (s *Server) Models() []http.Model { return http.Models(s.repository.Status(), s.memory) }

// Run serves until ctx ends, then drains: no new connections, calls under way finish
// within the drain time, models are closed. It returns nil after a clean stop, and may be
// called once.
func (s *Server) Run(ctx context.Context) error {
	err := errors.New("a server runs once")
	s.start.Do(func() { err = s.run(ctx) })
	return err
}

func (s *Server) run(ctx context.Context) error {
	ended := make(chan error, len(s.pages))
	for _, page := range s.pages {
		page.Start()
		go func() { ended <- <-page.Done() }()
	}
	s.rpc.Start()
	background, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	if s.options.ReloadInterval > 0 {
		working.Go(func() { s.repository.Watch(background, s.options.ReloadInterval) })
	}
	if s.config.tracer > 0 {
		working.Go(func() { s.meters.trace(background, s.options.Logger, s.config.tracer, &s.inside) })
	}
	s.ready.Store(true)
	s.rpc.SetReady(true)
	var failed error
	select {
	case <-ctx.Done():
	case err := <-s.rpc.Done():
		failed = fmt.Errorf("port %v: it stopped by itself: %w", s.rpcAddr, cmp.Or(err, errors.New("no reason is known")))
	case err := <-ended:
		failed = fmt.Errorf("HTTP: it stopped by itself: %w", cmp.Or(err, errors.New("no reason is known")))
	}
	stop()
	working.Wait()
	return errors.Join(failed, s.stop())
}

// stop drains and frees. The order matters: models are closed when no call can reach
// them any more.
func (s *Server) stop() error {
	s.ready.Store(false)
	s.rpc.SetReady(false)
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Drain+lastWords)
	defer cancel()
	defer time.AfterFunc(s.options.Drain, func() { close(s.over) }).Stop()
	began := time.Now()
	errs := make([]error, 1+len(s.pages))
	var fronts sync.WaitGroup
	fronts.Go(func() { errs[0] = s.rpc.Shutdown(ctx) })
	for i, page := range s.pages {
		fronts.Go(func() { errs[1+i] = page.Shutdown(ctx) })
	}
	fronts.Wait()
	s.options.Logger.Info("drained", "took", time.Since(began).Round(time.Millisecond), "left", s.inside.Load())
	return errors.Join(errors.Join(errs...), s.free())
}

// lastWords is how long answers may take to those whose calls were not waited for.
const lastWords = time.Second

// free closes the models.
func (s *Server) free() error {
	var errs []error
	for _, r := range s.remotes {
		errs = append(errs, r.Close())
	}
	if s.repository != nil {
		errs = append(errs, s.repository.Close())
	}
	errs = append(errs, s.trace.Close())
	return errors.Join(errs...)
}
