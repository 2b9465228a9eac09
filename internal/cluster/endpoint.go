package cluster

import (
	"sync/atomic"
	"time"
)

// Endpoint is one server. It stays the same while its address stays in the naming.
type Endpoint struct {
	Address string
	// Peer is what the transport keeps for the server.
	Peer any

	weight atomic.Int32
	load   load
	breaker
}

// load is what [LocalityAware] looks at.
type load struct {
	inFlight atomic.Int32
	// latency, in nanoseconds, is a moving average as of the time at, in nanoseconds
	// since the epoch.
	latency, at atomic.Int64
}

const (
	// smoothing is how many calls the average remembers, roughly.
	smoothing = 8
	// halfLife is after how long without calls half of a latency is forgotten, and the
	// next call counts alone, so that a server that was slow once is tried again.
	halfLife = time.Second
)

func (l *load) begin() { l.inFlight.Add(1) }

// end counts a call that took so long. Of two that end at once one may be lost.
func (l *load) end(now time.Time, took time.Duration) {
	l.inFlight.Add(-1)
	last := l.at.Swap(now.UnixNano())
	average := int64(took)
	if now.UnixNano()-last < int64(halfLife) {
		old := l.latency.Load()
		average = old + (average-old)/smoothing
	}
	l.latency.Store(average)
}

// score is what one more call would wait, by the time that calls took and the number
// that are there already; less is better.
func (l *load) score(now int64) int64 {
	age := max(0, now-l.at.Load()) / int64(halfLife)
	return (l.latency.Load() >> min(age, 62)) * int64(l.inFlight.Load()+1)
}

// Status is an endpoint's state at one moment.
type Status struct {
	Address string
	Weight  int
	// InFlight is the number of calls under way.
	InFlight int
	// Latency is a moving average of what calls took; 0 before the first one.
	Latency time.Duration
	// Open says that the endpoint is left alone after failures, but for a probe now and
	// then.
	Open bool
}

func (e *Endpoint) status() Status {
	return Status{
		Address: e.Address, Weight: int(e.weight.Load()), InFlight: int(e.load.inFlight.Load()),
		Latency: time.Duration(e.load.latency.Load()), Open: e.until.Load() != 0,
	}
}
