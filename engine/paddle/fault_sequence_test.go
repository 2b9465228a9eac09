package paddle

import (
	"fmt"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

func textsAttr(name string, v ...string) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_STRINGS.Enum(), Strings: v}
}

func TestSequenceFaults(t *testing.T) {
	in, out, both := bindings{"X": {"x"}}, bindings{"Out": {"y"}}, bindings{"X": {"x"}, "Y": {"z"}}
	x, deep, plain := sequences("x", 1, -1, 4), sequences("x", 2, -1, 4), tensor("x", -1, 4)
	z, w := sequences("z", 1, -1, 4), tensor("w", 12, 5)
	conv, lstm := bindings{"X": {"x"}, "Filter": {"w"}}, bindings{"Input": {"x"}, "Weight": {"w"}, "Bias": {"z"}}
	list := []*paddle.VarDesc{x}
	for _, c := range []struct {
		op   *paddle.OpDesc
		vars []*paddle.VarDesc
		code sampan.Code
		want string
	}{
		{opDesc("sequence_pool", in, out), []*paddle.VarDesc{plain}, sampan.Unimplemented, `"x" has no LoD that is known`},
		{opDesc("sequence_pool", in, out, textAttr("pooltype", "MEDIAN")), list, sampan.InvalidArgument,
			`pooltype is "MEDIAN", want AVERAGE, SUM, SQRT, MAX, FIRST or LAST`},
		{opDesc("sequence_conv", conv, out, intAttr("contextLength", 3)), []*paddle.VarDesc{deep, w}, sampan.Unimplemented, `"x" has 2 LoD levels, want 1`},
		{opDesc("sequence_conv", conv, out, intAttr("contextLength", 5)), []*paddle.VarDesc{x, w}, sampan.InvalidArgument,
			`contextLength is 5 for the filter's shape [12 5]`},
		{opDesc("sequence_conv", conv, out, intAttr("contextLength", 0)), []*paddle.VarDesc{x, w}, sampan.InvalidArgument,
			`contextLength is 0 for the filter's shape [12 5]`},
		{opDesc("sequence_conv", conv, out, intAttr("contextLength", 3), intAttr("contextStride", 2)), []*paddle.VarDesc{x, w}, sampan.InvalidArgument,
			`contextStride is 2, want 1`},
		{opDesc("sequence_conv", conv, out, boolAttr("paddingTrainable", true)), []*paddle.VarDesc{x, w}, sampan.Unimplemented, `paddingTrainable is not supported`},
		{opDesc("row_conv", conv, out), []*paddle.VarDesc{x, tensor("w", 5)}, sampan.InvalidArgument, `input Filter has shape [5], want [rows size]`},
		{opDesc("sequence_softmax", in, out), []*paddle.VarDesc{sequences("x", 1, -1, 4, 2)}, sampan.InvalidArgument, `shape [-1 4 2], want one column`},
		{opDesc("sequence_enumerate", in, out), list, sampan.InvalidArgument, `win_size is 0, want 1 or more`},
		{opDesc("sequence_reshape", in, out), list, sampan.InvalidArgument, `new_dim is 0, want 1 or more`},
		{opDesc("sequence_expand", both, out, intAttr("ref_level", 1)), []*paddle.VarDesc{x, z}, sampan.InvalidArgument, `axis 1 of 1 dimensions`},
		{opDesc("sequence_expand", both, out), []*paddle.VarDesc{x, tensor("z", 3)}, sampan.Unimplemented, `"z" has no LoD that is known`},
		{opDesc("sequence_concat", nil, out), list, sampan.InvalidArgument, `input X has no variables`},
		{opDesc("sequence_mask", in, bindings{"Y": {"y"}}, intAttr("out_dtype", 17)), list, sampan.InvalidArgument, `out_dtype is not a type that is supported`},
		{opDesc("lod_reset", in, out, boolAttr("append", true)), []*paddle.VarDesc{deep}, sampan.Unimplemented, `3 LoD levels, more than 2 are not supported`},
		{opDesc("im2sequence", in, out, intsAttr("kernels", 2)), list, sampan.InvalidArgument,
			`kernels [2], strides [1 1] and paddings [0 0 0 0], want 2, 2 and 4 numbers`},
		{opDesc("im2sequence", in, out, intsAttr("kernels", 2, 0)), list, sampan.InvalidArgument, `kernels [2 0] and strides [1 1], want 1 or more`},
		{opDesc("im2sequence", both, out), []*paddle.VarDesc{x, z}, sampan.Unimplemented, `pictures of several sizes (Y) are not supported`},
		{opDesc("rnn", bindings{"Input": {"x"}}, out, textAttr("mode", "SRU")), list, sampan.InvalidArgument, `mode is "SRU", want LSTM, GRU, RNN_TANH or RNN_RELU`},
		{opDesc("rnn", bindings{"Input": {"x"}}, out, textAttr("mode", "LSTM")), list, sampan.InvalidArgument, `input PreState has 0 variables, want 2`},
		{opDesc("rnn", bindings{"Input": {"x"}, "PreState": {"x"}, "WeightList": {"x", "x"}}, out, textAttr("mode", "GRU"), boolAttr("is_bidirec", true)), list,
			sampan.InvalidArgument, `input WeightList has 2 variables for 1 layers and 2 directions, want 4 for each`},
		{opDesc("rnn", bindings{"Input": {"x"}}, out, textAttr("mode", "GRU"), floatAttr("dropout_prob", 0.5)), list,
			sampan.Unimplemented, `is_test is false: the program is one for training`},
		{opDesc("lstm", lstm, out), []*paddle.VarDesc{x, w, z}, sampan.InvalidArgument, `input Weight has shape [12 5], want [size 4·size]`},
		{opDesc("gru", lstm, out, textAttr("activation", "sin")), []*paddle.VarDesc{x, tensor("w", 2, 6), z}, sampan.InvalidArgument,
			`activation is "sin", want identity, sigmoid, tanh or relu`},
		{opDesc("gru_unit", bindings{"Input": {"x"}, "HiddenPrev": {"x"}, "Weight": {"w"}}, out, intAttr("activation", 4)),
			[]*paddle.VarDesc{x, tensor("w", 2, 6)}, sampan.InvalidArgument, `activation is 4, want 0 to 3`},
	} {
		t.Run(c.want, func(t *testing.T) {
			want := fmt.Sprintf("__model__: operator %d (%s): %s", len(c.vars), c.op.GetType(), c.want)
			wrong(t, one(t, c.op, append(c.vars, tensor("y", -1, 4))...), c.code, want)
		})
	}
}
