package paddle

import (
	"slices"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// sequences declares a float32 variable with LoD.
func sequences(name string, levels int32, dims ...int64) *paddle.VarDesc {
	v := tensor(name, dims...)
	v.Type.LodTensor.LodLevel = proto.Int32(levels)
	return v
}

func portNames(infos []*onnx.ValueInfoProto) (out []string) {
	for _, v := range infos {
		out = append(out, v.Name)
	}
	return out
}

// An operator that keeps the rows hands the LoD on; one whose output is declared
// without, or with another number of rows, does not.
func TestLoDIsShared(t *testing.T) {
	vars := []*paddle.VarDesc{
		sequences("x", 2, -1, 3), tensor("w", -1, 3),
		sequences("kept", 2, -1, 3), tensor("lost", -1, 3), sequences("cut", 2, 7, 3), sequences("second", 2, -1, 3),
	}
	relu := func(out string) *paddle.OpDesc { return opDesc("relu", bindings{"X": {"x"}}, bindings{"Out": {out}}) }
	model, err := translate(fstest.MapFS{"__model__": {Data: net(t, vars,
		feedOp("w", 0), feedOp("x", 1), relu("kept"), relu("lost"), relu("cut"),
		opDesc("elementwise_add", bindings{"X": {"w"}, "Y": {"x"}}, bindings{"Out": {"second"}}),
		fetchOp("kept", 0), fetchOp("lost", 1), fetchOp("cut", 2), fetchOp("second", 3),
	)}})
	if err != nil {
		t.Fatal(err)
	}
	m := checkModel(t, model)
	if got, want := portNames(m.Graph.Input), []string{"w", "x", "x@lod0", "x@lod1"}; !slices.Equal(got, want) {
		t.Errorf("inputs %q, want %q", got, want)
	}
	want := []string{"kept", "kept@lod0", "kept@lod1", "lost", "cut", "second", "second@lod0", "second@lod1"}
	if got := portNames(m.Graph.Output); !slices.Equal(got, want) {
		t.Errorf("outputs %q, want %q", got, want)
	}
}

// A variable that is written in place keeps its LoD, and the one with the new value
// has that of the new value.
func TestLoDOfVariableWrittenAgain(t *testing.T) {
	vars := []*paddle.VarDesc{sequences("x", 1, -1, 3), sequences("y", 1, -1, 3), tensor("w", 2, 3)}
	relu := func(from, to string) *paddle.OpDesc {
		return opDesc("relu", bindings{"X": {from}}, bindings{"Out": {to}})
	}
	for _, c := range []struct {
		name string
		last *paddle.OpDesc
		want []string
	}{
		{"in place", relu("y", "y"), []string{"y", "y@lod0"}},
		{"from another", relu("w", "y"), []string{"y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			model, err := translate(fstest.MapFS{"__model__": {Data: net(t, vars, feedOp("x", 0), feedOp("w", 1), relu("x", "y"), c.last, fetchOp("y", 0))}})
			if err != nil {
				t.Fatal(err)
			}
			if got := portNames(checkModel(t, model).Graph.Output); !slices.Equal(got, c.want) {
				t.Errorf("outputs %q, want %q", got, c.want)
			}
		})
	}
}

func TestLoDFaults(t *testing.T) {
	deep := sequences("x", 3, -1, 3)
	wrong(t, one(t, opDesc("relu", bindings{"X": {"x"}}, bindings{"Out": {"y"}}), deep, tensor("y", -1, 3)), sampan.Unimplemented,
		`__model__: operator 0 (feed): "x" has 3 LoD levels, more than 2 are not supported`)
	taken := one(t, opDesc("relu", bindings{"X": {"x"}}, bindings{"Out": {"y"}}), sequences("x", 1, -1, 3), tensor("x@lod0", -1), tensor("y", -1, 3))
	wrong(t, taken, sampan.Unimplemented, `__model__: operator 0 (feed): a variable is called "x@lod0", which is the name of a LoD level`)
}
