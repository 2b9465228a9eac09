package ocr_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/ops/ocr"
)

// session loads a model of PP-OCR.
func session(t testing.TB, file string) engine.Session {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(fixture.Shared(t, "ocr", file))
	if err != nil {
		t.Fatal(err)
	}
	s, err := backend.Load(context.Background(), engine.Artifact{Bytes: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// run gives the only output for the only input.
func run(t testing.TB, s engine.Session, in sampan.Tensor) sampan.Tensor {
	t.Helper()
	out := make([]sampan.Tensor, 1)
	if err := s.Run(t.Context(), []sampan.Tensor{in}, out); err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// photo reads a picture.
func photo(t testing.TB, path ...string) sampan.Tensor {
	t.Helper()
	pixels, height, width := fixture.Picture(t, path...)
	out, err := sampan.Of(sampan.Shape{int64(height), int64(width), 3}, pixels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reading is a text line of a picture.
type reading struct {
	Box    ocr.Box
	Text   string
	Score  float64
	Turned bool
}

// reader is PP-OCRv4: detection, crops, angles, recognition.
type reader struct {
	detector, classifier, recogniser engine.Session
	texts                            ocr.CTC
}

func newReader(t testing.TB) reader {
	t.Helper()
	dictionary, err := ocr.LoadDictionary(fixture.Shared(t, "ocr", "ppocr_keys_v1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return reader{
		session(t, "ch_PP-OCRv4_det_infer.onnx"),
		session(t, "ch_ppocr_mobile_v2.0_cls_infer.onnx"),
		session(t, "ch_PP-OCRv4_rec_infer.onnx"),
		ocr.CTC{Dictionary: dictionary},
	}
}

func (r reader) read(t testing.TB, picture sampan.Tensor) []reading {
	t.Helper()
	in, ratio, err := ocr.Detection{}.Preprocess(picture)
	if err != nil {
		t.Fatal(err)
	}
	found, err := ocr.DBPostProcess{Nearest: true}.Boxes(run(t, r.detector, in), []ocr.Ratio{ratio})
	if err != nil {
		t.Fatal(err)
	}
	boxes := ocr.FilterBoxes{Width: 3, Height: 3}.Filter(found[0], int(picture.Shape[0]), int(picture.Shape[1]))
	boxes = ocr.SortedBoxes{Thorough: true}.Sort(boxes)
	if len(boxes) == 0 {
		return nil
	}
	crops := make([]sampan.Tensor, len(boxes))
	for i, box := range boxes {
		if crops[i], err = (ocr.GetRotateCropImage{Cubic: true}).Crop(picture, box); err != nil {
			t.Fatal(err)
		}
	}
	out := r.lines(t, crops)
	for i := range out {
		out[i].Box = boxes[i]
	}
	return out
}

// lines reads upright or upside-down crops.
func (r reader) lines(t testing.TB, crops []sampan.Tensor) []reading {
	t.Helper()
	in, err := ocr.Angle{}.Preprocess(crops...)
	if err != nil {
		t.Fatal(err)
	}
	crops, turned, err := ocr.Angle{}.Turn(crops, run(t, r.classifier, in))
	if err != nil {
		t.Fatal(err)
	}
	batches, err := ocr.Recognition{BatchSize: 1}.Batches(crops)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]reading, len(crops))
	for _, batch := range batches {
		texts, err := r.texts.Decode(run(t, r.recogniser, batch.Lines))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range batch.Crops {
			out[n] = reading{Text: texts[i].Text, Score: texts[i].Score, Turned: turned[n]}
		}
	}
	return out
}

// TestReadPictures compares with onnxruntime 1.26.0 and OpenCV 4.6.0
// (goldens/e2e/ocr.json).
func TestReadPictures(t *testing.T) {
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "e2e", "ocr.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Image string
			All   []reading `json:"all_boxes"`
			Whole reading   `json:"whole_picture_as_one_line"`
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	r := newReader(t)
	for _, c := range golden.Cases {
		t.Run(filepath.Base(c.Image), func(t *testing.T) {
			picture := photo(t, c.Image)
			got := r.read(t, picture)
			if len(got) != len(c.All) {
				t.Fatalf("%d lines, want %d", len(got), len(c.All))
			}
			for i, want := range c.All {
				same(t, got[i], want)
			}
			whole := r.lines(t, []sampan.Tensor{picture})[0]
			same(t, whole, c.Whole)
		})
	}
}

// same holds to the golden's tolerance: boxes to 2 pixels, and texts where they are
// sure, as decoders of JPEG differ.
func same(t *testing.T, got, want reading) {
	t.Helper()
	for i, p := range want.Box {
		if d := max(math.Abs(float64(got.Box[i].X-p.X)), math.Abs(float64(got.Box[i].Y-p.Y))); d > 2 {
			t.Errorf("%q: corner %v is %v pixels from %v", want.Text, got.Box[i], d, p)
		}
	}
	if want.Score > 0.8 && (got.Text != want.Text || got.Turned != want.Turned || math.Abs(got.Score-want.Score) > 0.05) {
		t.Errorf("read %q with %.5f, turned %v, want %q with %.5f, turned %v", got.Text, got.Score, got.Turned, want.Text, want.Score, want.Turned)
	}
}
