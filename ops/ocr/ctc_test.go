package ocr

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// dictionaryOf loads a golden's dictionary.
func dictionaryOf(t *testing.T, g golden) Dictionary {
	t.Helper()
	out, err := LoadDictionary(fixture.Shared(t, g.Dict))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sameTexts checks texts against a golden's list of [text, score]. The score of no text
// is NaN there, which JSON has as null, and 0 here.
func sameTexts(t *testing.T, g golden, got []Text) {
	t.Helper()
	want := expected[[][2]json.RawMessage](t, g)
	if len(got) != len(want) {
		t.Errorf("%s: %d texts, want %d", g.Name, len(got), len(want))
		return
	}
	for i, w := range want {
		var text string
		var score float64
		if json.Unmarshal(w[0], &text) != nil || json.Unmarshal(w[1], &score) != nil {
			t.Fatalf("%s: text %d cannot be read", g.Name, i)
		}
		if got[i].Text != text || math.Abs(got[i].Score-score) > 1e-6 {
			t.Errorf("%s: text %d is %q with %v, want %q with %v", g.Name, i, got[i].Text, got[i].Score, text, score)
		}
	}
}

func TestDecodeGoldens(t *testing.T) {
	for _, g := range goldens(t, "OCRReader.postprocess_ocrv2") {
		file := g.Input
		if file == "" {
			file = g.Preds.File
		}
		got, err := CTC{dictionaryOf(t, g)}.Decode(stored(t, file))
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
			continue
		}
		sameTexts(t, g, got)
	}
}

func TestDecodeSequencesGolden(t *testing.T) {
	for _, g := range goldens(t, "OCRReader.postprocess") {
		var ids []int64
		for _, row := range g.Indices {
			ids = append(ids, row...)
		}
		classes, err := sampan.Of(sampan.Shape{int64(len(ids)), 1}, ids)
		if err != nil {
			t.Fatal(err)
		}
		classes.LoD = sampan.LoD{g.Rows}
		softmax := stored(t, g.Softmax.File)
		softmax.LoD = sampan.LoD{g.Lengths}
		got, err := CTC{dictionaryOf(t, g)}.DecodeSequences(classes, softmax)
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
			continue
		}
		sameTexts(t, g, got)
	}
}

func TestPaddleOCRDictionary(t *testing.T) {
	d, err := LoadDictionary(fixture.Shared(t, "ocr", "ppocr_keys_v1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(d) != 6623 {
		t.Errorf("%d characters, want 6623: with blank and space the model's 6625 classes", len(d))
	}
}
