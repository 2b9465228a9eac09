package paddle

import (
	"math"

	"github.com/sampanml/sampan"
)

// mathOps are functions of each element.
var mathOps = map[string]operator{
	"abs":        {translate: keeping("Abs")},
	"acos":       {translate: unary("Acos")},
	"acosh":      {translate: unary("Acosh")},
	"asin":       {translate: unary("Asin")},
	"asinh":      {translate: unary("Asinh")},
	"atan":       {translate: unary("Atan")},
	"atanh":      {translate: unary("Atanh")},
	"ceil":       {translate: unary("Ceil")},
	"clip":       {translate: clip},
	"cos":        {translate: unary("Cos")},
	"cosh":       {translate: unary("Cosh")},
	"erf":        {translate: unary("Erf")},
	"exp":        {translate: unary("Exp")},
	"expm1":      {translate: expm1},
	"floor":      {translate: unary("Floor")},
	"increment":  {translate: increment},
	"log":        {translate: unary("Log")},
	"log10":      {translate: logarithm(math.Ln10)},
	"log1p":      {translate: log1p},
	"log2":       {translate: logarithm(math.Ln2)},
	"logit":      {translate: logit},
	"pow":        {translate: pow},
	"reciprocal": {translate: unary("Reciprocal")},
	"round":      {translate: round},
	"rsqrt":      {translate: rsqrt},
	"scale":      {translate: scale},
	"sign":       {translate: keeping("Sign")},
	"sin":        {translate: unary("Sin")},
	"sinh":       {translate: unary("Sinh")},
	"sqrt":       {translate: unary("Sqrt")},
	"square":     {translate: square},
	"tan":        {translate: unary("Tan")},
	"trunc":      {translate: trunc},
}

// keeping translates an operator that works on each element, leaves the element type
// as it is and has a namesake in ONNX.
func keeping(opType string) translator {
	return func(o *op) {
		x := o.input("X")
		o.output("Out", o.calc(x.dtype, opType, x.name))
	}
}

// square is x·x.
func square(o *op) {
	x := o.input("X")
	o.output("Out", o.calc(x.dtype, "Mul", x.name, x.name))
}

// rsqrt is 1/sqrt(x).
func rsqrt(o *op) {
	x, d := o.fractional(o.input("X"))
	o.output("Out", o.calc(d, "Reciprocal", o.calc(d, "Sqrt", x)))
}

// expm1 is exp(x) - 1.
func expm1(o *op) {
	x, d := o.fractional(o.input("X"))
	o.output("Out", o.calc(d, "Sub", o.calc(d, "Exp", x), o.scalar(d, 1)))
}

// log1p is log(1 + x).
func log1p(o *op) {
	x, d := o.fractional(o.input("X"))
	o.output("Out", o.calc(d, "Log", o.calc(d, "Add", x, o.scalar(d, 1))))
}

// logarithm is the one to a base whose natural logarithm is given.
func logarithm(base float64) translator {
	return func(o *op) {
		x, d := o.fractional(o.input("X"))
		o.output("Out", o.calc(d, "Mul", o.calc(d, "Log", x), o.scalar(d, 1/base)))
	}
}

// logit is log(x/(1-x)) of x kept between eps and 1-eps; with eps 0 that is NaN where x
// is not between 0 and 1.
func logit(o *op) {
	x, d := o.fractional(o.input("X"))
	if eps := float64(o.attrs.float("eps", 1e-6)); eps > 0 {
		x = o.calc(d, "Clip", x, o.scalar(d, eps), o.scalar(d, 1-eps))
	}
	o.output("Out", o.calc(d, "Log", o.calc(d, "Div", x, o.calc(d, "Sub", o.scalar(d, 1), x))))
}

// trunc cuts fractions off.
func trunc(o *op) {
	x := o.input("X")
	if whole(x.dtype) {
		o.output("Out", x.name)
		return
	}
	size := o.calc(x.dtype, "Floor", o.calc(x.dtype, "Abs", x.name))
	o.output("Out", o.calc(x.dtype, "Mul", size, o.calc(x.dtype, "Sign", x.name)))
}

// round rounds to whole numbers or, since Paddle 3, to a number of decimals.
func round(o *op) {
	x, d := o.fractional(o.input("X"))
	decimals := o.attrs.integer("decimals", 0)
	if decimals == 0 {
		o.output("Out", o.rounded(d, x))
		return
	}
	unit := o.scalar(d, math.Pow10(int(decimals)))
	o.output("Out", o.calc(d, "Div", o.rounded(d, o.calc(d, "Mul", x, unit)), unit))
}

// rounded rounds halves away from zero, as C's round does; ONNX's Round takes the even
// neighbour.
func (o *op) rounded(d sampan.DType, x string) string {
	size := o.calc(d, "Abs", x)
	down := o.calc(d, "Floor", size)
	up := o.test(d, "GreaterOrEqual", o.calc(d, "Sub", size, down), o.scalar(d, 0.5))
	return o.calc(d, "Mul", o.calc(d, "Add", down, o.convert(up, sampan.Bool, d)), o.calc(d, "Sign", x))
}

// pow raises to a power that is an attribute or a tensor of one element. As in Paddle
// it is converted to x's dtype first.
func pow(o *op) {
	x := o.input("X")
	factor := o.scalar(x.dtype, o.attrs.number("factor", 1))
	if tensor, given := o.optional("FactorTensor"); given {
		factor = o.node("Reshape", []string{o.cast(tensor, x.dtype), o.integers()})
	}
	o.output("Out", o.calc(x.dtype, "Pow", x.name, factor))
}

// clip keeps elements between two numbers, from attributes or tensors. Bounds that an
// integer type cannot hold do not bind it.
func clip(o *op) {
	x := o.input("X")
	bound := func(tensor, attr string, missing float64) string {
		if t, given := o.optional(tensor); given {
			return o.node("Reshape", []string{o.cast(t, x.dtype), o.integers()})
		}
		v := o.attrs.number(attr, missing)
		if _, ok := encode(x.dtype, v); !ok && x.dtype.Valid() {
			return ""
		}
		return o.scalar(x.dtype, v)
	}
	inputs := []string{x.name, bound("Min", "min", -math.MaxFloat32), bound("Max", "max", math.MaxFloat32)}
	for inputs[len(inputs)-1] == "" && o.err == nil {
		inputs = inputs[:len(inputs)-1]
	}
	o.output("Out", o.compute("Clip", x.dtype, inputs))
}

// increment adds step.
func increment(o *op) {
	x := o.input("X")
	o.output("Out", o.calc(x.dtype, "Add", x.name, o.scalar(x.dtype, o.attrs.number("step", 1))))
}

// scale translates scale·x + bias, or scale·(x + bias). As in Paddle, both numbers
// are converted to x's dtype first.
func scale(o *op) {
	x := o.input("X")
	factor, bias := o.attrs.number("scale", 1), o.attrs.number("bias", 0)
	after := o.attrs.boolean("bias_after_scale", true)
	tensor, given := o.optional("ScaleTensor")
	times := func(v string) string {
		switch {
		case given:
			one := o.node("Reshape", []string{o.cast(tensor, x.dtype), o.integers()})
			return o.calc(x.dtype, "Mul", v, one)
		case factor != 1:
			return o.calc(x.dtype, "Mul", v, o.scalar(x.dtype, factor))
		}
		return v
	}
	plus := func(v string) string {
		if bias != 0 {
			return o.calc(x.dtype, "Add", v, o.scalar(x.dtype, bias))
		}
		return v
	}
	if after {
		o.output("Out", plus(times(x.name)))
	} else {
		o.output("Out", times(plus(x.name)))
	}
	if x.dtype.Valid() {
		// PaddleHub declares the fetches of its models, which it makes so, as int64.
		o.setDType("Out", x.dtype)
	}
}
