package graph

import (
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

// The graph alone: the models answer at once with a tensor that they have.
func BenchmarkRun(b *testing.B) {
	ensemble := []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"), infer("b", newModel("x -> p"), "r"), response("a", "b")}
	for _, c := range []struct {
		name    string
		spec    Spec
		outputs []string
	}{
		{"one model", Default([]ops.Model{newModel("x -> p:price")}, nil), nil},
		{"one model, one output wanted", Default([]ops.Model{newModel("x -> p:price")}, nil), []string{"price"}},
		{"two in sequence", Default([]ops.Model{newModel("x -> y"), newModel("y -> z")}, nil), nil},
		{"ensemble", Spec{Nodes: ensemble}, nil},
		{"ensemble at once", Spec{Nodes: ensemble, Parallel: true}, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := mustCompile(b, c.spec)
			req := &sampan.Request{Inputs: request("x").Inputs, Outputs: c.outputs}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Run(b.Context(), req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
