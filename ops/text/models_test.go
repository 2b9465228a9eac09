package text

import (
	"math"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
)

// model loads one of the shared data's models.
func model(t *testing.T, path ...string) *engine.Model {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.Open(t.Context(), fixture.Shared(t, path...), engine.Options{Name: "text", Backend: backend})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// compare runs a model and compares the beginning of an output.
func compare(t *testing.T, m *engine.Model, output string, tolerance float64, want []float64, inputs ...sampan.Tensor) {
	t.Helper()
	out, err := m.Run(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sampan.View[float32](out[m.Signature().Output(output)])
	if err != nil || len(want) == 0 || len(got) < len(want) {
		t.Fatalf("%v, %v; want %v", got, err, want)
	}
	for i := range want {
		if math.Abs(float64(got[i])-want[i]) > tolerance {
			t.Errorf("%v, want %v", got[:len(want)], want)
			return
		}
	}
}

// From a text to an answer: as numpy and ONNX Runtime have it in goldens/e2e.
func TestIMDBThroughModels(t *testing.T) {
	var g struct {
		Tolerance float64
		Cases     []struct {
			Text       string
			Prediction map[string][]float64
		}
	}
	readJSON(t, fixture.Shared(t, "goldens", "e2e", "imdb.json"), &g)
	r := open(t, IMDB{Vocabulary: fixture.Shared(t, "imdb", "imdb.vocab"), UnknownByLines: true}.Open)
	for _, name := range []string{"bow", "cnn", "lstm"} {
		m := model(t, "imdb", "imdb_"+name+".onnx")
		for _, c := range g.Cases {
			ids, err := r.Append(nil, c.Text)
			if err != nil {
				t.Fatal(err)
			}
			words, err := Padded(10001, ids)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, m, "prediction", g.Tolerance, c.Prediction[name], words)
		}
	}
}

func TestBERTThroughTheModel(t *testing.T) {
	var g struct {
		Tolerance float64
		Cases     []struct {
			Text string
			IDs  []int64 `json:"input_ids"`
			Prob []float64
		}
	}
	readJSON(t, fixture.Shared(t, "goldens", "e2e", "bert.json"), &g)
	m := model(t, "bert", "tiny_bert_imdb.onnx")
	for _, c := range g.Cases {
		r := open(t, BERT{WordPiece: WordPiece{Vocabulary: fixture.Shared(t, "bert", "vocab.txt")}, MaxSeqLen: len(c.IDs), Fixed: true}.Open)
		batch, err := r.Read(c.Text)
		if err != nil {
			t.Fatal(err)
		}
		inputs := make([]sampan.Tensor, 3)
		inputs[m.Signature().Input("input_ids")] = batch.InputIDs
		inputs[m.Signature().Input("token_type_ids")] = batch.TokenTypeIDs
		inputs[m.Signature().Input("attention_mask")] = batch.AttentionMask
		compare(t, m, "prob", g.Tolerance, c.Prob, inputs...)
	}
}
