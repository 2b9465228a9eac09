package detection_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/resample"
	"github.com/sampanml/sampan/ops/detection"
)

// tensor shares the memory of data.
func tensor[T sampan.Element](t testing.TB, shape sampan.Shape, data ...T) sampan.Tensor {
	t.Helper()
	out, err := sampan.Of(shape, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// inputs makes PicoDet's: the picture of size × size pixels, R G B, with ImageNet's mean
// and standard deviation, and how it was scaled.
func inputs(t testing.TB, p resample.Picture, size int, cubic bool) map[string]sampan.Tensor {
	t.Helper()
	resized := p.Linear(resample.To(size, size))
	if cubic {
		resized = p.Cubic(resample.To(size, size))
	}
	means, deviations := [3]float32{0.485, 0.456, 0.406}, [3]float32{0.229, 0.224, 0.225}
	planes := make([]float32, 3*size*size)
	for i, v := range resized.Pixels {
		c := 2 - i%3
		planes[c*size*size+i/3] = (float32(v)/255 - means[c]) / deviations[c]
	}
	s := float32(size)
	return map[string]sampan.Tensor{
		"image":        tensor(t, sampan.Shape{1, 3, int64(size), int64(size)}, planes...),
		"im_shape":     tensor(t, sampan.Shape{1, 2}, s, s),
		"scale_factor": tensor(t, sampan.Shape{1, 2}, s/float32(p.Height), s/float32(p.Width)),
	}
}

// detect runs a PicoDet.
func detect(t testing.TB, s engine.Session, in map[string]sampan.Tensor) (rows, counts sampan.Tensor) {
	t.Helper()
	ordered := make([]sampan.Tensor, 0, len(in))
	for _, field := range s.Signature().Inputs {
		ordered = append(ordered, in[field.Name])
	}
	out := make([]sampan.Tensor, 2)
	if err := s.Run(t.Context(), ordered, out); err != nil {
		t.Fatal(err)
	}
	return out[0], out[1]
}

// found is a golden's row: label, class, score, x1, y1, x2, y2.
type found [7]any

func (f found) box() detection.Box {
	n := func(i int) float32 { return float32(f[i].(float64)) }
	return detection.Box{Class: int(n(1)), Label: f[0].(string), Score: n(2), X1: n(3), Y1: n(4), X2: n(5), Y2: n(6)}
}

// TestDetectObjects compares with onnxruntime 1.26.0 and OpenCV 4.6.0
// (goldens/e2e/detection.json), to the tolerance that is written there.
func TestDetectObjects(t *testing.T) {
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "e2e", "detection.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Image, Model, Resize string
			Count                int     `json:"bbox_num"`
			Found                []found `json:"bbox_over_0.25"`
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	labels, err := detection.LoadLabels(fixture.Shared(t, "detection", "coco80_label_list.txt"))
	if err != nil {
		t.Fatal(err)
	}
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	sessions := map[string]engine.Session{}
	for _, c := range golden.Cases {
		name := strings.Join([]string{filepath.Base(c.Image), filepath.Base(c.Model), c.Resize}, "/")
		t.Run(name, func(t *testing.T) {
			if sessions[c.Model] == nil {
				s, err := backend.Load(context.Background(), engine.Artifact{Path: fixture.Shared(t, c.Model)})
				if err != nil {
					t.Fatal(err)
				}
				sessions[c.Model] = s
			}
			pixels, height, width := fixture.Picture(t, c.Image)
			size := 320
			if strings.Contains(c.Model, "416") {
				size = 416
			}
			picture := resample.Picture{Pixels: pixels, Width: width, Height: height, Stride: 3 * width}
			rows, counts := detect(t, sessions[c.Model], inputs(t, picture, size, c.Resize == "INTER_CUBIC"))
			if n, err := sampan.View[int32](counts); err != nil || int(n[0]) != c.Count {
				t.Errorf("%v boxes, %v; want %d", n, err, c.Count)
			}
			score, pixel := 1e-4, 0.1
			if filepath.Ext(c.Image) == ".jpg" {
				score, pixel = 0.03, 2
			}
			all, err := detection.Boxes{Labels: labels}.Decode(rows, counts)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range c.Found {
				want := f.box()
				if !has(all[0], want, score, pixel) {
					t.Errorf("no %v", want)
				}
			}
		})
	}
	for _, s := range sessions {
		s.Close()
	}
}

// has looks for a box.
func has(boxes []detection.Box, want detection.Box, score, pixel float64) bool {
	near := func(a, b float32, limit float64) bool { return math.Abs(float64(a)-float64(b)) <= limit }
	for _, b := range boxes {
		if b.Class == want.Class && b.Label == want.Label && near(b.Score, want.Score, score) &&
			near(b.X1, want.X1, pixel) && near(b.Y1, want.Y1, pixel) && near(b.X2, want.X2, pixel) && near(b.Y2, want.Y2, pixel) {
			return true
		}
	}
	return false
}
