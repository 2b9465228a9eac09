package paddle

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// What is known of shapes is computed at translation: of this program, which makes a
// shape of x's own sizes, only the last operator is left.
func TestFold(t *testing.T) {
	integer := func(name string, dims ...int64) *paddle.VarDesc {
		v := tensor(name, dims...)
		v.Type.LodTensor.Tensor.DataType = paddle.VarType_INT32.Enum()
		return v
	}
	number := func(name string, at int32) *paddle.OpDesc {
		return opDesc("slice", bindings{"Input": {"sizes"}}, bindings{"Out": {name}},
			intsAttr("axes", 0), intsAttr("starts", at), intsAttr("ends", at+1), intsAttr("decrease_axis", 0))
	}
	program := net(t,
		[]*paddle.VarDesc{
			tensor("x", 2, 3, 4), integer("sizes", 3), integer("a"), integer("b"), integer("c"),
			integer("shape", 2), integer("double", 2), tensor("y", 4, 6),
		},
		feedOp("x", 0),
		opDesc("shape", bindings{"Input": {"x"}}, bindings{"Out": {"sizes"}}),
		number("a", 0),
		number("b", -2),
		opDesc("elementwise_mul", bindings{"X": {"a"}, "Y": {"b"}}, bindings{"Out": {"c"}}),
		opDesc("stack", bindings{"X": {"a", "b"}}, bindings{"Y": {"shape"}}),
		opDesc("scale", bindings{"X": {"shape"}}, bindings{"Out": {"double"}}, floatAttr("scale", 2)),
		opDesc("reshape2", bindings{"X": {"x"}, "Shape": {"double"}}, bindings{"Out": {"y"}}),
		fetchOp("y", 0),
	)
	model, err := translate(fstest.MapFS{"__model__": {Data: program}})
	if err != nil {
		t.Fatal(err)
	}
	m := checkModel(t, model)
	if n := len(m.Graph.Node); n != 1 || m.Graph.Node[0].OpType != "Reshape" {
		t.Fatalf("%d nodes, want a Reshape alone: %v", n, m.Graph.Node)
	}
	shape, _ := decodeIntegers(sampan.Int64, m.Graph.Initializer[0].RawData)
	if want := []int64{4, 6}; !slices.Equal(shape, want) {
		t.Errorf("shape %v, want %v", shape, want)
	}
}
