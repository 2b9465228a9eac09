package paddle

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// reduceOps make one number of many.
var reduceOps = map[string]operator{
	"clip_by_norm":    {translate: clipByNorm},
	"dist":            {translate: dist},
	"frobenius_norm":  {translate: reduce("ReduceL2")},
	"l1_norm":         {translate: reduceAll("ReduceL1")},
	"logsumexp":       {translate: logSumExp},
	"mean":            {translate: reduceAll("ReduceMean")},
	"p_norm":          {translate: pNorm},
	"reduce_all":      {translate: reduceTruth("ReduceMin")},
	"reduce_amax":     {translate: reduce("ReduceMax")},
	"reduce_amin":     {translate: reduce("ReduceMin")},
	"reduce_any":      {translate: reduceTruth("ReduceMax")},
	"reduce_max":      {translate: reduce("ReduceMax")},
	"reduce_mean":     {translate: reduce("ReduceMean")},
	"reduce_min":      {translate: reduce("ReduceMin")},
	"reduce_prod":     {translate: reduce("ReduceProd")},
	"reduce_sum":      {translate: reduceSum},
	"squared_l2_norm": {translate: squaredL2Norm},
}

// reduction says along which axes a value is reduced: nil means all of them.
type reduction struct {
	axes []int64
	keep bool
}

// reduction reads the attributes of the operators reduce_*.
func (o *op) reduction(x value) reduction {
	r := reduction{axes: o.attrs.integers("dim", []int64{0}), keep: o.attrs.boolean("keep_dim", false)}
	if tensor, given := o.optional("AxisTensor"); given {
		axes, known := o.integersOf(tensor)
		if !known {
			o.failCode(sampan.Unimplemented, "axes that are computed are not supported")
		}
		r.axes = axes
	}
	return o.allAxes(r, x, o.attrs.boolean("reduce_all", false))
}

// allAxes makes the axes nil where they are all that there are.
func (o *op) allAxes(r reduction, x value, all bool) reduction {
	if all || len(r.axes) == 0 || x.shape != nil && len(x.shape) == 0 {
		r.axes = nil
		return r
	}
	if x.shape == nil {
		return r
	}
	var seen []int
	for _, a := range r.axes {
		if at := o.axis(a, len(x.shape)); !slices.Contains(seen, at) {
			seen = append(seen, at)
		}
	}
	if len(seen) == len(x.shape) {
		r.axes = nil
	}
	return r
}

// reduced adds an operator of ONNX that reduces.
func (o *op) reduced(opType string, d sampan.DType, x string, r reduction) string {
	as := computedAs(opType, d)
	inputs, attrs := []string{o.convert(x, d, as)}, []*onnx.AttributeProto{attrInt("keepdims", flag(r.keep))}
	switch {
	case r.axes == nil:
	case opType == "ReduceSum":
		inputs = append(inputs, o.integers(r.axes...))
	default:
		attrs = append(attrs, attrInts("axes", r.axes))
	}
	result := o.convert(o.node(opType, inputs, attrs...), as, d)
	if r.axes == nil && !r.keep {
		result = o.number(result)
	}
	return result
}

// number gives a value without dimensions the shape that Paddle gives it: since Paddle
// 2.5 none, before that [1].
func (o *op) number(x string) string {
	if o.program.scalars() {
		return x
	}
	return o.node("Reshape", []string{x, o.integers(1)})
}

// reduce translates an operator that has a namesake in ONNX.
func reduce(opType string) translator {
	return func(o *op) {
		x := o.input("X")
		o.output("Out", o.reduced(opType, x.dtype, x.name, o.reduction(x)))
	}
}

// reduceAll makes one number of all elements.
func reduceAll(opType string) translator {
	return func(o *op) {
		x := o.input("X")
		o.output("Out", o.reduced(opType, x.dtype, x.name, reduction{}))
	}
}

// reduceTruth tells whether all elements are true, or any, by the least or greatest.
func reduceTruth(opType string) translator {
	return func(o *op) {
		x := o.input("X")
		truth := o.convert(o.cast(x, sampan.Bool), sampan.Bool, sampan.Uint8)
		o.output("Out", o.convert(o.reduced(opType, sampan.Uint8, truth, o.reduction(x)), sampan.Uint8, sampan.Bool))
	}
}

// reduceSum adds elements. Booleans and int32 become int64, unless out_dtype says what.
func reduceSum(o *op) {
	x := o.input("X")
	d := x.dtype
	if d == sampan.Bool || d == sampan.Int32 {
		d = sampan.Int64
	}
	if to := o.attrs.integer("out_dtype", -1); to >= 0 {
		if d = dtypes[paddle.VarType_Type(to)]; !d.Valid() {
			o.failCode(sampan.Unimplemented, "out_dtype %d is not supported", to)
		}
	}
	o.output("Out", o.reduced("ReduceSum", d, o.cast(x, d), o.reduction(x)))
}

// logSumExp is the logarithm of the sum of the exponentials.
func logSumExp(o *op) {
	x := o.input("X")
	r := reduction{axes: o.attrs.integers("axis", []int64{0}), keep: o.attrs.boolean("keepdim", false)}
	o.output("Out", o.reduced("ReduceLogSumExp", x.dtype, x.name, o.allAxes(r, x, o.attrs.boolean("reduce_all", false))))
}

// squaredL2Norm is the sum of the squares, [1].
func squaredL2Norm(o *op) {
	x := o.input("X")
	total := o.compute("ReduceSumSquare", x.dtype, []string{x.name}, attrInt("keepdims", 0))
	o.output("Out", o.node("Reshape", []string{total, o.integers(1)}))
}

// clipByNorm shortens a vector that is longer than max_norm.
func clipByNorm(o *op) {
	x, most := o.input("X"), o.scalar(sampan.Float32, float64(o.attrs.float("max_norm", 0)))
	d := x.dtype
	most = o.convert(most, sampan.Float32, d)
	length := o.compute("ReduceL2", d, []string{x.name}, attrInt("keepdims", 0))
	o.output("Out", o.calc(d, "Mul", x.name, o.calc(d, "Div", most, o.calc(d, "Max", length, most))))
}

// pNorm is the p-norm along one axis, or of all elements.
func pNorm(o *op) {
	x := o.input("X")
	r := reduction{axes: []int64{o.attrs.integer("axis", -1)}, keep: o.attrs.boolean("keepdim", false)}
	r = o.allAxes(r, x, o.attrs.boolean("asvector", false))
	o.output("Out", o.norm(x.dtype, x.name, float64(o.attrs.float("porder", 2)), r))
}

// dist is the p-norm of x - y.
func dist(o *op) {
	x, y := o.input("X"), o.input("Y")
	d := x.dtype
	o.output("Out", o.norm(d, o.calc(d, "Sub", x.name, y.name), float64(o.attrs.float("p", 2)), reduction{}))
}

// norm is the p-norm: with p 0 the number of elements other than 0, with p infinite
// the greatest or least size of one.
func (o *op) norm(d sampan.DType, x string, p float64, r reduction) string {
	size := func() string { return o.calc(d, "Abs", x) }
	switch {
	case p == 0:
		nonzero := o.node("Not", []string{o.test(d, "Equal", x, o.scalar(d, 0))})
		return o.reduced("ReduceSum", d, o.convert(nonzero, sampan.Bool, d), r)
	case p == 1:
		return o.reduced("ReduceL1", d, x, r)
	case p == 2:
		return o.reduced("ReduceL2", d, x, r)
	case math.IsInf(p, 1):
		return o.reduced("ReduceMax", d, size(), r)
	case math.IsInf(p, -1):
		return o.reduced("ReduceMin", d, size(), r)
	}
	total := o.reduced("ReduceSum", d, o.calc(d, "Pow", size(), o.scalar(d, p)), r)
	return o.calc(d, "Pow", total, o.scalar(d, 1/p))
}
