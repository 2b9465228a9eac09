package wire

import (
	"slices"

	"github.com/sampanml/sampan"
)

// values are the elements of a feed, of whatever type.
type values interface {
	len() int
	reserve(n int)
	// list reads the elements of the list at pos.
	list(*scanner) error
	// single reads the element at pos.
	single(*scanner) error
	tensor(sampan.Shape) (sampan.Tensor, error)
}

// newValues returns the empty values of a type; false for a type that JSON cannot
// give.
func newValues(d sampan.DType) (values, bool) {
	switch d {
	case sampan.Float32:
		return &fixed[float32]{next: (*scanner).float32}, true
	case sampan.Float64:
		return &fixed[float64]{next: (*scanner).float64}, true
	case sampan.Float16:
		return &fixed[sampan.F16]{next: func(s *scanner) (sampan.F16, error) {
			f, err := s.float32()
			return sampan.ToF16(f), err
		}}, true
	case sampan.BFloat16:
		return &fixed[sampan.BF16]{next: func(s *scanner) (sampan.BF16, error) {
			f, err := s.float32()
			return sampan.ToBF16(f), err
		}}, true
	case sampan.Int8:
		return &fixed[int8]{next: wholeOf[int8]}, true
	case sampan.Int16:
		return &fixed[int16]{next: wholeOf[int16]}, true
	case sampan.Int32:
		return &fixed[int32]{next: wholeOf[int32]}, true
	case sampan.Int64:
		return &fixed[int64]{next: wholeOf[int64]}, true
	case sampan.Uint8:
		return &fixed[uint8]{next: wholeOf[uint8]}, true
	case sampan.Uint16:
		return &fixed[uint16]{next: wholeOf[uint16]}, true
	case sampan.Uint32:
		return &fixed[uint32]{next: wholeOf[uint32]}, true
	case sampan.Uint64:
		return &fixed[uint64]{next: wholeOf[uint64]}, true
	case sampan.Bool:
		return &fixed[bool]{next: (*scanner).boolOrBit}, true
	case sampan.String:
		return &texts{}, true
	}
	return nil, false
}

// fixed holds elements of a fixed width.
type fixed[T sampan.Element] struct {
	elements []T
	next     func(*scanner) (T, error)
}

func (f *fixed[T]) len() int { return len(f.elements) }

func (f *fixed[T]) reserve(n int) { f.elements = slices.Grow(f.elements, n) }

func (f *fixed[T]) list(s *scanner) (err error) {
	f.elements, err = numbers(s, f.elements, f.next)
	return err
}

func (f *fixed[T]) single(s *scanner) error {
	v, err := f.next(s)
	f.elements = append(f.elements, v)
	return err
}

func (f *fixed[T]) tensor(shape sampan.Shape) (sampan.Tensor, error) {
	return sampan.Of(shape, f.elements)
}

// texts holds strings.
type texts struct {
	elements []string
}

func (t *texts) len() int { return len(t.elements) }

func (t *texts) reserve(int) {}

func (t *texts) list(s *scanner) (err error) {
	t.elements, err = list(s, t.elements, (*scanner).string)
	return err
}

func (t *texts) single(s *scanner) error {
	text, err := s.string()
	t.elements = append(t.elements, text)
	return err
}

func (t *texts) tensor(shape sampan.Shape) (sampan.Tensor, error) {
	return sampan.OfStrings(shape, t.elements)
}

// boolOrBit reads true, false, 1 or 0.
func (s *scanner) boolOrBit() (bool, error) {
	switch s.space() {
	case 't', 'f':
		return s.bool()
	}
	start := s.pos
	if v, err := wholeOf[uint8](s); err == nil && v <= 1 {
		return v == 1, nil
	}
	s.pos = start
	return false, s.mismatch("true, false, 0 or 1")
}
