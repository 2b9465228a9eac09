package ocr

import (
	"cmp"
	"math"
	"slices"
)

// FilterBoxes puts the corners of boxes in order, keeps them inside the picture, and
// drops boxes that are too small.
type FilterBoxes struct {
	// Width and Height in whole pixels; a box must exceed both.
	Width  int `yaml:"width"`
	Height int `yaml:"height"`
}

// Filter gives the boxes of a picture of height × width pixels that are large enough,
// with whole numbers as corners.
func (f FilterBoxes) Filter(boxes []Box, height, width int) []Box {
	var out []Box
	for _, b := range boxes {
		b = clockwise(b)
		for i, p := range b {
			b[i] = Point{inside(p.X, width), inside(p.Y, height)}
		}
		if int(b.width()) > f.Width && int(b.height()) > f.Height {
			out = append(out, b)
		}
	}
	return out
}

// clockwise takes the two leftmost corners as the left side and the others as the
// right, each from the top down.
func clockwise(b Box) Box {
	slices.SortStableFunc(b[:], func(p, q Point) int { return cmp.Compare(p.X, q.X) })
	byY := func(p, q Point) int { return cmp.Compare(p.Y, q.Y) }
	left, right := b[:2], b[2:]
	slices.SortStableFunc(left, byY)
	slices.SortStableFunc(right, byY)
	return Box{left[0], right[0], right[1], left[1]}
}

// inside cuts a coordinate off to a whole number from 0 to size-1.
func inside(v float32, size int) float32 {
	if v != v {
		return 0
	}
	return float32(math.Trunc(float64(min(max(v, 0), float32(max(size-1, 0))))))
}
