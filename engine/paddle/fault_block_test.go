package paddle

import (
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

func blockAttr(name string, index int32) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_BLOCK.Enum(), BlockIdx: &index}
}

// nested is a program with sub-blocks: main's operators stand between the feeds c, a
// condition, and x, and the fetch of y.
func nested(t *testing.T, main []*paddle.OpDesc, subs ...[]*paddle.OpDesc) fstest.MapFS {
	t.Helper()
	c := tensor("c", 1)
	c.Type.LodTensor.Tensor.DataType = paddle.VarType_BOOL.Enum()
	ops := append([]*paddle.OpDesc{feedOp("c", 0), feedOp("x", 1)}, main...)
	blocks := []*paddle.BlockDesc{{
		Idx: proto.Int32(0), ParentIdx: proto.Int32(-1),
		Vars: []*paddle.VarDesc{c, tensor("x", -1, 3), tensor("y", -1, 3)}, Ops: append(ops, fetchOp("y", 0)),
	}}
	for i, ops := range subs {
		blocks = append(blocks, &paddle.BlockDesc{Idx: proto.Int32(int32(i) + 1), ParentIdx: proto.Int32(int32(i)), Ops: ops})
	}
	program := &paddle.ProgramDesc{Version: &paddle.Version{Version: proto.Int64(2_006_002)}, Blocks: blocks}
	return fstest.MapFS{"__model__": {Data: write(t, program)}}
}

func TestBlockFaults(t *testing.T) {
	list := func(ops ...*paddle.OpDesc) []*paddle.OpDesc { return ops }
	relu := opDesc("relu", bindings{"X": {"x"}}, bindings{"Out": {"y"}})
	lost := opDesc("relu", bindings{"X": {"z"}}, bindings{"Out": {"y"}})
	yield := opDesc("yield", bindings{"X": {"x"}}, nil)
	branch := func(block int32) *paddle.OpDesc {
		return opDesc("conditional_block", bindings{"Cond": {"c"}}, bindings{"Out": {"y"}}, boolAttr("is_scalar_condition", true), blockAttr("sub_block", block))
	}
	either := opDesc("if", bindings{"Cond": {"c"}}, bindings{"Out": {"y"}}, blockAttr("sub_block_true", 1), blockAttr("sub_block_false", 2))
	loop := func(arguments ...string) *paddle.OpDesc {
		return opDesc("pir_while", bindings{"Cond": {"c"}, "X": {"x"}}, bindings{"Out": {"y"}}, blockAttr("sub_block", 1), textsAttr("arguments", arguments...))
	}
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		code sampan.Code
		want string
	}{
		{"no block", nested(t, list(opDesc("conditional_block", bindings{"Cond": {"c"}}, nil))), sampan.InvalidArgument,
			`__model__: operator 2 (conditional_block): attribute "sub_block" is not there, want a block`},
		{"no BLOCK", nested(t, list(opDesc("while", bindings{"Condition": {"c"}}, nil, intAttr("sub_block", 1)))), sampan.InvalidArgument,
			`__model__: operator 2 (while): attribute "sub_block" is INT, want BLOCK`},
		{"block that is not there", nested(t, list(branch(1))), sampan.InvalidArgument,
			`__model__: operator 2 (conditional_block): attribute "sub_block" is block 1 of 1`},
		{"main block", nested(t, list(branch(0))), sampan.InvalidArgument,
			`__model__: operator 2 (conditional_block): attribute "sub_block" is block 0 of 1`},
		{"block of two", nested(t, list(branch(1), branch(1)), list(relu)), sampan.InvalidArgument,
			`__model__: operator 3 (conditional_block): attribute "sub_block" is block 1, which belongs to another operator`},
		{"block in itself", nested(t, list(branch(1)), list(branch(1))), sampan.InvalidArgument,
			`__model__: operator 2 (conditional_block): block 1: operator 0 (conditional_block): attribute "sub_block" is block 1, which belongs to another operator`},
		{"fault in a block", nested(t, list(branch(1)), list(branch(2)), list(relu, lost)), sampan.InvalidArgument,
			`__model__: operator 2 (conditional_block): block 1: operator 0 (conditional_block): block 2: operator 1 (relu): input X reads "z", which nothing has written`},
		{"condition of several", nested(t, list(opDesc("conditional_block", bindings{"Cond": {"c"}}, nil, blockAttr("sub_block", 1))), list(relu)), sampan.Unimplemented,
			`__model__: operator 2 (conditional_block): is_scalar_condition is false, which is not supported`},
		{"endless", nested(t, list(opDesc("while", bindings{"Condition": {"c"}}, bindings{"Out": {"y"}}, blockAttr("sub_block", 1))), list(relu)), sampan.InvalidArgument,
			`__model__: operator 2 (while): the block never writes its condition, "c"`},
		{"three ways", nested(t, list(opDesc("select_input", bindings{"X": {"x", "x", "x"}, "Mask": {"c"}}, bindings{"Out": {"y"}}))), sampan.InvalidArgument,
			`__model__: operator 2 (select_input): input X has 3 variables, want 2`},
		{"yield outside", nested(t, list(yield)), sampan.InvalidArgument, `__model__: operator 2 (yield): it cannot be at this place of a program`},
		{"yield in the middle", nested(t, list(either), list(yield, relu), list(yield)), sampan.InvalidArgument,
			`__model__: operator 2 (if): block 1: operator 0 (yield): it cannot be at this place of a program`},
		{"feed inside", nested(t, list(branch(1)), list(feedOp("z", 2))), sampan.InvalidArgument,
			`__model__: operator 2 (conditional_block): block 1: operator 0 (feed): it cannot be at this place of a program`},
		{"yields", nested(t, list(either), list(yield), list(opDesc("yield", bindings{"X": {"x", "c"}}, nil))), sampan.InvalidArgument,
			`__model__: operator 2 (if): the block yields 2 values, want 1`},
		{"no yield", nested(t, list(either), list(yield), list(relu)), sampan.InvalidArgument, `__model__: operator 2 (if): the block yields 0 values, want 1`},
		{"arguments", nested(t, list(loop("a", "b")), list(yield)), sampan.InvalidArgument,
			`__model__: operator 2 (pir_while): 1 values, 2 arguments and 1 outputs, want as many of each`},
		{"argument left", nested(t, list(loop("a"), opDesc("relu", bindings{"X": {"a"}}, bindings{"Out": {"y"}})),
			list(opDesc("yield", bindings{"X": {"c", "a"}}, nil))), sampan.InvalidArgument,
			`__model__: operator 3 (relu): input X reads "a", which nothing has written`},
	} {
		t.Run(c.name, func(t *testing.T) { wrong(t, c.fsys, c.code, c.want) })
	}
}

// Blocks nest so deep and no deeper.
func TestDeepBlocks(t *testing.T) {
	deep := func(n int) fstest.MapFS {
		var blocks [][]*paddle.OpDesc
		for i := range n {
			ops := []*paddle.OpDesc{opDesc("conditional_block", bindings{"Cond": {"c"}}, bindings{"Out": {"y"}},
				boolAttr("is_scalar_condition", true), blockAttr("sub_block", int32(i)+1))}
			blocks = append(blocks, ops)
		}
		blocks = append(blocks, []*paddle.OpDesc{opDesc("relu", bindings{"X": {"x"}}, bindings{"Out": {"y"}})})
		return nested(t, blocks[0], blocks[1:]...)
	}
	model, err := translate(deep(maxDepth))
	if err != nil {
		t.Fatal(err)
	}
	checkModel(t, model)
	if _, err := translate(deep(maxDepth + 1)); sampan.CodeOf(err) != sampan.Unimplemented {
		t.Errorf("got %v, want it refused", err)
	}
}
