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

	"github.com/sampanml/sampan"
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
	if n := strings.Count(out.String(), "\n"); n != 11 {
		t.Errorf("%d lines, want 11:\n%s", n, out.String())
	}
}

// The answers of ONNX Runtime in goldens/e2e; and a sample with a slot too few, after
// which the next question is answered.
func TestAnswers(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	var golden struct {
		Tolerance float64
		Cases     []struct {
			sample
			Prob []float64
		}
	}
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "e2e", "ctr.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	var samples []sample
	for _, c := range golden.Cases {
		samples = append(samples, c.sample)
	}
	e := &loopback.Example{Once: true}
	prepare(e, ".")
	e.Ask = func(ctx context.Context, _ io.Writer, servers []string) error {
		short := samples[0]
		short.Slots = short.Slots[:25]
		if _, err := askRPC(ctx, ".", servers[0], []sample{short}); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("RPC without C26: %v", err)
		}
		if _, err := askHTTP(ctx, servers[0], []sample{short}); err == nil || !strings.Contains(err.Error(), "C26") {
			t.Errorf("HTTP without C26: %v", err)
		}
		rpc, err := askRPC(ctx, ".", servers[0], samples)
		if err != nil {
			return err
		}
		web, err := askHTTP(ctx, servers[0], samples)
		if err != nil {
			return err
		}
		for i, g := range golden.Cases {
			for _, got := range []float32{rpc[i], web[i]} {
				if math.Abs(float64(got)-g.Prob[1]) > golden.Tolerance {
					t.Errorf("sample %d: click %v, want %v", i, got, g.Prob[1])
				}
			}
		}
		return nil
	}
	if err := e.Run(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
}
