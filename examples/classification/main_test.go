package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
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
	if n := strings.Count(out.String(), "Ankle boot"); n != 3 {
		t.Errorf("%d answers are boots, want 3:\n%s", n, out.String())
	}
}

// The answers of ONNX Runtime in goldens/e2e, with the tolerances that are written there.
func TestAnswers(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	var golden struct {
		Cases []struct {
			Model, Image string
			Argmax       int
			Prob         []float64
		}
	}
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "e2e", "classifier.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	tolerances := []float64{1e-5, 0.005, 0.02}
	e := &loopback.Example{Once: true}
	prepare(e, ".")
	compared := 0
	e.Ask = func(ctx context.Context, _ io.Writer, servers []string) error {
		for _, g := range golden.Cases {
			i := slices.IndexFunc(precisions, func(p precision) bool { return p.model == g.Model+".onnx" })
			pixels, err := appendPicture(nil, g.Image)
			if err != nil {
				return err
			}
			prob, err := predict(ctx, precisions[i].config, servers[i], pixels)
			if err != nil {
				return err
			}
			if got := slices.Index(prob, slices.Max(prob)); got != g.Argmax {
				t.Errorf("%s, %s: class %d, want %d", g.Model, g.Image, got, g.Argmax)
			}
			for k, want := range g.Prob {
				if math.Abs(float64(prob[k])-want) > tolerances[i] {
					t.Errorf("%s, %s: class %d has %v, want %v", g.Model, g.Image, k, prob[k], want)
				}
			}
			compared++
		}
		return nil
	}
	if err := e.Run(t.Context(), io.Discard); err != nil || compared != 30 {
		t.Fatalf("%d answers, %v; want 30", compared, err)
	}
}
