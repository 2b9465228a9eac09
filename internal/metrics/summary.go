package metrics

import "time"

// Summary is what a person wants to know of calls.
type Summary struct {
	// Count has the calls that failed too, Errors only those.
	Count, Errors uint64
	// Took is the time of all calls.
	Took time.Duration
	// buckets are of all calls.
	bounds []int64
	counts []uint64
}

// Sum puts the calls of several protocols together.
func Sum(calls ...*Calls) Summary {
	s := Summary{bounds: Durations.Bounds, counts: make([]uint64, len(Durations.Bounds)+1)}
	for _, c := range calls {
		for code, h := range c.total {
			if h == nil {
				continue
			}
			for i := range h.counts {
				n := h.counts[i].Load()
				s.counts[i] += n
				s.Count += n
				if code != 0 {
					s.Errors += n
				}
			}
			s.Took += time.Duration(h.Sum())
		}
	}
	return s
}

// Quantile is the upper end of the bucket below which a part q of the calls lie.
func (s Summary) Quantile(q float64) time.Duration {
	below := uint64(0)
	for i, n := range s.counts {
		if below += n; n > 0 && float64(below) >= q*float64(s.Count) {
			return time.Duration(s.bounds[min(i, len(s.bounds)-1)])
		}
	}
	return 0
}

// Mean is the time of a call.
func (s Summary) Mean() time.Duration {
	if s.Count == 0 {
		return 0
	}
	return s.Took / time.Duration(s.Count)
}
