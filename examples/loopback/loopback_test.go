package loopback

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// What goes wrong ends the servers that are there, and is told.
func TestFaults(t *testing.T) {
	t.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(t))
	model := fixture.Repo("examples", "ctr", "deepfm.onnx")
	e := Example{Models: []string{model, "nothing.onnx"}}
	if err := e.Run(t.Context(), io.Discard); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("a model that is not there: %v, want NotFound", err)
	}
	fault := errors.New("no answer")
	e = Example{Models: []string{model}, Ask: func(context.Context, io.Writer, []string) error { return fault }}
	if err := e.Run(t.Context(), io.Discard); !errors.Is(err, fault) {
		t.Errorf("%v, want %v", err, fault)
	}
}
