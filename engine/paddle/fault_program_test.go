package paddle

import (
	"fmt"
	"math"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

func TestProgramFaults(t *testing.T) {
	x, y := tensor("x", -1, 3), tensor("y", -1, 3)
	xy := []*paddle.VarDesc{x, y}
	in, out := bindings{"X": {"x"}}, bindings{"Out": {"y"}}
	relu := opDesc("relu", in, out)
	array := tensor("x", -1)
	array.Type.Type = paddle.VarType_DENSE_TENSOR_ARRAY.Enum()
	rows := weight("x", 1)
	rows.Type.Type = paddle.VarType_SELECTED_ROWS.Enum()
	unknown := tensor("x")
	unknown.Type.LodTensor = nil
	unknownZ := tensor("z")
	unknownZ.Type.LodTensor = nil
	text := tensor("x", -1)
	text.Type.LodTensor.Tensor.DataType = paddle.VarType_STRINGS.Enum()
	newer := &paddle.ProgramDesc{Version: &paddle.Version{Version: proto.Int64(4_001_002)},
		Blocks: []*paddle.BlockDesc{{Idx: proto.Int32(0), ParentIdx: proto.Int32(-1)}}}
	inner := &paddle.ProgramDesc{Blocks: []*paddle.BlockDesc{
		{Idx: proto.Int32(0), ParentIdx: proto.Int32(-1), Ops: []*paddle.OpDesc{opDesc("baz", nil, nil), opDesc("foo", nil, nil)}},
		{Idx: proto.Int32(1), ParentIdx: proto.Int32(0), Ops: []*paddle.OpDesc{opDesc("foo", nil, nil), opDesc("bar", nil, nil), relu}},
	}}
	for _, c := range []struct {
		name    string
		program []byte
		code    sampan.Code
		want    string
	}{
		{"newer", write(t, newer), sampan.Unimplemented, "__model__ has version 4001002 (Paddle 4.1); supported are the programs up to Paddle 3"},
		{"operators", write(t, inner), sampan.Unimplemented, "operators not supported: foo (2), bar (1), baz (1)"},
		{"declared twice", net(t, []*paddle.VarDesc{x, x}), sampan.InvalidArgument, `__model__: variable "x" is declared twice`},
		{"no name", net(t, []*paddle.VarDesc{tensor("")}), sampan.InvalidArgument, `__model__: variable name "" is not valid`},
		{"not UTF-8", net(t, xy, opDesc("relu", bindings{"X": {"\xff"}}, out)), sampan.InvalidArgument, `__model__: relu: variable name "\xff" is not valid`},
		{"rank", net(t, []*paddle.VarDesc{tensor("x", make([]int64, 17)...)}), sampan.InvalidArgument,
			`__model__: variable "x" has 17 dimensions, more than 16 are not supported`},
		{"parameter's name", net(t, []*paddle.VarDesc{weight("../x", 1)}), sampan.InvalidArgument, `parameter "../x" cannot be a file's name`},
		{"no fetch", net(t, xy, feedOp("x", 0), relu), sampan.InvalidArgument, "__model__: nothing is fetched, want an inference program"},
		{"never written", net(t, xy, feedOp("x", 0), fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: operator 1 (fetch): input X reads "y", which nothing has written`},
		{"fed twice", net(t, xy, feedOp("x", 0), feedOp("x", 1), relu, fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: operator 1 (feed): "x" is written before it is fed`},
		{"fetched twice", net(t, xy, feedOp("x", 0), relu, fetchOp("y", 0), fetchOp("y", 1)), sampan.InvalidArgument,
			`__model__: operator 3 (fetch): "y" is fetched twice`},
		{"same column", net(t, []*paddle.VarDesc{x, y, tensor("z")}, feedOp("x", 0), feedOp("z", 0), relu, fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: "x" and "z" are both feed 0`},
		{"fed and fetched", net(t, xy, feedOp("x", 0), fetchOp("x", 0)), sampan.Unimplemented,
			`__model__: operator 1 (fetch): "x" is fetched as it is fed or stored; want a computed variable`},
		{"fetched, then written", net(t, xy, feedOp("x", 0), relu, fetchOp("y", 0), relu), sampan.Unimplemented,
			`__model__: operator 2 (fetch): "y" is fetched and then written again`},
		{"not declared", net(t, []*paddle.VarDesc{y}, feedOp("x", 0), relu, fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: operator 0 (feed): "x" is not declared`},
		{"array", net(t, []*paddle.VarDesc{array, y}, feedOp("x", 0), relu, fetchOp("y", 0)), sampan.Unimplemented,
			`__model__: operator 0 (feed): "x" is a DENSE_TENSOR_ARRAY, want a tensor`},
		{"unknown", net(t, []*paddle.VarDesc{unknown, y}, feedOp("x", 0), relu, fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: operator 0 (feed): "x" is declared without dtype and shape`},
		{"unknown shape", net(t, []*paddle.VarDesc{tensor("x", 2), unknownZ, y}, feedOp("x", 0), opDesc("relu", in, bindings{"Out": {"z"}}),
			opDesc("flatten_contiguous_range", bindings{"X": {"z"}}, out), fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: operator 2 (flatten_contiguous_range): the shape of "z" is not known`},
		{"strings", net(t, []*paddle.VarDesc{text, y}, feedOp("x", 0), relu, fetchOp("y", 0)), sampan.Unimplemented,
			`__model__: operator 0 (feed): "x" has element type STRINGS, which is not supported`},
		{"shape", net(t, []*paddle.VarDesc{tensor("x", -2), y}, feedOp("x", 0), relu, fetchOp("y", 0)), sampan.InvalidArgument,
			`__model__: operator 0 (feed): "x" has shape [-2]`},
		{"no input", net(t, xy, opDesc("relu", nil, out)), sampan.InvalidArgument, `__model__: operator 0 (relu): input X has 0 variables, want 1`},
		{"absent input", net(t, xy, opDesc("relu", bindings{"X": {absent}}, out)), sampan.InvalidArgument,
			`__model__: operator 0 (relu): input X has 0 variables, want 1`},
		{"two outputs", net(t, xy, feedOp("x", 0), opDesc("relu", in, bindings{"Out": {"y", "z"}})), sampan.InvalidArgument,
			`__model__: operator 1 (relu): output Out has 2 variables, want 1`},
		{"rows", net(t, []*paddle.VarDesc{rows, y}), sampan.InvalidArgument, `read x: the program declares a SELECTED_ROWS, want a tensor`},
	} {
		t.Run(c.name, func(t *testing.T) {
			parameter := &fstest.MapFile{Data: record(t, paddle.VarType_FP32, []int64{1}, make([]byte, 4))}
			wrong(t, fstest.MapFS{"__model__": {Data: c.program}, "x": parameter}, c.code, c.want)
		})
	}
}

func TestOperatorFaults(t *testing.T) {
	in, two, out := bindings{"X": {"x"}}, bindings{"X": {"x"}, "Y": {"z"}}, bindings{"Out": {"y"}}
	x, z, y := tensor("x", 2, 3, 4), tensor("z", 3), tensor("y", 2, 3, 4)
	batch := tensor("z", 3, 4, 5)
	integer := tensor("x", 2)
	integer.Type.LodTensor.Tensor.DataType = paddle.VarType_INT32.Enum()
	for _, c := range []struct {
		op   *paddle.OpDesc
		vars []*paddle.VarDesc
		code sampan.Code
		want string
	}{
		{opDesc("softmax", in, out, floatAttr("axis", 1)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `attribute "axis" is FLOAT, want INT or LONG`},
		{opDesc("scale", in, out, textAttr("scale", "2")), []*paddle.VarDesc{x}, sampan.InvalidArgument, `attribute "scale" is STRING, want a number`},
		{opDesc("scale", in, out, intAttr("bias_after_scale", 1)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `attribute "bias_after_scale" is INT, want BOOLEAN`},
		{opDesc("scale", in, out, floatAttr("bias", float32(math.Inf(1)))), []*paddle.VarDesc{integer}, sampan.InvalidArgument, `+Inf is no number of type int32`},
		{opDesc("transpose2", in, out, intAttr("axis", 1)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `attribute "axis" is INT, want INTS or LONGS`},
		{opDesc("transpose2", in, out, intsAttr("axis", 0, 1, 1)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `axis [0 1 1] names 1 twice`},
		{opDesc("transpose2", in, out, intsAttr("axis", 0, 1, 3)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `axis 3 of 3 dimensions`},
		{opDesc("transpose2", in, out, intsAttr("axis", 1, 0)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `axis [1 0] for shape [2 3 4]`},
		{opDesc("flatten_contiguous_range", in, out, intAttr("start_axis", 2)), []*paddle.VarDesc{x}, sampan.InvalidArgument, `start_axis 2 is after stop_axis 1`},
		{opDesc("elementwise_add", two, out, intAttr("axis", -2)), []*paddle.VarDesc{x, z}, sampan.InvalidArgument, `axis -2 for shapes [2 3 4] and [3]`},
		{opDesc("elementwise_add", two, out, intAttr("axis", 3)), []*paddle.VarDesc{x, z}, sampan.InvalidArgument, `axis 3 for shapes [2 3 4] and [3]`},
		{opDesc("elementwise_add", two, out, intAttr("axis", 2)), []*paddle.VarDesc{x, tensor("z", 4, 5)}, sampan.InvalidArgument, `axis 2 for shapes [2 3 4] and [4 5]`},
		{opDesc("elementwise_add", two, out, intAttr("axis", 1)), []*paddle.VarDesc{x, batch}, sampan.InvalidArgument, `axis 1 for shapes [2 3 4] and [3 4 5], want -1`},
		{opDesc("mul", two, out, intAttr("x_num_col_dims", 3)), []*paddle.VarDesc{x, z}, sampan.InvalidArgument, `x_num_col_dims is 3 for shape [2 3 4]`},
		{opDesc("mul", two, out), []*paddle.VarDesc{x, z}, sampan.InvalidArgument, `y_num_col_dims is 1 for shape [3]`},
		{opDesc("matmul", two, out, intAttr("head_number", 2)), []*paddle.VarDesc{x, z}, sampan.Unimplemented, `head_number 2 is not supported`},
		{opDesc("matmul", two, out, boolAttr("transpose_Y", true)), []*paddle.VarDesc{x, z}, sampan.Unimplemented, `a transposed vector is not supported`},
		{opDesc("matmul", two, out), []*paddle.VarDesc{x, batch}, sampan.Unimplemented, `batches of shapes [2 3 4] and [3 4 5] are not supported`},
		{opDesc("dropout", in, out), []*paddle.VarDesc{x}, sampan.Unimplemented, `is_test is false: the program is one for training`},
		{opDesc("dropout", in, out, boolAttr("is_test", true), textAttr("dropout_implementation", "no")), []*paddle.VarDesc{x}, sampan.InvalidArgument,
			`dropout_implementation is "no", want upscale_in_train or downgrade_in_infer`},
		{opDesc("concat", nil, out), []*paddle.VarDesc{x}, sampan.InvalidArgument, `input X has no variables`},
		{opDesc("concat", bindings{"X": {"x"}, "AxisTensor": {"z"}}, out), []*paddle.VarDesc{x, z}, sampan.Unimplemented, `an axis that is computed is not supported`},
	} {
		t.Run(c.want, func(t *testing.T) {
			want := fmt.Sprintf("__model__: operator %d (%s): %s", len(c.vars), c.op.GetType(), c.want)
			wrong(t, one(t, c.op, append(c.vars, y)...), c.code, want)
		})
	}
}
