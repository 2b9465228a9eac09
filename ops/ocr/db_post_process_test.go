package ocr

import (
	"slices"
	"testing"
)

func TestDBPostProcessGoldens(t *testing.T) {
	for _, g := range goldens(t, "DBPostProcess") {
		p := g.Params
		d := DBPostProcess{Threshold: p.Threshold, BoxThreshold: p.BoxThreshold, MaxCandidates: p.MaxCandidates, UnclipRatio: p.UnclipRatio}
		got, err := d.Boxes(probability(t, g.Map), []Ratio{{H: g.Ratio[0], W: g.Ratio[1]}})
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
			continue
		}
		if !slices.Equal(got[0], g.Boxes) {
			t.Errorf("%s: boxes %v, want %v", g.Name, got[0], g.Boxes)
		}
	}
}

func TestDilate(t *testing.T) {
	c := new(contours)
	c.binarise([]float32{
		0, 0, 0, 0,
		0, 1, 0, 0,
		0, 0, 0, 1,
	}, 4, 3, 0.5)
	c.dilate()
	want := []int8{
		0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0,
		0, 0, 1, 1, 0, 0,
		0, 0, 1, 1, 1, 0,
		0, 0, 0, 0, 0, 0,
	}
	if !slices.Equal(c.grid, want) {
		t.Errorf("grid %v, want %v", c.grid, want)
	}
}
