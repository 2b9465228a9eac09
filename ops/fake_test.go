package ops

import (
	"context"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// fake is a model that remembers what it was run with.
type fake struct {
	signature engine.Signature
	inputs    []sampan.Tensor
	outputs   []sampan.Tensor
	err       error
}

func (m *fake) Signature() *engine.Signature { return &m.signature }

func (m *fake) Run(_ context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	m.inputs = append([]sampan.Tensor(nil), inputs...)
	return m.outputs, m.err
}

// fields makes float32 fields of "name" or "name:alias".
func fields(names ...string) []engine.Field {
	out := make([]engine.Field, len(names))
	for i, n := range named(names...) {
		out[i] = engine.Field{Name: n.Name, Alias: n.Public(), DType: sampan.Float32, Shape: sampan.Shape{-1, 1}}
	}
	return out
}

// named makes tensors of "name", "name:alias" or ":alias"; each holds its position.
func named(names ...string) []sampan.Named {
	out := make([]sampan.Named, len(names))
	for i, n := range names {
		for j, r := range n {
			if r == ':' {
				out[i].Alias = n[j+1:]
				n = n[:j]
				break
			}
		}
		out[i].Name = n
		out[i].Tensor, _ = sampan.Of(sampan.Shape{1, 1}, []float32{float32(i)})
	}
	return out
}

// position reads what named wrote.
func position(t *testing.T, tensor sampan.Tensor) int {
	t.Helper()
	v, err := sampan.View[float32](tensor)
	if err != nil {
		t.Fatal(err)
	}
	return int(v[0])
}

func mustNew(t *testing.T, kind string, c Config) Op {
	t.Helper()
	op, err := New(kind, c)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// text is an error's, or nothing.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
