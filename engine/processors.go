package engine

import (
	"runtime"
	"sync"
)

// Processors is what the models of a server share: no more runs are under way at once
// than there are processors, except that each model may always have one, so that a
// model with long runs never keeps the others from answering. Where several models
// wait, the one with the fewest runs under way goes first, and among equals the one
// whose request came first. Safe for concurrent use.
type Processors struct {
	mu sync.Mutex
	// free is how many more runs may begin. Below zero by the runs that models have
	// begun because they had none.
	free int
	// waiting are the schedulers that have requests in their queues.
	waiting []*scheduler
	// arrivals numbers the requests that have waited.
	arrivals uint64
}

// NewProcessors makes Processors for n runs at once; 0 means the number of processors.
func NewProcessors(n int) *Processors {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return &Processors{free: n}
}

// next returns the scheduler whose turn it is and that may begin a run; nil if none.
// The lock is held.
func (p *Processors) next() *scheduler {
	var best *scheduler
	for _, s := range p.waiting {
		if !s.mayBegin() || !s.due {
			continue
		}
		if best == nil || s.running < best.running || s.running == best.running && s.queue.first().arrival < best.queue.first().arrival {
			best = s
		}
	}
	return best
}

// dispatch begins runs while some may begin. The lock is held.
func (p *Processors) dispatch() {
	for s := p.next(); s != nil; s = p.next() {
		s.grant()
	}
}
