package engine

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
)

// scheduler decides when a model's requests run, and which of them together. A request
// that finds a place runs at once in its caller's goroutine; others wait in a bounded
// queue, and whoever ends a run begins the next.
type scheduler struct {
	// name of the model, for the log.
	name       string
	processors *Processors
	// run executes the model.
	run         func(ctx context.Context, inputs, outputs []sampan.Tensor) error
	observer    Observer
	concurrency int
	limits      limits
	// merger and batching are nil where every request runs alone; batching becomes nil
	// when the model turns out not to allow it.
	merger   *merger
	batching *Batching

	// whole is set when a request's pieces turned out not to go together, so that no
	// other is divided.
	whole atomic.Bool

	// long says that runs take long, and so may leave their callers.
	long atomic.Bool

	// batches are the runs under way that may outlast their callers: those that were
	// merged, and long ones.
	batches sync.WaitGroup

	// The fields below are guarded by the processors' lock.
	running int
	queue   queue
	// due says that the queue has what a run may begin with: always, unless the model
	// waits for batches to fill.
	due   bool
	timer *time.Timer
	// mean is the recent duration of a run, and runs how many there were.
	mean time.Duration
	runs uint64
}

// limits bound the queue.
type limits struct{ rows, bytes int64 }

func newScheduler(m *Model, inputs []Field, o Options) (*scheduler, error) {
	s := &scheduler{
		name: o.Name, processors: o.Processors, run: m.session.Run, observer: nobody{}, concurrency: o.Concurrency,
		limits: limits{rows: int64(o.Queue), bytes: o.QueueBytes}, due: true,
	}
	if o.Batching == nil {
		return s, nil
	}
	if err := o.Batching.check(&m.signature); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	s.merger = &merger{inputs: m.sessionFields(inputs), batching: o.Batching}
	if !slices.ContainsFunc(inputs, func(f Field) bool { return len(f.Shape) > 0 && f.Shape[0] < 0 }) {
		slog.Warn("requests are not merged", "model", o.Name, "reason", "the first size of every input is fixed")
		return s, nil
	}
	s.batching = o.Batching
	return s, nil
}

// mayBegin says that a run may begin now.
func (s *scheduler) mayBegin() bool {
	return s.running < s.concurrency && (s.running == 0 || s.processors.free > 0)
}

func (s *scheduler) begin() {
	s.running++
	s.processors.free--
}

// call runs a request, in pieces if it has more rows than a run may have, and returns
// the outputs.
func (s *scheduler) call(ctx context.Context, inputs []sampan.Tensor, outputs int) ([]sampan.Tensor, error) {
	rows := int64(1)
	if s.merger != nil {
		rows = s.merger.rows(inputs)
		if b := s.merger.batching; rows > b.MaxRows && !b.KeepWhole && !b.Overrun && !s.whole.Load() {
			if out, err := s.inPieces(ctx, inputs, outputs, rows); out != nil || err != nil {
				return out, err
			}
		}
	}
	out := make([]sampan.Tensor, outputs)
	if err := s.do(ctx, inputs, out, rows); err != nil {
		return nil, err
	}
	return out, nil
}

// inPieces runs a request in pieces of MaxRows, as many at once as there may be runs. It
// returns neither outputs nor error for one that cannot be divided.
func (s *scheduler) inPieces(ctx context.Context, inputs []sampan.Tensor, outputs int, rows int64) ([]sampan.Tensor, error) {
	most := s.merger.batching.MaxRows
	n := int((rows + most - 1) / most)
	pieces, sizes, errs := make([][]sampan.Tensor, n), make([]int64, n), make([]error, n)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, s.concurrency) {
		workers.Go(func() {
			for k := int(next.Add(1)) - 1; k < n; k = int(next.Add(1)) - 1 {
				from := int64(k) * most
				to := min(from+most, rows)
				piece, ok := s.merger.piece(inputs, rows, from, to)
				if !ok {
					s.whole.Store(true)
					return
				}
				pieces[k], sizes[k] = make([]sampan.Tensor, outputs), to-from
				if errs[k] = s.do(ctx, piece, pieces[k], to-from); errs[k] != nil {
					cancel()
					return
				}
			}
		})
	}
	workers.Wait()
	// The first fault that is not the end of the others.
	var fault error
	for _, err := range errs {
		if err != nil && (fault == nil || sampan.CodeOf(fault) == sampan.Canceled) {
			fault = err
		}
	}
	if fault != nil {
		return nil, fault
	}
	if !s.whole.Load() {
		if out, ok := unite(pieces, sizes); ok {
			return out, nil
		}
		s.whole.Store(true)
	}
	return nil, nil
}

// do runs a request, now or when its turn comes. outputs is filled in.
func (s *scheduler) do(ctx context.Context, inputs, outputs []sampan.Tensor, rows int64) error {
	p := s.processors
	p.mu.Lock()
	company := s.batching != nil && s.running > 0
	if s.queue.empty() && !s.batching.waits() && !company && s.mayBegin() {
		s.begin()
		// A clock costs as much as a part of a small run, so one of a few is timed.
		timed := s.runs%timedRuns == 0 || s.mean > smallRun
		p.mu.Unlock()
		return s.execute(ctx, inputs, outputs, timed)
	}
	t := &ticket{
		ctx: ctx, inputs: inputs, outputs: outputs, rows: max(1, rows), bytes: size(inputs),
		priority: priorityOf(ctx), turn: make(chan struct{}, 1), came: time.Now(),
	}
	if err := s.admit(t); err != nil {
		p.mu.Unlock()
		return err
	}
	s.enqueue(t)
	if company {
		// Others are ready that no processor has come to yet.
		p.mu.Unlock()
		runtime.Gosched()
		p.mu.Lock()
	}
	p.dispatch()
	p.mu.Unlock()
	select {
	case <-t.turn:
	case <-ctx.Done():
		if s.leave(t) {
			return sampan.ContextError(ctx)
		}
	}
	if t.state == done {
		return t.err
	}
	s.observer.Waited(time.Since(t.came))
	return s.execute(ctx, inputs, outputs, true)
}

const (
	// timedRuns is the number of small runs of which one is timed while nobody waits.
	timedRuns = 16
	// smallRun is how long a run takes to which a clock would add.
	smallRun = 20 * time.Microsecond
)

// execute makes a run in a place that begin has taken.
func (s *scheduler) execute(ctx context.Context, inputs, outputs []sampan.Tensor, timed bool) error {
	if s.long.Load() && ctx.Done() != nil && ctx.Err() == nil {
		return s.executeApart(ctx, inputs, outputs)
	}
	return s.executeHere(ctx, inputs, outputs, timed)
}

// executeHere makes a run and gives its place back.
func (s *scheduler) executeHere(ctx context.Context, inputs, outputs []sampan.Tensor, timed bool) error {
	var start time.Time
	if timed {
		start = time.Now()
	}
	defer func() {
		var took time.Duration
		if timed {
			took = time.Since(start)
		}
		s.observer.Ran(took)
		s.processors.mu.Lock()
		s.end(took)
		s.processors.mu.Unlock()
	}()
	return s.run(ctx, inputs, outputs)
}

// end gives a place back and begins what waits for it. took is 0 for a run that was not
// timed. The lock is held.
func (s *scheduler) end(took time.Duration) {
	s.runs++
	if took > 0 {
		if s.mean == 0 {
			s.mean = took
		}
		s.mean += (took - s.mean) / 8
		if long := s.mean >= longRun; long != s.long.Load() {
			s.long.Store(long)
		}
	}
	s.running--
	s.processors.free++
	if len(s.processors.waiting) > 0 {
		s.processors.dispatch()
	}
}

// admit says whether a request may wait. The lock is held.
func (s *scheduler) admit(t *ticket) error {
	q, retry := &s.queue, s.wait()
	switch {
	case q.empty():
	case q.rows+t.rows > s.limits.rows:
		return tryLater(retry, "%d rows wait for the model, the limit is %d", q.rows, s.limits.rows)
	case q.bytes+t.bytes > s.limits.bytes:
		return tryLater(retry, "%d bytes wait for the model, the limit is %d", q.bytes, s.limits.bytes)
	}
	if at, ok := t.ctx.Deadline(); ok && retry > 0 && time.Until(at) < retry {
		return sampan.Errorf(sampan.DeadlineExceeded,
			"the deadline would pass before the model is free, in about %v", retry.Round(time.Microsecond))
	}
	return nil
}

func tryLater(after time.Duration, format string, args ...any) error {
	err := sampan.Errorf(sampan.ResourceExhausted, format+"; try again later", args...)
	err.RetryAfter = after
	return err
}

// wait estimates how long a request has to wait behind those in the queue. The lock is
// held.
func (s *scheduler) wait() time.Duration {
	ahead := int64(s.queue.tickets)
	if s.batching != nil {
		ahead = min(ahead, (s.queue.rows+s.batching.MaxRows-1)/s.batching.MaxRows)
	}
	return time.Duration(ahead) * s.mean / time.Duration(s.concurrency)
}

// enqueue adds a ticket. The lock is held.
func (s *scheduler) enqueue(t *ticket) {
	p := s.processors
	p.arrivals++
	t.arrival = p.arrivals
	if s.queue.empty() {
		p.waiting = append(p.waiting, s)
	}
	s.queue.push(t)
	s.checkDue()
}

// putBack returns a ticket to the front of the queue. The lock is held.
func (s *scheduler) putBack(t *ticket) {
	if s.queue.empty() {
		s.processors.waiting = append(s.processors.waiting, s)
	}
	s.queue.unshift(t)
	s.checkDue()
}

// dequeue takes a ticket out. The lock is held.
func (s *scheduler) dequeue(t *ticket) {
	s.queue.remove(t)
	if !s.queue.empty() {
		return
	}
	w := s.processors.waiting
	for i := range w {
		if w[i] == s {
			w[i] = w[len(w)-1]
			w[len(w)-1] = nil
			s.processors.waiting = w[:len(w)-1]
			break
		}
	}
}

// leave takes back a request whose context has ended, and reports whether its answer
// will not come.
func (s *scheduler) leave(t *ticket) bool {
	p := s.processors
	p.mu.Lock()
	defer p.mu.Unlock()
	for t.state == taken && !t.batch.copied {
		p.mu.Unlock()
		<-t.batch.copying
		p.mu.Lock()
	}
	switch t.state {
	case queued:
		s.dequeue(t)
		s.checkDue()
	case granted:
		s.running--
		p.free++
		p.dispatch()
	case taken:
		t.batch.leave(t)
	case done:
		return false
	}
	return true
}

// grant begins a run with the request whose turn it is and those that may join it. The
// lock is held, the queue is not empty and a run may begin.
func (s *scheduler) grant() {
	first := s.queue.first()
	s.dequeue(first)
	s.begin()
	if b := s.gather(first); b != nil {
		s.batches.Go(b.run)
	} else {
		first.state = granted
		first.turn <- struct{}{}
	}
	s.checkDue()
}

// checkDue finds out whether a run may begin with what is in the queue, and if not,
// when. The lock is held.
func (s *scheduler) checkDue() {
	wait := time.Duration(0)
	if s.batching.waits() && !s.queue.empty() && !s.batching.full(s.queue.rows) {
		wait = s.batching.Delay - time.Since(s.queue.oldest())
	}
	s.due = wait <= 0
	switch {
	case s.due && s.timer != nil:
		s.timer.Stop()
	case s.due:
	case s.timer == nil:
		s.timer = time.AfterFunc(wait, s.expire)
	default:
		s.timer.Reset(wait)
	}
}

// expire begins a run although its batch is not full.
func (s *scheduler) expire() {
	s.processors.mu.Lock()
	defer s.processors.mu.Unlock()
	s.checkDue()
	s.processors.dispatch()
}

func size(tensors []sampan.Tensor) (n int64) {
	for i := range tensors {
		n += int64(len(tensors[i].Data))
	}
	return n
}
