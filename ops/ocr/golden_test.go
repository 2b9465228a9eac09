package ocr

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/npy"
)

// golden is a step's record by paddle_serving_app 0.9.0 with OpenCV 4.6.0
// (goldens/transforms/golden.json).
type golden struct {
	Name       string
	Op         string
	Source     string
	Points     Box
	ImageShape []int `json:"image_shape"`
	Boxes      []Box
	Expect     json.RawMessage
	Map        string
	Params     struct {
		Threshold     float64 `json:"thresh"`
		BoxThreshold  float64 `json:"box_thresh"`
		MaxCandidates int     `json:"max_candidates"`
		UnclipRatio   float64 `json:"unclip_ratio"`
	}
	Ratio    [2]float64 `json:"ratio_h_w"`
	Filtered []Box      `json:"after_FilterBoxes_10_10_SortedBoxes"`
	Crops    []string
	Dict     string
	Input    string
	Preds    array
	Output   array
	Indices  [][]int64 `json:"ctc_greedy_decoder_0.tmp_0"`
	Rows     []int64   `json:"ctc_lod"`
	Softmax  array
	Lengths  []int64 `json:"softmax_lod"`
}

type array struct {
	File   string
	Shape  sampan.Shape
	Sha256 string
}

// goldens are those of one op.
func goldens(t testing.TB, op string) []golden {
	t.Helper()
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "transforms", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ OCR []golden }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var out []golden
	for _, g := range file.OCR {
		if g.Op == op {
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no golden of %s", op)
	}
	return out
}

// expected decodes what a golden expects.
func expected[T any](t *testing.T, g golden) T {
	t.Helper()
	var out T
	if err := json.Unmarshal(g.Expect, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// stored loads an array that lies beside the goldens.
func stored(t testing.TB, name string) sampan.Tensor {
	t.Helper()
	out, err := npy.Load(fixture.Shared(t, "goldens", "transforms", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// probability reads a map that is stored as a grey picture.
func probability(t testing.TB, name string) sampan.Tensor {
	t.Helper()
	pixels, height, width := fixture.Picture(t, "goldens", "transforms", name)
	values := make([]float32, height*width)
	for i := range values {
		values[i] = float32(pixels[3*i]) / 255
	}
	out, err := sampan.Of(sampan.Shape{1, 1, int64(height), int64(width)}, values)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// picture reads a picture of the shared data.
func picture(t testing.TB, path ...string) sampan.Tensor {
	t.Helper()
	pixels, height, width := fixture.Picture(t, path...)
	out, err := sampan.Of(sampan.Shape{int64(height), int64(width), 3}, pixels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
