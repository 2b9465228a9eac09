package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/sampanml/sampan"
)

// batch is a run for several requests.
type batch struct {
	scheduler *scheduler
	members   []*ticket
	// copying ends when the members' inputs are not read any more; copied then is
	// true.
	copying chan struct{}

	// The fields below are guarded by the processors' lock.
	copied bool
	// present is how many members still wait for their answer.
	present int
	ctx     context.Context
	cancel  func()
}

// gather makes a batch of a request, which has left the queue, and those in the queue
// that may join it; nil if it has to run alone. The lock is held.
func (s *scheduler) gather(first *ticket) *batch {
	if s.batching == nil || first.alone || s.queue.empty() || first.rows >= s.batching.MaxRows {
		return nil
	}
	members, rows := []*ticket{first}, first.rows
	target := s.batching.target(first.rows + s.queue.rows)
	for t, seen := s.queue.first(), int64(0); t != nil && rows < target && seen < 2*target; seen++ {
		next := s.queue.after(t)
		fits := rows+t.rows <= target || s.batching.Overrun
		if fits && !t.alone && t.ctx.Err() == nil && s.merger.joins(first, t) {
			s.dequeue(t)
			members = append(members, t)
			rows += t.rows
		}
		t = next
	}
	if len(members) == 1 {
		return nil
	}
	b := &batch{scheduler: s, members: members, copying: make(chan struct{}), present: len(members)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	for _, t := range members {
		t.state, t.batch = taken, b
	}
	return b
}

// leave lets a member go. The run ends early when nobody waits for it. The lock is held.
func (b *batch) leave(t *ticket) {
	t.left = true
	b.present--
	if b.present == 0 {
		b.cancel()
	}
}

// run makes the run and hands out what it gave. Where it failed, the members run once
// more, each alone: the fault is that of one of them, or they may not be merged.
func (b *batch) run() {
	s, p := b.scheduler, b.scheduler.processors
	start := time.Now()
	b.tell(start)
	err := b.execute()
	took := time.Since(start)
	s.observer.Ran(took)
	b.cancel()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !b.copied {
		b.endCopying()
	}
	for i := len(b.members) - 1; i >= 0; i-- {
		t := b.members[i]
		switch {
		case t.left:
		case err == nil:
			t.state = done
			t.turn <- struct{}{}
		default:
			t.state, t.batch, t.alone = queued, nil, true
			s.putBack(t)
		}
	}
	s.end(took)
}

// tell says who waited for how long, and what came together.
func (b *batch) tell(start time.Time) {
	rows := int64(0)
	for _, t := range b.members {
		rows += t.rows
		b.scheduler.observer.Waited(start.Sub(t.came))
	}
	b.scheduler.observer.Merged(len(b.members), rows)
}

// endCopying tells that the inputs are not read any more. The lock is held.
func (b *batch) endCopying() {
	b.copied = true
	close(b.copying)
}

// execute merges the inputs, runs the model and divides the outputs.
func (b *batch) execute() (err error) {
	s := b.scheduler
	defer func() {
		if v := recover(); v != nil {
			slog.Error("a batch panicked", "panic", v, "stack", string(debug.Stack()))
			err = sampan.Errorf(sampan.Internal, "the batch failed: internal error")
		}
	}()
	in := s.merger.merge(b.members)
	defer in.free()
	s.processors.mu.Lock()
	b.endCopying()
	s.processors.mu.Unlock()
	outputs := make([]sampan.Tensor, len(b.members[0].outputs))
	if err := s.run(b.ctx, in.inputs, outputs); err != nil {
		return err
	}
	if err := s.merger.divide(b.members, in, outputs); err != nil {
		s.unbatch(err)
		return err
	}
	return nil
}

// unbatch ends batching for a model whose outputs cannot be divided.
func (s *scheduler) unbatch(why error) {
	s.processors.mu.Lock()
	defer s.processors.mu.Unlock()
	if s.batching == nil {
		return
	}
	slog.Warn("requests are not merged any more", "model", s.name, "reason", fmt.Sprint(why))
	s.batching = nil
	s.checkDue()
}
