package ocr

import (
	"cmp"
	"math"
	"slices"
)

// sameLine is the distance in pixels below which two boxes may stand in one line.
const sameLine = 10

// SortedBoxes puts boxes into reading order: from the top, and from the left where
// their top left corners are less than 10 pixels apart in height.
type SortedBoxes struct {
	// Thorough carries a box on to the left until it has its place, as PaddleOCR's
	// predict_system.py does; paddle_serving_app looks at each pair of neighbours once.
	Thorough bool `yaml:"thorough"`
}

// Sort gives the boxes in reading order.
func (s SortedBoxes) Sort(boxes []Box) []Box {
	out := slices.Clone(boxes)
	slices.SortStableFunc(out, func(a, b Box) int {
		return cmp.Or(cmp.Compare(a[0].Y, b[0].Y), cmp.Compare(a[0].X, b[0].X))
	})
	for i := range len(out) - 1 {
		for j := i; j >= 0 && swapped(out[j][0], out[j+1][0]); j-- {
			out[j], out[j+1] = out[j+1], out[j]
			if !s.Thorough {
				break
			}
		}
	}
	return out
}

// swapped reports whether b stands in a's line and to its left.
func swapped(a, b Point) bool {
	return math.Abs(float64(b.Y-a.Y)) < sameLine && b.X < a.X
}
