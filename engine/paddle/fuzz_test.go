package paddle

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// FuzzProgram translates a program with a file of parameters. What is accepted is a
// well-formed graph, what is not is an error with a code, and neither takes more
// memory than the files account for.
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
		fsys := fstest.MapFS{"m.pdmodel": {Data: program}, "m.pdiparams": {Data: params}}
		model, err := translate(fsys)
		if err != nil {
			var e *sampan.Error
			if !errors.As(err, &e) || e.Code == sampan.Internal || err.Error() == "" {
				t.Fatalf("%v (%v)", err, sampan.CodeOf(err))
			}
			return
		}
		checkModel(t, model)
		if most := 1000 + 100*(len(program)+len(params)); len(model) > most {
			t.Fatalf("%d bytes of files became %d", len(program)+len(params), len(model))
		}
	})
}
