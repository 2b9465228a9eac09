//go:build cgo

package paddle

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
)

var _ engine.Translator = Format{}

// session loads a translated model.
func session(t testing.TB, model []byte) engine.Session {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := backend.Load(context.Background(), engine.Artifact{Bytes: model})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run gives the inputs' LoD to the model as tensors of their own and takes the
// outputs' from those, as package engine does.
func run(t testing.TB, s engine.Session, inputs ...sampan.Tensor) []sampan.Tensor {
	t.Helper()
	var all []sampan.Tensor
	at := -1
	for _, f := range s.Signature().Inputs {
		level, isLoD := lodLevel(f.Name)
		if !isLoD {
			at++
			all = append(all, inputs[at])
			continue
		}
		if level >= len(inputs[at].LoD) {
			t.Fatalf("%s: the input has %d levels", f.Name, len(inputs[at].LoD))
		}
		offsets, err := sampan.Of(sampan.Shape{int64(len(inputs[at].LoD[level]))}, inputs[at].LoD[level])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, offsets)
	}
	results := make([]sampan.Tensor, len(s.Signature().Outputs))
	if err := s.Run(context.Background(), all, results); err != nil {
		t.Fatal(err)
	}
	var outputs []sampan.Tensor
	for i, f := range s.Signature().Outputs {
		if _, isLoD := lodLevel(f.Name); !isLoD {
			outputs = append(outputs, results[i])
			continue
		}
		offsets, err := sampan.View[int64](results[i])
		if err != nil {
			t.Fatal(err)
		}
		of := &outputs[len(outputs)-1]
		of.LoD = append(of.LoD, offsets)
	}
	return outputs
}

// lodLevel reads the level from the name of an input or output that holds LoD.
func lodLevel(name string) (level int, ok bool) {
	_, digits, found := strings.Cut(name, "@lod")
	level, err := strconv.Atoi(digits)
	return level, found && err == nil
}

// ports lists the inputs or outputs other than those that hold LoD.
func ports(fields []engine.Field) []engine.Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f engine.Field) bool {
		_, isLoD := lodLevel(f.Name)
		return isLoD
	})
}

// near compares as the shared data's README says: integers exactly, others within
// 1e-4 of the largest value. It returns by how much of that they are off.
func near(t testing.TB, what string, got, want sampan.Tensor) float64 {
	t.Helper()
	if got.DType != want.DType || !got.Shape.Equal(want.Shape) {
		t.Errorf("%s: %s %v, want %s %v", what, got.DType, got.Shape, want.DType, want.Shape)
		return 0
	}
	if diff := cmp.Diff(want.LoD, got.LoD); diff != "" {
		t.Errorf("%s: LoD: %s", what, diff)
	}
	// Paddle's may be wrong for the rows.
	got.LoD, want.LoD = nil, nil
	g, w := numbers(t, got), numbers(t, want)
	most, off := 1.0, 0.0
	for i := range w {
		if g[i] == w[i] || math.IsNaN(g[i]) && math.IsNaN(w[i]) {
			continue
		}
		most, off = max(most, math.Abs(w[i])), max(off, math.Abs(g[i]-w[i]))
	}
	exact := want.DType != sampan.Float32 && want.DType != sampan.Float64
	if off > 1e-4*most || exact && off != 0 || math.IsNaN(off) {
		t.Errorf("%s: off by %v of at most %v", what, off, most)
	}
	return off / most
}

// The sample and its price are the tutorial's; real Paddle 2.6.2 answers the same from
// both directories.
func TestLinearModel(t *testing.T) {
	x, err := sampan.Of(sampan.Shape{1, 13}, []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332})
	if err != nil {
		t.Fatal(err)
	}
	const price = 18.901151657104492
	for _, dir := range []string{
		fixture.Shared(t, "fit_a_line", "uci_housing_model"),
		fixture.Shared(t, "fit_a_line", "ours", "uci_housing_model"),
	} {
		model, err := Format{}.Translate(dir)
		if err != nil {
			t.Fatal(err)
		}
		s := session(t, model)
		want := engine.Signature{
			Inputs:  []engine.Field{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 13}, Dims: []string{batch, ""}}},
			Outputs: []engine.Field{{Name: "fc_0.tmp_1", Alias: "fc_0.tmp_1", DType: sampan.Float32, Shape: sampan.Shape{-1, 1}, Dims: []string{batch, ""}}},
		}
		if diff := cmp.Diff(want, s.Signature()); diff != "" {
			t.Error(diff)
		}
		if y := numbers(t, run(t, s, x)[0]); len(y) != 1 || y[0] != price {
			t.Errorf("%s: %v, want %v", dir, y, price)
		}
	}
}
