package ocr

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/sampanml/sampan"
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

// TestCubicCrop has the sum of what cv2.warpPerspective of OpenCV 4.6.0 gives with
// INTER_CUBIC.
func TestCubicCrop(t *testing.T) {
	picture := tensor(t, sampan.Shape{30, 40, 3}, func(i int) uint8 { return uint8(i * 37) })
	got, err := GetRotateCropImage{Cubic: true}.Crop(picture, Box{{3, 4}, {35, 8}, {33, 25}, {2, 20}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "ec96329b904a26d60f9ccefbbaa2ce3987993dfcfa8d71fbae7e55179f29258d"
	if sum := sha256.Sum256(got.Data); !slices.Equal(got.Shape, sampan.Shape{17, 32, 3}) || hex.EncodeToString(sum[:]) != want {
		t.Errorf("crop of shape %v with sum %x", got.Shape, sum)
	}
}
