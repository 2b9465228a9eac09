package graph

import (
	"context"
	"sync"
)

// flow is a run of a plan's nodes at once: whoever ends a node goes on with one of those
// that waited for it alone, and leaves the others to new goroutines.
type flow struct {
	plan   *Plan
	run    *run
	ctx    context.Context
	cancel context.CancelFunc
	others sync.WaitGroup
	once   sync.Once
	err    error
}

// flow runs the plan and waits for all that has begun. The first error stops the rest.
func (p *Plan) flow(ctx context.Context, r *run) error {
	f := &flow{plan: p, run: r}
	f.ctx, f.cancel = context.WithCancel(ctx)
	defer f.cancel()
	first := -1
	for i := range p.nodes {
		n := int32(len(p.nodes[i].depends))
		r.waits[i].Store(n)
	}
	for i := range p.nodes {
		if len(p.nodes[i].depends) == 0 {
			first = f.fork(first, i)
		}
	}
	f.from(first)
	f.others.Wait()
	return f.err
}

// from runs a node and what it alone held up.
func (f *flow) from(i int) {
	for i >= 0 {
		if err := f.plan.step(f.ctx, f.run, i); err != nil {
			f.once.Do(func() { f.err = err; f.cancel() })
			return
		}
		mine := -1
		for _, n := range f.plan.nodes[i].next {
			if f.run.waits[n].Add(-1) == 0 {
				mine = f.fork(mine, n)
			}
		}
		i = mine
	}
}

// fork keeps the first node for the goroutine that asks and starts others for the rest.
func (f *flow) fork(mine, i int) int {
	if mine < 0 {
		return i
	}
	f.others.Go(func() { f.from(i) })
	return mine
}
