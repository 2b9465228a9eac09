package paddle

import (
	"math"

	"github.com/sampanml/sampan"
)

// runningOps make of each element one of all up to it.
var runningOps = map[string]operator{
	"cumprod":      {translate: cumprod, notes: "exclusive and reverse are not supported"},
	"cumsum":       {translate: cumsum},
	"logcumsumexp": {translate: logCumSumExp, notes: "exclusive and reverse are not supported"},
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

// cumprod multiplies up along an axis.
func cumprod(o *op) {
	x := o.input("X")
	o.output("Out", o.running("ReduceProd", x, o.attrs.integer("dim", -1), 1))
}

// logCumSumExp is the logarithm of the sum of exponentials along an axis, or over all
// elements.
func logCumSumExp(o *op) {
	x, axis := o.input("X"), o.attrs.integer("axis", -1)
	if o.attrs.boolean("flatten", false) {
		x.name, x.shape, axis = o.node("Reshape", []string{x.name, o.integers(-1)}), sampan.Shape{-1}, 0
	}
	o.output("Out", o.running("ReduceLogSumExp", x, axis, math.Inf(-1)))
}

// running reduces for each place on an axis all elements up to it, at once, with those
// behind it replaced by one that changes nothing: ONNX has no running operators but sums.
func (o *op) running(opType string, x value, axis int64, nothing float64) string {
	for _, name := range []string{"exclusive", "reverse"} {
		if o.attrs.boolean(name, false) {
			o.failCode(sampan.Unimplemented, "%s is not supported", name)
		}
	}
	rank := o.rank(x)
	if o.err == nil && rank == 0 {
		return x.name
	}
	at := o.axis(axis, rank)
	places := o.count(o.dim(x, at))
	// In the place of the axis there are two dimensions: the places and, behind it, the
	// elements.
	reaches := o.node("GreaterOrEqual", []string{o.node("Unsqueeze", []string{places, o.integers(1)}), places})
	if after := int64(rank - at - 1); after > 0 {
		reaches = o.node("Unsqueeze", []string{reaches, o.integers(span(2, 2+after)...)})
	}
	each := o.node("Unsqueeze", []string{x.name, o.integers(int64(at))})
	up := o.where(x.dtype, reaches, each, o.scalar(x.dtype, nothing))
	return o.reduced(opType, x.dtype, up, reduction{axes: []int64{int64(at) + 1}})
}
