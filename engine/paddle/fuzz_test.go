package paddle

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// FuzzProgram translates a program with a file of parameters.
func FuzzProgram(f *testing.F) {
	read := func(name string) []byte {
		data, err := os.ReadFile(fixture.Repo("examples", "fit_a_line", "uci_housing_model", name))
		if err != nil {
			f.Fatal(err)
		}
		return data
	}
	f.Add(read("__model__"), bytes.Join([][]byte{read("fc_0.b_0"), read("fc_0.w_0")}, nil))
	small := linear(f)
	f.Add(small["__model__"].Data, append(small["b"].Data, small["w"].Data...))
	x, y := tensor("x", -1, 3, -1), tensor("y")
	in, out := bindings{"X": {"x"}}, bindings{"Out": {"y"}}
	f.Add(one(f, opDesc("flatten_contiguous_range", in, out), x, y)["__model__"].Data, []byte{})
	f.Add(one(f, opDesc("transpose2", in, out, intsAttr("axis", 2, 0, 1)), x, y)["__model__"].Data, []byte{})
	f.Add(one(f, opDesc("reshape2", in, out, intsAttr("shape", 0, -1)), x, y)["__model__"].Data, []byte{})
	f.Add(one(f, opDesc("scale", in, out, floatAttr("bias", 1)), x, y)["__model__"].Data, []byte{})
	f.Add(one(f, opDesc("matmul", bindings{"X": {"x"}, "Y": {"x"}}, out, boolAttr("transpose_Y", true)), x, y)["__model__"].Data, []byte{})
	f.Fuzz(func(t *testing.T, program, params []byte) {
		translateAny(t, fstest.MapFS{"m.pdmodel": {Data: program}, "m.pdiparams": {Data: params}})
	})
}

// FuzzPIR translates a Paddle 3 program with a file of parameters.
func FuzzPIR(f *testing.F) {
	for _, name := range []string{"while_loop", "cond_branch", "linear_mlp", "float64_net", "scatter_gather_nd"} {
		dir := fixture.Shared(f, "paddle_corpus", name)
		program, err := os.ReadFile(filepath.Join(dir, "pir.json"))
		if err != nil {
			f.Fatal(err)
		}
		params, err := os.ReadFile(filepath.Join(dir, "legacy.pdiparams"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.Fatal(err)
		}
		f.Add(program, params)
	}
	f.Fuzz(func(t *testing.T, program, params []byte) {
		translateAny(t, fstest.MapFS{"m.json": {Data: program}, "m.pdiparams": {Data: params}})
	})
}

// translateAny translates files that may be wrong. What is accepted is a well-formed
// graph, what is not is an error with a code, and neither takes more memory than the
// files account for.
func translateAny(t *testing.T, fsys fstest.MapFS) {
	t.Helper()
	size := 0
	for _, file := range fsys {
		size += len(file.Data)
	}
	_, described := Format{}.inspect(fsys)
	model, err := translate(fsys)
	if err != nil {
		var e *sampan.Error
		if !errors.As(err, &e) || e.Code == sampan.Internal || err.Error() == "" {
			t.Fatalf("%v (%v)", err, sampan.CodeOf(err))
		}
		return
	}
	if described != nil {
		t.Fatalf("translated, but not described: %v", described)
	}
	if _, _, err := (Format{}).combine(fsys); err != nil {
		t.Fatalf("translated, but not combined: %v", err)
	}
	checkModel(t, model)
	if most := 1000 + 100*size; len(model) > most {
		t.Fatalf("%d bytes of files became %d", size, len(model))
	}
}
