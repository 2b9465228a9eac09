package paddle

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

var activationOps = map[string]operator{
	"brelu":            {translate: bounded("t_min", "t_max", 24)},
	"celu":             {translate: unary("Celu", floatRule{"alpha", "alpha", 1})},
	"dropout":          {translate: dropout, notes: "programs for training are refused"},
	"elu":              {translate: unary("Elu", floatRule{"alpha", "alpha", 1})},
	"gelu":             {translate: gelu},
	"hard_shrink":      {translate: shrink("threshold", 0)},
	"hard_sigmoid":     {translate: unary("HardSigmoid", floatRule{"alpha", "slope", 0.2}, floatRule{"beta", "offset", 0.5})},
	"hard_swish":       {translate: hardSwish},
	"leaky_relu":       {translate: unary("LeakyRelu", floatRule{"alpha", "alpha", 0.02})},
	"log_softmax":      {translate: softmax("LogSoftmax")},
	"logsigmoid":       {translate: logSigmoid},
	"mish":             {translate: mish},
	"prelu":            {translate: prelu},
	"relu":             {translate: relu},
	"relu6":            {translate: bounded("", "threshold", 6)},
	"selu":             {translate: unary("Selu", floatRule{"alpha", "alpha", 1.6732632}, floatRule{"gamma", "scale", 1.050701})},
	"sigmoid":          {translate: unary("Sigmoid")},
	"silu":             {translate: swish},
	"soft_relu":        {translate: softRelu},
	"softmax":          {translate: softmax("Softmax")},
	"softplus":         {translate: softplus},
	"softshrink":       {translate: shrink("lambda", 1)},
	"softsign":         {translate: unary("Softsign")},
	"stanh":            {translate: scaledTanh},
	"swish":            {translate: swish},
	"tanh":             {translate: unary("Tanh")},
	"tanh_shrink":      {translate: tanhShrink},
	"thresholded_relu": {translate: unary("ThresholdedRelu", floatRule{"alpha", "threshold", 1})},
}

// floatRule says which attribute of Paddle's becomes one of ONNX's, and its default.
type floatRule struct {
	name, paddle string
	missing      float32
}

// unary translates an operator that works on each element, gives fractions and has a
// namesake in ONNX.
func unary(opType string, rules ...floatRule) translator {
	return func(o *op) {
		x, d := o.fractional(o.input("X"))
		var attrs []*onnx.AttributeProto
		for _, r := range rules {
			attrs = append(attrs, attrFloat(r.name, o.attrs.float(r.paddle, r.missing)))
		}
		o.output("Out", o.compute(opType, d, []string{x}, attrs...))
	}
}

// softmax translates softmax or its logarithm along one axis.
func softmax(opType string) translator {
	return func(o *op) {
		x, axis := o.input("X"), o.attrs.integer("axis", -1)
		o.output("Out", o.compute(opType, x.dtype, []string{x.name}, attrInt("axis", axis)))
	}
}

// relu is max(x, 0), for integers too.
func relu(o *op) {
	x := o.input("X")
	if computedAs("Relu", x.dtype) == x.dtype {
		o.output("Out", o.calc(x.dtype, "Relu", x.name))
		return
	}
	o.output("Out", o.calc(x.dtype, "Max", x.name, o.scalar(x.dtype, 0)))
}

// bounded keeps elements between 0, or the attribute low, and the attribute high.
func bounded(low, high string, missing float32) translator {
	return func(o *op) {
		x := o.input("X")
		from, to := float32(0), o.attrs.float(high, missing)
		if low != "" {
			from = o.attrs.float(low, 0)
		}
		o.output("Out", o.calc(x.dtype, "Clip", x.name, o.scalar(x.dtype, float64(from)), o.scalar(x.dtype, float64(to))))
	}
}

// gelu is x·Φ(x), with Φ the normal distribution's function or, where approximate is
// set, a formula of tanh.
func gelu(o *op) {
	x := o.input("X")
	d := x.dtype
	number := func(v float64) string { return o.scalar(d, v) }
	var part string
	if o.attrs.boolean("approximate", false) {
		cube := o.calc(d, "Mul", o.calc(d, "Mul", x.name, x.name), x.name)
		sum := o.calc(d, "Add", x.name, o.calc(d, "Mul", cube, number(0.044715)))
		part = o.calc(d, "Tanh", o.calc(d, "Mul", sum, number(math.Sqrt(2/math.Pi))))
	} else {
		part = o.calc(d, "Erf", o.calc(d, "Mul", x.name, number(math.Sqrt2/2)))
	}
	half := o.calc(d, "Mul", x.name, number(0.5))
	o.output("Out", o.calc(d, "Mul", half, o.calc(d, "Add", part, number(1))))
}

// hardSwish is x·min(max(x+offset, 0), threshold)/scale.
func hardSwish(o *op) {
	x := o.input("X")
	d := x.dtype
	number := func(name string, missing float32) string {
		return o.scalar(d, float64(o.attrs.float(name, missing)))
	}
	part := o.calc(d, "Clip", o.calc(d, "Add", x.name, number("offset", 3)), o.scalar(d, 0), number("threshold", 6))
	o.output("Out", o.calc(d, "Div", o.calc(d, "Mul", x.name, part), number("scale", 6)))
}

// swish is x·sigmoid(beta·x).
func swish(o *op) {
	x := o.input("X")
	inner := x.name
	if beta := o.attrs.float("beta", 1); beta != 1 {
		inner = o.calc(x.dtype, "Mul", x.name, o.scalar(x.dtype, float64(beta)))
	}
	o.output("Out", o.calc(x.dtype, "Mul", x.name, o.calc(x.dtype, "Sigmoid", inner)))
}

// softplus is log(1 + exp(beta·x))/beta, and x where beta·x is above threshold.
func softplus(o *op) {
	x, beta := o.input("X"), float64(o.attrs.float("beta", 1))
	d, inner := x.dtype, x.name
	if beta != 1 {
		inner = o.calc(d, "Mul", x.name, o.scalar(d, beta))
	}
	result := o.calc(d, "Softplus", inner)
	if beta != 1 {
		result = o.calc(d, "Div", result, o.scalar(d, beta))
	}
	above := o.test(d, "Greater", inner, o.scalar(d, float64(o.attrs.float("threshold", 20))))
	o.output("Out", o.where(d, above, x.name, result))
}

// mish is x·tanh(softplus(x)), with x for softplus(x) above threshold.
func mish(o *op) {
	x := o.input("X")
	d := x.dtype
	above := o.test(d, "Greater", x.name, o.scalar(d, float64(o.attrs.float("threshold", 20))))
	plus := o.where(d, above, x.name, o.calc(d, "Softplus", x.name))
	o.output("Out", o.calc(d, "Mul", x.name, o.calc(d, "Tanh", plus)))
}

// softRelu is log(1 + exp(x)) of x kept between -threshold and threshold.
func softRelu(o *op) {
	x, threshold := o.input("X"), float64(o.attrs.float("threshold", 40))
	d := x.dtype
	o.output("Out", o.calc(d, "Softplus", o.calc(d, "Clip", x.name, o.scalar(d, -threshold), o.scalar(d, threshold))))
}

// logSigmoid is -softplus(-x).
func logSigmoid(o *op) {
	x := o.input("X")
	o.output("Out", o.calc(x.dtype, "Neg", o.calc(x.dtype, "Softplus", o.calc(x.dtype, "Neg", x.name))))
}

// shrink makes what is within ±lambda zero and brings the rest nearer to zero by bias
// times lambda.
func shrink(lambda string, bias float32) translator {
	return func(o *op) {
		x, bound := o.input("X"), o.attrs.float(lambda, 0.5)
		o.output("Out", o.compute("Shrink", x.dtype, []string{x.name}, attrFloat("lambd", bound), attrFloat("bias", bias*bound)))
	}
}

// tanhShrink is x - tanh(x).
func tanhShrink(o *op) {
	x := o.input("X")
	o.output("Out", o.calc(x.dtype, "Sub", x.name, o.calc(x.dtype, "Tanh", x.name)))
}

// scaledTanh is scale_b·tanh(scale_a·x).
func scaledTanh(o *op) {
	x := o.input("X")
	a, b := o.attrs.float("scale_a", 0.67), o.attrs.float("scale_b", 1.7159)
	inner := o.calc(x.dtype, "Mul", x.name, o.scalar(x.dtype, float64(a)))
	o.output("Out", o.calc(x.dtype, "Mul", o.calc(x.dtype, "Tanh", inner), o.scalar(x.dtype, float64(b))))
}

// prelu is x, or alpha·x where x is below zero: with one alpha, one for each channel or
// one for each element of a sample.
func prelu(o *op) {
	x, alpha := o.input("X"), o.input("Alpha")
	slope := alpha.name
	switch mode := o.attrs.text("mode", "all"); mode {
	case "all":
		slope = o.node("Reshape", []string{slope, o.integers(1)})
	case "channel":
		shape := []int64{-1}
		if layout := o.attrs.text("data_format", "NCHW"); layout == "NCHW" || layout == "NCDHW" {
			for range max(o.rank(x)-2, 0) {
				shape = append(shape, 1)
			}
		}
		slope = o.node("Reshape", []string{slope, o.integers(shape...)})
	case "element":
	default:
		o.fail("mode is %q, want all, channel or element", mode)
	}
	o.output("Out", o.compute("PRelu", x.dtype, []string{x.name, slope}))
}

// dropout translates dropout as it is at inference: nothing, or a factor where the
// model was trained without one.
func dropout(o *op) {
	x := o.input("X")
	probability := o.attrs.float("dropout_prob", 0.5)
	if !o.attrs.boolean("is_test", false) {
		o.failCode(sampan.Unimplemented, "is_test is false: the program is one for training")
	}
	switch how := o.attrs.text("dropout_implementation", "downgrade_in_infer"); how {
	case "upscale_in_train":
		o.output("Out", x.name)
	case "downgrade_in_infer":
		o.output("Out", o.node("Mul", []string{x.name, o.scalar(x.dtype, float64(1-probability))}))
	default:
		o.fail("dropout_implementation is %q, want upscale_in_train or downgrade_in_infer", how)
	}
}
