package server

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/server/graph"
	"github.com/sampanml/sampan/server/http"
)

// service is what the front doors call.
type service struct {
	graph   *graph.Service
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
	var out []http.Model
	for _, m := range s.loaded.status() {
		for _, v := range m.Versions {
			entry := http.Model{Name: m.Name, Version: v.Version, State: string(v.State), Reason: cmp.Or(m.Reason, v.Reason)}
			if v.Model != nil {
				entry.Signature = v.Model.Signature()
			}
			out = append(out, entry)
		}
	}
	return out
}
