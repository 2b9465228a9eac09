package pipeline_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/fixture"
)

// photo is a picture of the shared data as clients send it.
func photo(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(fixture.Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

// goldens reads a file of what OpenCV and onnxruntime made of pictures in Python.
func goldens(t testing.TB, name string, cases any) {
	t.Helper()
	text, err := os.ReadFile(fixture.Shared(t, "goldens/e2e", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, cases); err != nil {
		t.Fatal(err)
	}
}

// TestTexts reads the texts of photographs with PP-OCRv4, detector and recogniser, written
// in YAML alone.
func TestTexts(t *testing.T) {
	c := declared(t, strings.NewReplacer("DATA", fixture.Shared(t, "ocr")).Replace(`
rpc_port: 9998
name: ocr
op:
    det: {local_service_conf: {model_config: DATA/ch_PP-OCRv4_det_infer.onnx}}
    rec: {batch_size: 8, local_service_conf: {model_config: DATA/ch_PP-OCRv4_rec_infer.onnx}}
ops:
  - name: det
    pre:
      - image: {from: image}
      - ocr_picture: {from: image, to: x}
    post:
      - ocr_boxes: {from: [sigmoid_0.tmp_0, image], to: boxes, nearest: true, min_side: 3}
      - ocr_crops: {from: [image, boxes], to: crops, cubic: true}
    give: crops
  - name: rec
    pre:
      - ocr_line: {from: crops, to: x}
    post:
      - ocr_text: {from: softmax_11.tmp_0, to: texts, dictionary: DATA/ppocr_keys_v1.txt}
      - json: {from: texts}
    give: texts
`))
	var all struct {
		Cases []struct {
			Image string
			Lines []struct {
				Text   string
				Score  float64
				Turned bool
			}
		}
	}
	goldens(t, "ocr.json", &all)
	for _, g := range all.Cases {
		answer, err := c.Predict(t.Context(), client.Feed{"image": photo(t, g.Image)}, []string{"texts"})
		if err != nil {
			t.Errorf("%s: %v", g.Image, err)
			continue
		}
		text, _ := answer.Text("texts")
		for _, line := range g.Lines {
			// The angle is not looked at here.
			if line.Score <= 0.8 || line.Turned {
				continue
			}
			if quoted, _ := json.Marshal(line.Text); !strings.Contains(text, string(quoted)) {
				t.Errorf("%s: no %q in %s", g.Image, line.Text, text)
			}
		}
	}
	if _, err := c.Predict(t.Context(), client.Feed{"image": "no picture"}, nil); err == nil || !strings.Contains(err.Error(), "the picture is not") {
		t.Errorf("no picture: %v", err)
	}
	blank, err := c.Predict(t.Context(), client.Feed{"image": blankPNG(t)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := blank.Text("texts"); text != "[]" {
		t.Errorf("a picture without text: %s", text)
	}
}

// TestObjects finds the objects in photographs with PicoDet, written in YAML alone.
func TestObjects(t *testing.T) {
	c := declared(t, strings.NewReplacer("DATA", fixture.Shared(t, "detection")).Replace(`
rpc_port: 9998
name: detection
op:
    det: {local_service_conf: {model_config: DATA/picodet_xs_320_coco_nms.onnx}}
ops:
  - name: det
    pre:
      - image: {from: image}
      - resize: {from: image, to: small, width: 320, height: 320, cubic: true}
      - image_shape: {from: small, to: im_shape}
      - scale_factor: {from: [image, small], to: scale_factor}
      - bgr2rgb: {from: small}
      - detection_normalize: {from: small, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
      - transpose: {from: small}
      - batch: {from: small}
    feed: {image: small}
    post:
      - boxes: {from: [bbox, bbox_num], to: boxes, labels: DATA/coco80_label_list.txt, threshold: 0.25}
    give: boxes
`))
	var all struct {
		Cases []struct {
			Image, Model, Resize string
			Boxes                [][]any `json:"bbox_over_0.25"`
		}
	}
	goldens(t, "detection.json", &all)
	asked := 0
	for _, g := range all.Cases {
		if !strings.Contains(g.Model, "_320_") || g.Resize != "INTER_CUBIC" {
			continue
		}
		asked++
		answer, err := c.Predict(t.Context(), client.Feed{"image": photo(t, g.Image)}, []string{"boxes"})
		if err != nil {
			t.Errorf("%s: %v", g.Image, err)
			continue
		}
		text, _ := answer.Text("boxes")
		var boxes []struct {
			Label          string
			Score          float64
			X1, Y1, X2, Y2 float64
		}
		if err := json.Unmarshal([]byte(text), &boxes); err != nil {
			t.Fatal(err)
		}
		for _, want := range g.Boxes {
			found := false
			for _, b := range boxes {
				off := max(math.Abs(b.X1-want[3].(float64)), math.Abs(b.Y1-want[4].(float64)), math.Abs(b.X2-want[5].(float64)), math.Abs(b.Y2-want[6].(float64)))
				found = found || b.Label == want[0] && math.Abs(b.Score-want[2].(float64)) <= 0.03 && off <= 2
			}
			if !found && want[2].(float64) > 0.28 {
				t.Errorf("%s: no %v among %d boxes", g.Image, want, len(boxes))
			}
		}
	}
	if asked == 0 {
		t.Error("no picture was asked for")
	}
}

// blankPNG is a white picture.
func blankPNG(t testing.TB) string {
	t.Helper()
	const white = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR42u3MQREAAAwCIPuX1hD77SAA6VEEAoFAIBAIBAKBQCAQfA8Gpwvw4qrwDDIAAAAASUVORK5CYII="
	return white
}
