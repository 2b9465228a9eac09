package paddle

import (
	"fmt"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// Attributes and inputs that are wrong, or not supported, are refused by name.
func TestElementFaults(t *testing.T) {
	in, out := bindings{"X": {"x"}}, bindings{"Out": {"y"}}
	x, z, y := tensor("x", 2, 3, 4), tensor("z", 2), tensor("y", 2, 3, 4)
	unknown := tensor("z", -1)
	const wrongValue, missing = sampan.InvalidArgument, sampan.Unimplemented
	slice := bindings{"Input": {"x"}}
	for _, c := range []struct {
		op   *paddle.OpDesc
		vars []*paddle.VarDesc
		code sampan.Code
		want string
	}{
		{opDesc("prelu", bindings{"X": {"x"}, "Alpha": {"z"}}, out, textAttr("mode", "no")), []*paddle.VarDesc{x, z}, wrongValue, `mode is "no", want all, channel or element`},
		{opDesc("isclose", bindings{"Input": {"x"}, "Other": {"x"}}, out, textAttr("rtol", "no")), []*paddle.VarDesc{x}, wrongValue, `rtol is "no", want a number`},
		{opDesc("equal_all", bindings{"X": {"x"}, "Y": {"z"}}, out), []*paddle.VarDesc{x, z}, missing, `shapes [2 3 4] and [2] are not supported, they have to be known and equal`},
		{opDesc("sum", nil, out), []*paddle.VarDesc{x}, wrongValue, `input X has no variables`},
		{opDesc("reduce_max", in, out, intsAttr("dim", 3)), []*paddle.VarDesc{x}, wrongValue, `axis 3 of 3 dimensions`},
		{opDesc("reduce_all", bindings{"X": {"x"}, "AxisTensor": {"z"}}, out), []*paddle.VarDesc{x, z}, missing, `axes that are computed are not supported`},
		{opDesc("reduce_sum", in, out, intAttr("out_dtype", 99)), []*paddle.VarDesc{x}, missing, `out_dtype 99 is not supported`},
		{opDesc("cumprod", in, out, boolAttr("reverse", true)), []*paddle.VarDesc{x}, missing, `reverse is not supported`},

		{opDesc("unsqueeze2", bindings{"X": {"x"}, "AxesTensor": {"z"}}, out), []*paddle.VarDesc{x, z}, missing, `axes that are computed are not supported`},
		{opDesc("squeeze2", in, out, intsAttr("axes", 5)), []*paddle.VarDesc{x}, wrongValue, `axis 5 of 3 dimensions`},
		{opDesc("split", in, out, intsAttr("sections", 1, 1)), []*paddle.VarDesc{x}, wrongValue, `num is 0 and sections are [1 1] for 1 outputs`},
		{opDesc("meshgrid", bindings{"X": {"x", "x"}}, out), []*paddle.VarDesc{x}, wrongValue, `output Out has 1 variables, want 2`},
		{opDesc("tile", bindings{"X": {"x"}, "RepeatTimes": {"z"}}, out), []*paddle.VarDesc{x, unknown}, missing, `input RepeatTimes has a length that is computed`},
		{opDesc("roll", in, out, intsAttr("axis", 0, 1), intsAttr("shifts", 1)), []*paddle.VarDesc{x}, wrongValue, `1 shifts for axes [0 1]`},
		{opDesc("slice", slice, out, intsAttr("axes", 0, 1), intsAttr("starts", 1), intsAttr("ends", 1, 2)), []*paddle.VarDesc{x}, wrongValue, `starts, ends or strides are [1] for axes [0 1]`},
		{opDesc("strided_slice", bindings{"Input": {"x"}, "StridesTensor": {"z"}}, out, intsAttr("axes", 0), intsAttr("starts", 1), intsAttr("ends", 0)), []*paddle.VarDesc{x, z}, missing, negativeStrides},

		{opDesc("cast", in, out, intAttr("out_dtype", 99)), []*paddle.VarDesc{x}, missing, `out_dtype 99 is not supported`},
		{opDesc("cast", in, out), []*paddle.VarDesc{x}, wrongValue, `the element type is not known or not supported`},
		{opDesc("fill_any_like", in, out, textAttr("str_value", "many")), []*paddle.VarDesc{x}, wrongValue, `str_value is "many", want a number`},
		{opDesc("fill_any_like", in, out, intAttr("dtype", int32(paddle.VarType_UINT8)), floatAttr("value", -1)), []*paddle.VarDesc{x}, wrongValue, `the number is out of the range of type uint8`},
		{opDesc("assign_value", nil, out, intsAttr("shape", 2), intsAttr("int32_values", 1)), nil, wrongValue, `1 values for shape [2]`},
		{opDesc("fill_constant_batch_size_like", slice, out, intsAttr("shape", 2), intAttr("output_dim_idx", 1)), []*paddle.VarDesc{x}, wrongValue, `output_dim_idx is 1 for shape [2]`},

		{opDesc("gather", bindings{"X": {"x"}, "Index": {"z"}, "Axis": {"z"}}, out), []*paddle.VarDesc{x, z}, missing, `an axis that is computed is not supported`},
		{opDesc("take_along_axis", bindings{"Input": {"x"}, "Index": {"z"}}, bindings{"Result": {"y"}}), []*paddle.VarDesc{x, z}, wrongValue, `shapes [2 3 4] and [2], want as many dimensions`},
		{opDesc("put_along_axis", bindings{"Input": {"x"}, "Index": {"x"}, "Value": {"x"}}, bindings{"Result": {"y"}}, textAttr("Reduce", "mean")), []*paddle.VarDesc{x}, missing, `Reduce "mean" is not supported`},
		{opDesc("shard_index", in, out, intAttr("index_num", 4), intAttr("nshards", 2), intAttr("shard_id", 2)), []*paddle.VarDesc{x}, wrongValue, `shard_id is 2 of 2, for 4 numbers`},
		{opDesc("multiplex", bindings{"Ids": {"x"}}, out), []*paddle.VarDesc{x}, wrongValue, `input X has no variables`},
		{opDesc("index_put", bindings{"x": {"x"}, "value": {"x"}}, bindings{"out": {"y"}}), []*paddle.VarDesc{x}, wrongValue, `input indices has no variables`},
		{opDesc("diagonal", slice, out, intAttr("axis1", 1), intAttr("axis2", -2)), []*paddle.VarDesc{x}, wrongValue, `axis1 and axis2 are both 1`},
		{opDesc("diag_v2", in, out), []*paddle.VarDesc{x}, wrongValue, `shape [2 3 4], want a list or a matrix`},
		{opDesc("einsum", bindings{"Operands": {"x"}}, out, textAttr("equation", "i1->i")), []*paddle.VarDesc{x}, wrongValue, `equation "i1->i" for 1 operands`},
		{opDesc("fc", bindings{"Input": {"x"}, "W": {"z"}}, out, boolAttr("padding_weights", true)), []*paddle.VarDesc{x, z}, missing, `padding_weights is not supported`},
		{opDesc("cross", bindings{"X": {"z"}, "Y": {"z"}}, out, intAttr("dim", 3)), []*paddle.VarDesc{z}, wrongValue, `axis 3 of 1 dimensions`},
		{opDesc("quantize_linear", bindings{"X": {"x"}, "Scale": {"z"}}, bindings{"Y": {"y"}}, intAttr("bit_length", 64)), []*paddle.VarDesc{x, z}, wrongValue, `bit_length is 64, want 2 to 16`},
	} {
		t.Run(c.op.GetType()+" "+c.want, func(t *testing.T) {
			want := fmt.Sprintf("__model__: operator %d (%s): %s", len(c.vars), c.op.GetType(), c.want)
			wrong(t, one(t, c.op, append(c.vars, y)...), c.code, want)
		})
	}
}
