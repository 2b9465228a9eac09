package metrics

import (
	"slices"
	"time"
)

// Reading is a histogram of durations at a time.
type Reading struct {
	Count uint64
	Sum   time.Duration

	bounds []int64
	counts []uint64
}

// Reading reads the histogram. Values that are counted meanwhile may be in it in part.
func (h *Histogram) Reading() Reading {
	r := Reading{Sum: time.Duration(h.Sum()), bounds: h.bounds, counts: make([]uint64, len(h.counts))}
	for i := range h.counts {
		r.counts[i] = h.counts[i].Load()
		r.Count += r.counts[i]
	}
	return r
}

// Since is what came after an earlier reading of the same histogram.
func (r Reading) Since(before Reading) Reading {
	out := Reading{Count: r.Count - before.Count, Sum: r.Sum - before.Sum, bounds: r.bounds, counts: slices.Clone(r.counts)}
	for i := range before.counts {
		out.counts[i] -= before.counts[i]
	}
	return out
}

// Plus puts two readings of histograms with the same buckets together.
func (r Reading) Plus(other Reading) Reading {
	out := Reading{Count: r.Count + other.Count, Sum: r.Sum + other.Sum, bounds: r.bounds, counts: slices.Clone(r.counts)}
	for i := range other.counts {
		out.counts[i] += other.counts[i]
	}
	return out
}

// Mean is the time of one.
func (r Reading) Mean() time.Duration {
	if r.Count == 0 {
		return 0
	}
	return r.Sum / time.Duration(r.Count)
}

// Quantile is the upper end of the bucket below which a part q of the values lie.
func (r Reading) Quantile(q float64) time.Duration {
	below := uint64(0)
	for i, n := range r.counts {
		if below += n; n > 0 && float64(below) >= q*float64(r.Count) {
			return time.Duration(r.bounds[min(i, len(r.bounds)-1)])
		}
	}
	return 0
}
