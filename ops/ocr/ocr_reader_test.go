package ocr

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/sampanml/sampan"
)

// cropped are a golden's crops, from where they are stored.
func cropped(t *testing.T, g golden) []sampan.Tensor {
	t.Helper()
	var out []sampan.Tensor
	for _, name := range g.Crops {
		out = append(out, stored(t, name+".npy"))
	}
	return out
}

// sameFirst checks the first of a batch against a golden's sum.
func sameFirst(t *testing.T, g golden, got sampan.Tensor) {
	t.Helper()
	if !slices.Equal(got.Shape[1:], g.Output.Shape) {
		t.Errorf("%s: shape %v, want one more dimension and %v", g.Name, got.Shape, g.Output.Shape)
		return
	}
	sum := sha256.Sum256(got.Data[:int64(len(got.Data))/got.Shape[0]])
	if hex.EncodeToString(sum[:]) != g.Output.Sha256 {
		t.Errorf("%s: other bytes than the golden's", g.Name)
	}
}

func TestPreprocessGoldens(t *testing.T) {
	for _, g := range goldens(t, "OCRReader.preprocess") {
		got, err := OCRReader{}.Preprocess(cropped(t, g)...)
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
			continue
		}
		sameFirst(t, g, got)
	}
	for _, g := range goldens(t, "OCRReader.resize_norm_img(img, 10.0)") {
		got, err := OCRReader{}.ResizeNorm(10, cropped(t, g)...)
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
			continue
		}
		sameFirst(t, g, got)
	}
}
