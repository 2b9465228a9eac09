package server

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/server/http"
)

// answerer is a graph, or a catalog of models.
type answerer interface {
	Run(ctx context.Context, req *sampan.Request) (*sampan.Reply, error)
}

// named is a graph that answers to one name.
type named struct {
	answerer
	name string
}

// Run refuses requests that name a model other than the service.
func (n *named) Run(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	if req.Model != "" && req.Model != n.name {
		return nil, sampan.Errorf(sampan.NotFound, "service %q is not known; this server has %q", req.Model, n.name)
	}
	return n.answerer.Run(ctx, req)
}

// service is what the front doors call.
type service struct {
	graph   answerer
	loaded  *assembly
	timeout time.Duration
	ready   atomic.Bool
}

// Predict runs a request through the graph, within the caller's deadline or, without
// one, the server's.
func (s *service) Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel func()
		ctx, cancel = deadline.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	if s.loaded.cache != nil {
		return s.loaded.cache.Do(ctx, req, func() (*sampan.Reply, error) { return s.graph.Run(ctx, req) })
	}
	return s.graph.Run(ctx, req)
}

// Ready reports whether requests are wanted.
func (s *service) Ready() bool { return s.ready.Load() }

// Models lists what is served, and what could not be, in the order of the graph.
func (s *service) Models() []http.Model {
	return http.Models(s.loaded.status(), s.loaded.memory)
}
