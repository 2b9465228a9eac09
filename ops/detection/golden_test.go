package detection

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// golden is a step's record by paddle_serving_app 0.9.0
// (goldens/transforms/golden.json).
type golden struct {
	Name    string
	Rows    [][]float32
	Lod     []int64
	ImShape []int `json:"im_shape"`
	Expect  json.RawMessage
	Mask    string
	Result  struct {
		Shape  sampan.Shape
		Sha256 string
	}
}

func goldenOf(t *testing.T, name string) golden {
	t.Helper()
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "transforms", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Post []golden }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(file.Post, func(g golden) bool { return g.Name == name })
	if i < 0 {
		t.Fatalf("no golden %q", name)
	}
	return file.Post[i]
}

func (g golden) rows(t *testing.T) sampan.Tensor {
	t.Helper()
	out, err := sampan.Of(sampan.Shape{int64(len(g.Rows)), 6}, slices.Concat(g.Rows...))
	if err != nil {
		t.Fatal(err)
	}
	out.LoD = sampan.LoD{g.Lod}
	return out
}

// same checks results against a golden's.
func same(t *testing.T, g golden, got []Result) {
	t.Helper()
	var want []Result
	if err := json.Unmarshal(g.Expect, &want); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("results %v, want %v", got, want)
	}
}

func TestRCNNPostprocessGolden(t *testing.T) {
	g := goldenOf(t, "rcnn")
	got, err := RCNNPostprocess{}.Results(g.rows(t))
	if err != nil {
		t.Fatal(err)
	}
	same(t, g, got)
}

func TestBlazeFacePostprocessGolden(t *testing.T) {
	g := goldenOf(t, "blazeface")
	got, err := BlazeFacePostprocess{}.Results(g.rows(t), g.ImShape[0], g.ImShape[1])
	if err != nil {
		t.Fatal(err)
	}
	same(t, g, got)
}

func TestColourGolden(t *testing.T) {
	var want [][3]uint8
	if err := json.Unmarshal(goldenOf(t, "colormap").Expect, &want); err != nil {
		t.Fatal(err)
	}
	for class, colour := range want {
		if got := Colour(class); got != colour {
			t.Errorf("class %d has colour %v, want %v", class, got, colour)
		}
	}
}

func TestSegPostprocessGolden(t *testing.T) {
	g := goldenOf(t, "seg")
	pixels, _, _ := fixture.Picture(t, "goldens", "transforms", g.Mask)
	mask := make([]uint8, len(pixels)/3)
	for i := range mask {
		mask[i] = pixels[3*i]
	}
	classes, err := sampan.Of(sampan.Shape{512, 512}, mask)
	if err != nil {
		t.Fatal(err)
	}
	got, err := SegPostprocess{ClassNum: 19}.Result(classes, int(g.Result.Shape[0]), int(g.Result.Shape[1]))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Shape, g.Result.Shape) {
		t.Fatalf("shape %v, want %v", got.Shape, g.Result.Shape)
	}
	if sum := sha256.Sum256(got.Data); hex.EncodeToString(sum[:]) != g.Result.Sha256 {
		t.Error("other bytes than the golden's")
	}
}
