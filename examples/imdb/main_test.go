package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/examples/loopback"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/ops/text"
)

func TestExample(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	e := &loopback.Example{Once: true}
	prepare(e, ".")
	var out bytes.Buffer
	if err := e.Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(out.String(), "label "), 20; got != want {
		t.Errorf("%d reviews, want %d:\n%s", got, want, out.String())
	}
	for _, m := range models {
		if !strings.Contains(out.String(), m+strings.Repeat(" ", 6-len(m))+"one batch of all reviews: ") {
			t.Errorf("no batch by %s:\n%s", m, out.String())
		}
	}
}

// The answers of ONNX Runtime in goldens/e2e, one by one and as a padded batch.
func TestAnswers(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	var golden struct {
		Tolerance float64
		Cases     []struct {
			Text       string
			Prediction map[string][]float64
		}
	}
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "e2e", "imdb.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	reader, err := text.IMDB{Vocabulary: "imdb.vocab", UnknownByLines: true}.Open()
	if err != nil {
		t.Fatal(err)
	}
	var ids [][]int64
	for _, c := range golden.Cases {
		words, err := reader.Append(nil, c.Text)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, words)
	}

	e := &loopback.Example{Once: true}
	prepare(e, ".")
	e.Ask = func(ctx context.Context, _ io.Writer, servers []string) error {
		for i, model := range models {
			c, err := client.Load(".")
			if err != nil {
				return err
			}
			defer c.Close()
			if err := c.Connect(ctx, servers[i]); err != nil {
				return err
			}
			batch, _, err := predict(ctx, c, ids...)
			if err != nil {
				return err
			}
			for i, g := range golden.Cases {
				alone, _, err := predict(ctx, c, ids[i])
				if err != nil {
					return err
				}
				want := g.Prediction[model][1]
				for _, got := range []float32{alone[0], batch[i]} {
					if math.Abs(float64(got)-want) > golden.Tolerance {
						t.Errorf("%s: %q: kind %v, want %v", model, g.Text, got, want)
					}
				}
			}
		}
		return nil
	}
	if err := e.Run(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
}
