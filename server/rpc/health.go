package rpc

import (
	"context"
	"sync"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/sampanml/sampan"
)

// health answers grpc.health.v1: the whole server ("") and the general model service
// have the same state.
type health struct {
	mu     sync.Mutex
	ready  bool
	closed bool
	// changed is closed, and made anew, at every change.
	changed chan struct{}
}

func newHealth() *health { return &health{changed: make(chan struct{})} }

func (h *health) set(ready bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ready != ready && !h.closed {
		h.ready = ready
		close(h.changed)
		h.changed = make(chan struct{})
	}
}

// close ends the watches, so that they do not hold the drain.
func (h *health) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.ready, h.closed = false, true
		close(h.changed)
	}
}

func (h *health) state() (s healthpb.HealthCheckResponse_ServingStatus, changed <-chan struct{}, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s = healthpb.HealthCheckResponse_NOT_SERVING; h.ready {
		s = healthpb.HealthCheckResponse_SERVING
	}
	return s, h.changed, h.closed
}

func known(service string) bool { return service == "" || service == generalModelService }

func (h *health) check(ctx context.Context, s *grpcStream) error {
	var req healthpb.HealthCheckRequest
	if err := s.receive(&req); err != nil {
		return callError(ctx, err)
	}
	if !known(req.Service) {
		return sampan.Errorf(sampan.NotFound, "service %q is not known", req.Service)
	}
	state, _, _ := h.state()
	return callError(ctx, s.send(&healthpb.HealthCheckResponse{Status: state}))
}

func (h *health) watch(ctx context.Context, s *grpcStream) error {
	var req healthpb.HealthCheckRequest
	if err := s.receive(&req); err != nil {
		return callError(ctx, err)
	}
	for {
		state, changed, closed := h.state()
		if !known(req.Service) {
			state = healthpb.HealthCheckResponse_SERVICE_UNKNOWN
		}
		if err := s.send(&healthpb.HealthCheckResponse{Status: state}); err != nil {
			return callError(ctx, err)
		}
		if closed {
			return sampan.Errorf(sampan.Unavailable, "the server is stopping")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return sampan.ContextError(ctx)
		}
	}
}
