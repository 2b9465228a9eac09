package paddle

import (
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirReduction has the operators that make one number of many, and running ones.
var pirReduction = map[string]*pirRule{
	"all":             rule("reduce_all", "X", "Out", "axis>dim keepdim>keep_dim").with(ofAll),
	"amax":            rule("reduce_amax", "X", "Out", "axis>dim keepdim>keep_dim").with(ofAll),
	"amin":            rule("reduce_amin", "X", "Out", "axis>dim keepdim>keep_dim").with(ofAll),
	"any":             rule("reduce_any", "X", "Out", "axis>dim keepdim>keep_dim").with(ofAll),
	"cumprod":         rule("cumprod", "X", "Out", ""),
	"cumsum":          rule("cumsum", "X axis:int", "Out", ""),
	"frobenius_norm":  rule("frobenius_norm", "X dim:ints", "Out", "keepdim>keep_dim").with(ofAll),
	"l1_norm":         rule("l1_norm", "X", "Out", ""),
	"logcumsumexp":    rule("logcumsumexp", "X", "Out", ""),
	"logsumexp":       rule("logsumexp", "X", "Out", "").with(ofAll),
	"max":             rule("reduce_max", "X dim:ints", "Out", "keepdim>keep_dim").with(ofAll),
	"mean":            rule("reduce_mean", "X dim:ints", "Out", "keepdim>keep_dim").with(ofAll),
	"mean_all":        rule("mean", "X", "Out", ""),
	"min":             rule("reduce_min", "X dim:ints", "Out", "keepdim>keep_dim").with(ofAll),
	"p_norm":          rule("p_norm", "X", "Out", ""),
	"prod":            rule("reduce_prod", "X dim:ints", "Out", "keepdim>keep_dim").with(ofAll),
	"squared_l2_norm": rule("squared_l2_norm", "X", "Out", ""),
	"sum":             rule("reduce_sum", "X dim:ints", "Out", "keepdim>keep_dim dtype>out_dtype").with(ofAll),
	"trace":           rule("trace", "Input", "Out", ""),
}

// ofAll says in an attribute of its own that there are no axes, which means all.
func ofAll(_ *pirCall, desc *paddle.OpDesc) {
	none := true
	attrs := desc.Attrs[:0:0]
	for _, attr := range desc.Attrs {
		switch attr.GetName() {
		case "dim", "axis":
			none = isEmpty(attr)
		case "reduce_all":
			continue
		}
		attrs = append(attrs, attr)
	}
	desc.Attrs = append(attrs, boolOf("reduce_all", none))
}
