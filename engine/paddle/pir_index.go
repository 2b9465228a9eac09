package paddle

import (
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirIndex has the operators that choose, find, sort or put elements.
var pirIndex = map[string]*pirRule{
	"argmax":             rule("arg_max", "X axis:int", "Out", ""),
	"argmin":             rule("arg_min", "X axis:int", "Out", ""),
	"argsort":            rule("argsort", "X", "Out Indices", ""),
	"bincount":           rule("bincount", "X Weights minlength:int", "Out", ""),
	"embedding":          rule("lookup_table_v2", "Ids W", "Out", "sparse>is_sparse"),
	"gather":             rule("gather", "X Index axis:int|Axis", "Out", ""),
	"gather_nd":          rule("gather_nd", "X Index", "Out", ""),
	"gather_tree":        rule("gather_tree", "Ids Parents", "Out", ""),
	"index_add":          rule("index_add", "X Index AddValue", "Out", ""),
	"index_put":          rule("index_put", "x indices value", "out", ""),
	"index_sample":       rule("index_sample", "X Index", "Out", ""),
	"index_select":       rule("index_select", "X Index", "Out", "axis>dim"),
	"kthvalue":           rule("kthvalue", "X", "Out Indices", ""),
	"masked_select":      rule("masked_select", "X Mask", "Y", ""),
	"mode":               rule("mode", "X", "Out Indices", ""),
	"multiplex":          rule("multiplex", "X Ids", "Out", ""),
	"nonzero":            rule("where_index", "Condition", "Out", ""),
	"one_hot":            rule("one_hot_v2", "X depth:int|depth_tensor", "Out", ""),
	"put_along_axis":     rule("put_along_axis", "Input Index Value", "Result", "axis>Axis reduce>Reduce include_self>Include_self"),
	"scatter":            rule("scatter", "X Ids Updates", "Out", ""),
	"scatter_nd_add":     rule("scatter_nd_add", "X Index Updates", "Out", ""),
	"searchsorted":       rule("searchsorted", "SortedSequence Values", "Out", ""),
	"sequence_mask":      rule("sequence_mask", "X maxlen:int|MaxLenTensor", "Y", ""),
	"shard_index":        rule("shard_index", "X", "Out", ""),
	"take_along_axis":    rule("take_along_axis", "Input Index", "Result", "axis>Axis"),
	"topk":               rule("top_k_v2", "X k:int|K", "Out Indices", ""),
	"topk_v1":            rule("top_k", "X k:int|K", "Out Indices", ""),
	"unique":             rule("unique", "X", "Out Indices Index Counts", ""),
	"unique_consecutive": rule("unique_consecutive", "X", "Out Index Counts", ""),
	"viterbi_decode":     rule("viterbi_decode", "Input Transition Length", "Scores Path", ""),

	"set_value_":             rule("set_value", "Input! starts:ints ends:ints steps:ints", "Out", "").with(scalarValues),
	"set_value":              rule("set_value", "Input starts:ints ends:ints steps:ints", "Out", "").with(scalarValues),
	"set_value_with_tensor_": rule("set_value", "Input! ValueTensor starts:ints ends:ints steps:ints", "Out", ""),
	"set_value_with_tensor":  rule("set_value", "Input ValueTensor starts:ints ends:ints steps:ints", "Out", ""),
}

// scalarValues writes the numbers that are put as scalars, and their type.
func scalarValues(c *pirCall, desc *paddle.OpDesc) {
	for _, attr := range desc.Attrs {
		if attr.GetName() == "values" {
			attr.Type, attr.Scalars = paddle.AttrType_SCALARS.Enum(), scalars(attr)
		}
	}
	if len(desc.Outputs) > 0 {
		out := c.vars[desc.Outputs[0].Arguments[0]].GetType().GetLodTensor().GetTensor()
		desc.Attrs = append(desc.Attrs, intOf("dtype", int32(out.GetDataType())))
	}
}
