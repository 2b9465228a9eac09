package resample

import "sync"

// scratch keeps slices for the next picture.
type scratch[T any] struct{ idle sync.Pool }

// take gives a slice of n, whose elements are anything; give it back.
func (s *scratch[T]) take(n int) *[]T {
	kept, _ := s.idle.Get().(*[]T)
	if kept == nil {
		kept = new([]T)
	}
	if cap(*kept) < n {
		*kept = make([]T, n)
	}
	*kept = (*kept)[:n]
	return kept
}

func (s *scratch[T]) give(kept *[]T) { s.idle.Put(kept) }

var (
	taps      scratch[tap]
	fourTaps  scratch[fourTap]
	eightTaps scratch[eightTap]
	floatTaps scratch[floatTap]
	places    scratch[int]
	covers    scratch[cover]
	bytes     scratch[uint8]
	ints      scratch[int32]
	floats    scratch[float32]
)
