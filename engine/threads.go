package engine

import (
	"context"
	"runtime"
	"time"
)

// Limits are what a model runs within.
type Limits struct {
	// Runs at once, and the threads of each.
	Runs, Threads int
	// Cost is the time of a run with zeros, of one row; 0 where that was not measured.
	Cost time.Duration
}

const (
	// mostThreads is how many threads a model gets that was given no number: more help
	// few models.
	mostThreads = 4
	// cheapRun is how long a run takes that more threads would make no faster.
	cheapRun = time.Millisecond
	// longLoad is how long a session takes to load that is not loaded once more to find
	// out whether its threads pay.
	longLoad = 5 * time.Second
)

// decidesThreads says that the model's cost decides how many threads a run has. It is
// asked of options as they were given.
func (o Options) decidesThreads() bool {
	return o.Threads == 0 && o.WarmUp > 0 && runtime.GOMAXPROCS(0)/max(1, o.Concurrency) > 1
}

// withThreads are the options for runs of so many threads; 0 means what the processors
// allow for the runs at once that were given.
func (o Options) withThreads(n int) Options {
	o.Threads = n
	return o.share(runtime.GOMAXPROCS(0))
}

// measure starts a model with as many threads as are worth it. o has the defaults, and
// runs and threads are divided as they were given.
func (s *source) measure(ctx context.Context, o, given Options) (*Model, error) {
	o.Concurrency, o.Threads = given.Concurrency, 0
	alone, more := o.withThreads(1), o.withThreads(0)
	if given.Concurrency == 0 {
		more = o.withThreads(mostThreads)
	}
	m, err := s.start(ctx, alone)
	if err != nil {
		return nil, err
	}
	one := m.limits
	known := m.signature.sized() && one.Cost > 0
	if known && one.Cost < cheapRun || !known && given.Concurrency == 0 {
		return m, nil
	}
	if err := m.Close(); err != nil {
		return nil, err
	}
	if m, err = s.start(ctx, more); err != nil {
		return nil, err
	}
	if !known || s.took.Session > longLoad || pays(one, m.limits) {
		return m, nil
	}
	if err := m.Close(); err != nil {
		return nil, err
	}
	return s.start(ctx, alone)
}

// pays says whether runs of many threads are worth it: under load the model answers three
// quarters at least of what it does with one thread each, and a lone request that much
// sooner. Where there would be no more runs with one thread, any gain is worth it.
func pays(one, many Limits) bool {
	if one.Runs == many.Runs {
		return many.Cost < one.Cost*9/10
	}
	return 4*one.Cost*time.Duration(many.Runs) >= 3*many.Cost*time.Duration(one.Runs)
}

// sized says that a run with zeros costs what others do: only the first sizes are not
// fixed.
func (s *Signature) sized() bool {
	for _, in := range s.Inputs {
		for _, d := range in.Shape[min(1, len(in.Shape)):] {
			if d < 0 {
				return false
			}
		}
	}
	return true
}
