package metrics

import (
	"sync/atomic"
	"time"
)

// Counter is a number that only rises.
type Counter struct{ n atomic.Uint64 }

// Add adds n.
func (c *Counter) Add(n uint64) { c.n.Add(n) }

// Value is the number.
func (c *Counter) Value() uint64 { return c.n.Load() }

// Histogram counts values in buckets.
type Histogram struct {
	// bounds are the buckets' upper ends, rising; what is above the last has a bucket
	// too.
	bounds []int64
	counts []atomic.Uint64
	sum    atomic.Int64
	// unit is what a value is divided by in the text.
	unit float64
}

// Durations are the buckets of times from 10 µs to a minute; values are nanoseconds.
var Durations = Buckets{Unit: float64(time.Second), Bounds: durations()}

// Sizes are the buckets of counts from 1 to 4096.
var Sizes = Buckets{Unit: 1, Bounds: []int64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}}

// Buckets say how a histogram counts.
type Buckets struct {
	// Unit is what a value is divided by in the text.
	Unit float64
	// Bounds are the upper ends, rising.
	Bounds []int64
}

// durations are 1, 2.5 and 5 times the powers of ten.
func durations() (out []int64) {
	for d := 10 * time.Microsecond; d < 10*time.Second; d *= 10 {
		out = append(out, int64(d), int64(d*5/2), int64(d*5))
	}
	return append(out, int64(10*time.Second), int64(30*time.Second), int64(time.Minute))
}

func newHistogram(b Buckets) *Histogram {
	return &Histogram{bounds: b.Bounds, counts: make([]atomic.Uint64, len(b.Bounds)+1), unit: b.Unit}
}

// Observe counts a value.
func (h *Histogram) Observe(v int64) {
	i := 0
	for i < len(h.bounds) && v > h.bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(v)
}

// Count is the number of values.
func (h *Histogram) Count() (n uint64) {
	for i := range h.counts {
		n += h.counts[i].Load()
	}
	return n
}

// Sum is that of the values.
func (h *Histogram) Sum() int64 { return h.sum.Load() }
