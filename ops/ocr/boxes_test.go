package ocr

import (
	"slices"
	"testing"
)

func TestFilterBoxesGolden(t *testing.T) {
	for _, g := range goldens(t, "FilterBoxes(10,10)") {
		got := FilterBoxes{Width: 10, Height: 10}.Filter(g.Boxes, g.ImageShape[0], g.ImageShape[1])
		if want := expected[[]Box](t, g); !slices.Equal(got, want) {
			t.Errorf("%s: boxes %v, want %v", g.Name, got, want)
		}
	}
}

func TestSortedBoxesGoldens(t *testing.T) {
	for _, g := range goldens(t, "SortedBoxes") {
		if got, want := (SortedBoxes{}).Sort(g.Boxes), expected[[]Box](t, g); !slices.Equal(got, want) {
			t.Errorf("%s: boxes %v, want %v", g.Name, got, want)
		}
	}
}
