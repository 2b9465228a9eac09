package engine

import (
	"context"
	"sync/atomic"

	"github.com/sampanml/sampan"
)

// gate bounds how many calls run at once and how many wait for their turn.
type gate struct {
	running chan struct{}
	waiting atomic.Int64
	queue   int64
}

func newGate(concurrency, queue int) *gate {
	return &gate{running: make(chan struct{}, concurrency), queue: int64(queue)}
}

// enter takes a place, waiting for one until ctx ends. Without room to wait it fails
// at once.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.running <- struct{}{}:
		return nil
	default:
	}
	if g.waiting.Add(1) > g.queue {
		g.waiting.Add(-1)
		return sampan.Errorf(sampan.ResourceExhausted, "%d requests wait already, the limit; try again later", g.queue)
	}
	defer g.waiting.Add(-1)
	select {
	case g.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		return sampan.ContextError(ctx)
	}
}

// leave gives the place back.
func (g *gate) leave() { <-g.running }
