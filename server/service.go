package server

import (
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
	models  []http.Model
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
	return s.graph.Run(ctx, req)
}

// Ready reports whether requests are wanted.
func (s *service) Ready() bool { return s.ready.Load() }

// Models lists what is served.
func (s *service) Models() []http.Model { return s.models }
