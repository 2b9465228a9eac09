package sampan

import (
	"math"
	"strconv"
)

// Shape is a tensor's dimensions, outermost first; a scalar has none. In a signature
// -1 stands for a size that is not fixed.
type Shape []int64

// Elements returns the number of elements; false for a negative dimension or a
// product beyond an int64.
func (s Shape) Elements() (int64, bool) {
	n, overflow := int64(1), false
	for _, d := range s {
		switch {
		case d < 0:
			return 0, false
		case d == 0:
			n = 0
		case n > math.MaxInt64/d:
			overflow = true
		default:
			n *= d
		}
	}
	if n == 0 {
		return 0, true
	}
	return n, !overflow
}

// Equal reports whether both have the same dimensions.
func (s Shape) Equal(t Shape) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range s {
		if s[i] != t[i] {
			return false
		}
	}
	return true
}

// Fits reports whether s has the rank of want and each of its dimensions where want's
// is not -1.
func (s Shape) Fits(want Shape) bool {
	if len(s) != len(want) {
		return false
	}
	for i := range s {
		if want[i] >= 0 && s[i] != want[i] {
			return false
		}
	}
	return true
}

// String prints the dimensions in brackets: [1 13].
func (s Shape) String() string {
	b := make([]byte, 0, 2+8*len(s))
	b = append(b, '[')
	for i, d := range s {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, d, 10)
	}
	return string(append(b, ']'))
}
