package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/sampanml/sampan/internal/fixture"
)

func TestDemo(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	var out bytes.Buffer
	if err := run(context.Background(), &out, 0, true); err != nil {
		t.Fatal(err)
	}
	// The answer that Paddle Serving publishes for this row.
	if n := strings.Count(out.String(), "18.901151657104492"); n != 3 {
		t.Errorf("the answer is there %d times, want 3:\n%s", n, out.String())
	}
}
