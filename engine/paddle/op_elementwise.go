package paddle

import (
	"github.com/sampanml/sampan"
)

var elementwiseOps = map[string]operator{
	"elementwise_add": {translate: elementwise("Add")},
	"elementwise_div": {translate: elementwise("Div")},
	"elementwise_mul": {translate: elementwise("Mul")},
	"elementwise_sub": {translate: elementwise("Sub")},
	"scale":           {translate: scale},
}

// elementwise translates a binary operator that has a namesake in ONNX.
func elementwise(opType string) translator {
	return func(o *op) {
		a, b := o.align(o.input("X"), o.input("Y"), o.attrs.integer("axis", -1))
		o.output("Out", o.node(opType, []string{a, b}))
	}
}

// align returns x and y such that ONNX's broadcasting does what Paddle's does. Paddle
// lays the value with fewer dimensions along the other's from axis on, and -1 means
// that both end together; ONNX lets them always end together.
func (o *op) align(x, y value, axis int64) (string, string) {
	if axis == -1 {
		return x.name, y.name
	}
	rx, ry := o.rank(x), o.rank(y)
	if o.err != nil {
		return "", ""
	}
	if rx == ry {
		if axis != 0 && !compatible(x.shape, y.shape) {
			o.fail("axis %d for shapes %v and %v, want -1", axis, x.shape, y.shape)
		}
		return x.name, y.name
	}
	small, large := &y, &x
	if rx < ry {
		small, large = &x, &y
	}
	// after is how many sizes of 1 small lacks at its end, or has too many.
	after := int64(len(large.shape)-len(small.shape)) - axis
	if axis < 0 || axis >= int64(len(large.shape)) || -after > trailingOnes(small.shape) {
		o.fail("axis %d for shapes %v and %v", axis, x.shape, y.shape)
		return "", ""
	}
	rank := int64(len(small.shape))
	switch {
	case rank == 0:
	case after > 0:
		small.name = o.node("Unsqueeze", []string{small.name, o.integers(span(rank, rank+after)...)})
	case after < 0:
		small.name = o.node("Squeeze", []string{small.name, o.integers(span(rank+after, rank)...)})
	}
	return x.name, y.name
}

// trailingOnes counts the sizes of 1 at the end.
func trailingOnes(s sampan.Shape) (n int64) {
	for i := len(s) - 1; i >= 0 && s[i] == 1; i-- {
		n++
	}
	return n
}

// span lists the integers from one to before another.
func span(from, to int64) []int64 {
	var out []int64
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// compatible says that the shapes may be equal where sizes are not known.
func compatible(a, b sampan.Shape) bool {
	for i := range a {
		if a[i] >= 0 && b[i] >= 0 && a[i] != b[i] {
			return false
		}
	}
	return true
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
			return o.node("Mul", []string{v, one})
		case factor != 1:
			return o.node("Mul", []string{v, o.scalar(x.dtype, factor)})
		}
		return v
	}
	plus := func(v string) string {
		if bias != 0 {
			return o.node("Add", []string{v, o.scalar(x.dtype, bias)})
		}
		return v
	}
	if after {
		o.output("Out", plus(times(x.name)))
	} else {
		o.output("Out", times(plus(x.name)))
	}
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
