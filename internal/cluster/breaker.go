package cluster

import (
	"sync/atomic"
	"time"
)

// breaker keeps calls away from a server that fails. It opens after some failures in a
// row, or at once where no connection can be made. When its time is over it is half
// open: one call is let through as a probe, whose success closes it and whose failure
// opens it for twice as long. A probe that says nothing is followed by another one
// after the same time.
type breaker struct {
	// until, in nanoseconds since the epoch, is when the next probe may go; 0 while
	// the breaker is closed.
	until atomic.Int64
	// failures in a row, and how many times in a row it has opened.
	failures, opened atomic.Int32
}

const (
	// maxFailures in a row open a breaker.
	maxFailures = 5
	// shortest is how long it stays open at first: long enough that a dead server costs
	// little, short enough that one that came back is soon used. longest bounds the
	// doubling.
	shortest = time.Second
	longest  = 16 * time.Second
)

// due reports whether calls may go there: all of them, or the next probe.
func (b *breaker) due(now int64) bool { return b.until.Load() <= now }

// admit reports whether this call may go there, and whether it is the probe. Of those
// that want to be the probe one may.
func (b *breaker) admit(now int64) (ok, probe bool) {
	until := b.until.Load()
	if until == 0 {
		return true, false
	}
	probe = until <= now && b.until.CompareAndSwap(until, now+int64(b.interval()))
	return probe, probe
}

// interval is how long the breaker stays open.
func (b *breaker) interval() time.Duration {
	return min(shortest<<min(max(0, b.opened.Load()-1), 10), longest)
}

// succeed counts an answer, good or bad.
func (b *breaker) succeed() {
	if b.failures.Load() != 0 {
		b.failures.Store(0)
	}
	if b.until.Load() != 0 {
		b.opened.Store(0)
		b.until.Store(0)
	}
}

// fail counts a call without an answer; hard says that no connection could be made. On
// an open breaker only the probe counts: the other calls were under way before.
func (b *breaker) fail(now int64, hard, probe bool) {
	failures := b.failures.Add(1)
	closed := b.until.Load() == 0
	if probe || closed && (hard || failures >= maxFailures) {
		b.opened.Add(1)
		b.until.Store(now + int64(b.interval()))
	}
}
