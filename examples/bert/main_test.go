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

	"github.com/sampanml/sampan/examples/loopback"
	"github.com/sampanml/sampan/internal/fixture"
)

func TestExample(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	e := &loopback.Example{Once: true}
	prepare(e, ".")
	var out bytes.Buffer
	if err := e.Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "cosine "); n != len(pairs) {
		t.Errorf("%d pairs, want %d:\n%s", n, len(pairs), out.String())
	}
}

// The answers of ONNX Runtime in goldens/e2e, asked as one padded batch.
func TestAnswers(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	var golden struct {
		Tolerance float64
		Cases     []struct {
			Text   string
			Prob   []float64
			Pooled []float64 `json:"pooled_output_first8"`
		}
	}
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "e2e", "bert.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	var sentences []string
	for _, c := range golden.Cases {
		sentences = append(sentences, c.Text)
	}
	e := &loopback.Example{Once: true}
	prepare(e, ".")
	e.Ask = func(ctx context.Context, _ io.Writer, servers []string) error {
		answers, err := encode(ctx, ".", servers[0], sentences...)
		if err != nil {
			return err
		}
		for i, g := range golden.Cases {
			if math.Abs(float64(answers[i].kind)-g.Prob[1]) > golden.Tolerance {
				t.Errorf("%q: kind %v, want %v", g.Text, answers[i].kind, g.Prob[1])
			}
			for k, want := range g.Pooled {
				if math.Abs(float64(answers[i].vector[k])-want) > golden.Tolerance {
					t.Errorf("%q: number %d is %v, want %v", g.Text, k, answers[i].vector[k], want)
				}
			}
		}
		return nil
	}
	if err := e.Run(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
}
