package ocr

import (
	"bytes"
	"slices"
	"testing"
)

func TestCropGoldens(t *testing.T) {
	for _, g := range goldens(t, "GetRotateCropImage") {
		got, err := GetRotateCropImage{}.Crop(picture(t, g.Source), g.Points)
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
			continue
		}
		want := stored(t, g.Output.File)
		if !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%s: shape %v, want %v and the same bytes", g.Name, got.Shape, want.Shape)
		}
	}
}
