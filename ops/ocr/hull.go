package ocr

import (
	"cmp"
	"slices"
)

// corner is a point of a set and its place in the set.
type corner struct {
	pixel
	index int
}

// hull gives the convex hull of pixels, without points on its sides. As
// cv2.convexHull it runs with the clock on the screen from the rightmost point, or from
// the set's last or first point where the hull meets the set in its order.
func (s *scratch) hull(points []pixel) []pixel {
	s.sorted = s.sorted[:0]
	for i, p := range points {
		s.sorted = append(s.sorted, corner{p, i})
	}
	slices.SortFunc(s.sorted, func(a, b corner) int {
		if a.x != b.x {
			return int(a.x) - int(b.x)
		}
		if a.y != b.y {
			return int(a.y) - int(b.y)
		}
		return cmp.Compare(a.index, b.index)
	})
	s.chain = s.chain[:0]
	for i := len(s.sorted) - 1; i >= 0; i-- {
		s.chain = extend(s.chain, 0, s.sorted[i])
	}
	if len(s.chain) > 1 {
		turn := len(s.chain) - 1
		for _, c := range s.sorted[1:] {
			s.chain = extend(s.chain, turn, c)
		}
		s.chain = s.chain[:len(s.chain)-1]
	}
	start := first(s.chain)
	s.corners = s.corners[:0]
	for i := range s.chain {
		s.corners = append(s.corners, s.chain[(start+i)%len(s.chain)].pixel)
	}
	return s.corners
}

// extend adds a corner to a chain that turns with the clock, and drops those behind
// base that the chain no longer turns at.
func extend(chain []corner, base int, c corner) []corner {
	for len(chain) > base+1 {
		a, b := chain[len(chain)-2], chain[len(chain)-1]
		if int64(b.x-a.x)*int64(c.y-b.y) > int64(b.y-a.y)*int64(c.x-b.x) {
			break
		}
		chain = chain[:len(chain)-1]
	}
	if last := len(chain) - 1; last >= 0 && chain[last].pixel == c.pixel {
		return chain
	}
	return append(chain, c)
}

// first is where the hull begins: its first point in the set if the hull ascends, its
// last if it descends, otherwise the rightmost.
func first(chain []corner) int {
	n := len(chain)
	if n < 3 {
		return 0
	}
	ascents, low, high := 0, 0, 0
	for i, c := range chain {
		if c.index < chain[(i+1)%n].index {
			ascents++
		}
		if c.index < chain[low].index {
			low = i
		}
		if c.index > chain[high].index {
			high = i
		}
	}
	switch ascents {
	case n - 1:
		return low
	case 1:
		return high
	}
	return 0
}
