package bench

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/sampanml/sampan"
)

// part is one stretch of load: the warm-up, the run itself, a floor.
type part struct {
	name        string
	target      target
	concurrency int
	duration    time.Duration
	requests    int64
	// rate is the number of requests a second, whatever becomes of them; 0 lets each
	// worker send its next one when the last is answered.
	rate float64
	// longest is the longest latency that the histogram tells apart.
	longest  time.Duration
	progress func(Progress)
}

// tally is what the workers of a part counted.
type tally struct {
	elapsed time.Duration
	// ok are the latencies of the answers, in microseconds.
	ok *hdrhistogram.Histogram
	// failed are those of the errors.
	failed *hdrhistogram.Histogram
	errors map[sampan.Code]int64
}

// run keeps the workers busy until the part's bounds are met or ctx ends; then it waits
// for the requests under way.
func (p *part) run(ctx context.Context) *tally {
	workers := make([]*worker, p.concurrency)
	start := time.Now()
	var until time.Time
	if p.duration > 0 {
		until = start.Add(p.duration)
	}
	var tickets atomic.Int64
	next := func() (time.Time, bool) {
		n := tickets.Add(1)
		if p.requests > 0 && n > p.requests {
			return time.Time{}, false
		}
		if p.rate == 0 {
			return time.Now(), true
		}
		return start.Add(time.Duration(float64(n-1) / p.rate * float64(time.Second))), true
	}
	var all sync.WaitGroup
	for i := range workers {
		w := &worker{latencies: p.histogram(), failures: p.histogram(), errors: map[sampan.Code]int64{}}
		workers[i] = w
		all.Go(func() {
			call, end := p.target.worker(ctx)
			defer end()
			w.loop(ctx, call, until, next)
		})
	}
	ended := make(chan struct{})
	var watch sync.WaitGroup
	if p.progress != nil {
		watch.Go(func() { p.watch(start, workers, ended) })
	}
	all.Wait()
	elapsed := time.Since(start)
	close(ended)
	watch.Wait()
	return p.merge(workers, elapsed)
}

func (p *part) histogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, max(p.longest.Microseconds(), 2), 3)
}

func (p *part) merge(workers []*worker, elapsed time.Duration) *tally {
	t := &tally{elapsed: elapsed, ok: p.histogram(), failed: p.histogram(), errors: map[sampan.Code]int64{}}
	for _, w := range workers {
		t.ok.Merge(w.latencies)
		t.failed.Merge(w.failures)
		for code, n := range w.errors {
			t.errors[code] += n
		}
	}
	return t
}

// watch reports progress every second until the part has ended, and once then.
func (p *part) watch(start time.Time, workers []*worker, ended <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-tick.C:
		case <-ended:
			over = true
		}
		now := Progress{Part: p.name, Elapsed: time.Since(start)}
		for _, w := range workers {
			now.Requests += w.requests.Load()
			now.Errors += w.failed.Load()
		}
		p.progress(now)
	}
}

// worker sends one request after the other. The counters alone may be read meanwhile.
type worker struct {
	latencies, failures *hdrhistogram.Histogram
	errors              map[sampan.Code]int64
	requests, failed    atomic.Int64
}

// pause holds a worker back whose server is away, so that it does not spend the
// processor on failing.
const pause = 10 * time.Millisecond

// loop sends requests until a time, each when next says it is due. Latencies count from
// then: a request that no worker was free for has waited.
func (w *worker) loop(ctx context.Context, call func() error, until time.Time, next func() (time.Time, bool)) {
	for ctx.Err() == nil {
		due, more := next()
		if !more || !until.IsZero() && !due.Before(until) || !sleep(ctx, time.Until(due)) {
			return
		}
		err := call()
		took := time.Since(due)
		if err == nil {
			record(w.latencies, took)
			w.requests.Add(1)
			continue
		}
		if ctx.Err() != nil {
			// The run was called off, which is no fault of the server's.
			return
		}
		code := sampan.CodeOf(err)
		record(w.failures, took)
		w.errors[code]++
		w.failed.Add(1)
		w.requests.Add(1)
		if code == sampan.Unavailable {
			sleep(ctx, pause)
		}
	}
}

func record(h *hdrhistogram.Histogram, took time.Duration) {
	_ = h.RecordValue(min(took.Microseconds(), h.HighestTrackableValue()))
}

// sleep reports false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
