package metrics

// Summary is what a person wants to know of calls.
type Summary struct {
	// Reading has the calls that failed too, Errors only those.
	Reading
	Errors uint64
}

// Sum puts the calls of several protocols together.
func Sum(calls ...*Calls) (s Summary) {
	s.bounds, s.counts = Durations.Bounds, make([]uint64, len(Durations.Bounds)+1)
	for _, c := range calls {
		for code, h := range c.total {
			if h == nil {
				continue
			}
			r := h.Reading()
			s.Reading = s.Plus(r)
			if code != 0 {
				s.Errors += r.Count
			}
		}
	}
	return s
}
