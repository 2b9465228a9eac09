package paddle

import (
	"github.com/sampanml/sampan"
)

// runningOps make of each element one of all up to it.
var runningOps = map[string]operator{
	"cumprod": {translate: cumprod, notes: "exclusive and reverse are not supported"},
	"cumsum":  {translate: cumsum},
}

// cumsum adds up along an axis, or over all elements.
func cumsum(o *op) {
	x, axis := o.input("X"), o.attrs.integer("axis", -1)
	if o.attrs.boolean("flatten", false) {
		x.name, axis = o.node("Reshape", []string{x.name, o.integers(-1)}), 0
	}
	yes := func(name string) int64 { return flag(o.attrs.boolean(name, false)) }
	as := computedAs("CumSum", x.dtype)
	sums := o.node("CumSum", []string{o.convert(x.name, x.dtype, as), o.integer(axis)},
		attrInt("exclusive", yes("exclusive")), attrInt("reverse", yes("reverse")))
	o.output("Out", o.convert(sums, as, x.dtype))
}

// cumprod multiplies up along an axis. The product for each place is taken of all
// elements at once, those behind it replaced by 1: ONNX has no running product.
func cumprod(o *op) {
	x, d := o.input("X"), o.input("X").dtype
	for _, name := range []string{"exclusive", "reverse"} {
		if o.attrs.boolean(name, false) {
			o.failCode(sampan.Unimplemented, "%s is not supported", name)
		}
	}
	rank := o.rank(x)
	if o.err == nil && rank == 0 {
		o.output("Out", x.name)
		return
	}
	axis := o.axis(o.attrs.integer("dim", -1), rank)
	places := o.count(o.dim(x, axis))
	// up[i, j] has dimensions for i and j in x's place of the axis, and the others.
	reaches := o.node("GreaterOrEqual", []string{o.node("Unsqueeze", []string{places, o.integers(1)}), places})
	if after := int64(rank - axis - 1); after > 0 {
		reaches = o.node("Unsqueeze", []string{reaches, o.integers(span(2, 2+after)...)})
	}
	each := o.node("Unsqueeze", []string{x.name, o.integers(int64(axis))})
	up := o.where(d, reaches, each, o.scalar(d, 1))
	o.output("Out", o.reduced("ReduceProd", d, up, reduction{axes: []int64{int64(axis) + 1}}))
}
