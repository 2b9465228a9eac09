package engine

import (
	"context"
	"time"

	"github.com/sampanml/sampan"
)

// ticket is a request that waits for its run. Its fields below state are guarded by
// the processors' lock.
type ticket struct {
	ctx             context.Context
	inputs, outputs []sampan.Tensor
	// rows and bytes are what it takes of the queue.
	rows, bytes int64
	priority    Priority
	// came is when it entered the queue.
	came time.Time
	// alone keeps it out of batches, since one failed with it.
	alone bool
	// turn has room for one signal, which is given when state leaves queued for
	// granted or done.
	turn chan struct{}

	state   ticketState
	arrival uint64
	batch   *batch
	// left says that its owner does not wait any more.
	left       bool
	err        error
	prev, next *ticket
}

// ticketState is how far a ticket has come.
type ticketState uint8

const (
	// queued: it is in the queue; its owner may take it out.
	queued ticketState = iota
	// granted: its owner has a place among the runs and has to give it back.
	granted
	// taken: a batch reads its inputs.
	taken
	// done: err, or else outputs, are there.
	done
)

// Priority orders the requests that wait for a model.
type Priority uint8

const (
	// Normal requests wait for each other and for urgent ones.
	Normal Priority = iota
	// High requests go first, but for every eighth run.
	High
)

type priorityKey struct{}

// WithPriority returns a context whose requests have that priority. Without it they
// are Normal.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

// queue holds tickets in the order of their arrival, by priority. It counts what they
// take. The zero queue is empty.
type queue struct {
	lists       [2]ticketList
	tickets     int
	rows, bytes int64
	// urgent counts the High tickets that went ahead of a Normal one in a row.
	urgent int
}

// patience is the number of High tickets after which a Normal one that waits is next.
const patience = 7

type ticketList struct{ head, tail *ticket }

func (q *queue) empty() bool { return q.lists[Normal].head == nil && q.lists[High].head == nil }

// first returns the ticket whose turn it is. The queue is not empty.
func (q *queue) first() *ticket {
	high, normal := q.lists[High].head, q.lists[Normal].head
	if high == nil || normal != nil && q.urgent >= patience {
		return normal
	}
	return high
}

// push adds a ticket at the end.
func (q *queue) push(t *ticket) {
	l := &q.lists[t.priority]
	t.prev, t.next = l.tail, nil
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.next = t
	}
	l.tail = t
	q.tickets++
	q.rows += t.rows
	q.bytes += t.bytes
}

// unshift puts a ticket back to the front.
func (q *queue) unshift(t *ticket) {
	l := &q.lists[t.priority]
	t.prev, t.next = nil, l.head
	if l.head == nil {
		l.tail = t
	} else {
		l.head.prev = t
	}
	l.head = t
	q.tickets++
	q.rows += t.rows
	q.bytes += t.bytes
}

// remove takes a ticket out, wherever it is.
func (q *queue) remove(t *ticket) {
	l := &q.lists[t.priority]
	if t.prev == nil {
		l.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
	q.tickets--
	q.rows -= t.rows
	q.bytes -= t.bytes
	switch {
	case t.priority == Normal:
		q.urgent = 0
	case q.lists[Normal].head != nil:
		q.urgent++
	}
}

// after returns the ticket that waits behind t: those of its own priority, then those
// of the other.
func (q *queue) after(t *ticket) *ticket {
	if t.next != nil {
		return t.next
	}
	if first := q.first(); t.priority == first.priority {
		return q.lists[High-t.priority].head
	}
	return nil
}

// oldest is when the first of the tickets came. The queue is not empty.
func (q *queue) oldest() time.Time {
	high, normal := q.lists[High].head, q.lists[Normal].head
	if high == nil || normal != nil && normal.came.Before(high.came) {
		return normal.came
	}
	return high.came
}
