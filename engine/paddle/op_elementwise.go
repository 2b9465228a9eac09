package paddle

import (
	"math"

	"github.com/sampanml/sampan"
)

// elementwiseOps work on two values, or several, element by element.
var elementwiseOps = map[string]operator{
	"atan2":                 {translate: atan2},
	"elementwise_add":       {translate: elementwise("Add")},
	"elementwise_div":       {translate: elementwise("Div")},
	"elementwise_floordiv":  {translate: floorDiv},
	"elementwise_fmax":      {translate: ignoringNaN("Max")},
	"elementwise_fmin":      {translate: ignoringNaN("Min")},
	"elementwise_heaviside": {translate: heaviside},
	"elementwise_max":       {translate: elementwise("Max")},
	"elementwise_min":       {translate: elementwise("Min")},
	"elementwise_mod":       {translate: mod},
	"elementwise_mul":       {translate: elementwise("Mul")},
	"elementwise_pow":       {translate: elementwise("Pow")},
	"elementwise_sub":       {translate: elementwise("Sub")},
	"grad_add":              {translate: elementwise("Add")},
	"lerp":                  {translate: lerp},
	"minus":                 {translate: elementwise("Sub")},
	"sum":                   {translate: sum},
}

// operands returns X and Y, aligned, and their element type.
func (o *op) operands() (x, y string, d sampan.DType) {
	a, b := o.input("X"), o.input("Y")
	x, y = o.align(a, b, o.attrs.integer("axis", -1))
	return x, y, a.dtype
}

// elementwise translates a binary operator that has a namesake in ONNX.
func elementwise(opType string) translator {
	return func(o *op) {
		x, y, d := o.operands()
		o.output("Out", o.calc(d, opType, x, y))
	}
}

// floorDiv is x/y, rounded down.
func floorDiv(o *op) {
	x, y, d := o.operands()
	if whole(d) {
		rest := o.calc(d, "Mod", x, y)
		o.output("Out", o.calc(d, "Div", o.calc(d, "Sub", x, rest), y))
		return
	}
	o.output("Out", o.calc(d, "Floor", o.calc(d, "Div", x, y)))
}

// mod is the rest of floorDiv, which has the sign of y. ONNX's has it for integers only,
// for fractions that of x.
func mod(o *op) {
	x, y, d := o.operands()
	if whole(d) {
		o.output("Out", o.calc(d, "Mod", x, y))
		return
	}
	rest := o.compute("Mod", d, []string{x, y}, attrInt("fmod", 1))
	zero := o.scalar(d, 0)
	other := o.node("Xor", []string{o.test(d, "Less", rest, zero), o.test(d, "Less", y, zero)})
	wrong := o.node("And", []string{other, o.node("Not", []string{o.test(d, "Equal", rest, zero)})})
	o.output("Out", o.where(d, wrong, o.calc(d, "Add", rest, y), rest))
}

// ignoringNaN chooses the other element where one is not a number.
func ignoringNaN(opType string) translator {
	return func(o *op) {
		x, y, d := o.operands()
		both := o.calc(d, opType, x, y)
		if !whole(d) {
			both = o.where(d, o.test(d, "IsNaN", x), y, o.where(d, o.test(d, "IsNaN", y), x, both))
		}
		o.output("Out", both)
	}
}

// heaviside is 0 where x is below zero, 1 where it is above, and else y.
func heaviside(o *op) {
	x, y, d := o.operands()
	zero := o.scalar(d, 0)
	step := o.convert(o.test(d, "Greater", x, zero), sampan.Bool, d)
	o.output("Out", o.where(d, o.test(d, "Equal", x, zero), y, step))
}

// lerp is x + weight·(y - x).
func lerp(o *op) {
	x, y, weight := o.input("X"), o.input("Y"), o.input("Weight")
	part := o.calc(x.dtype, "Mul", weight.name, o.calc(x.dtype, "Sub", y.name, x.name))
	o.output("Out", o.calc(x.dtype, "Add", x.name, part))
}

// sum adds all its inputs, which have the same shape.
func sum(o *op) {
	all := o.inputs("X")
	if len(all) == 0 {
		o.fail("input X has no variables")
		return
	}
	total := all[0].name
	for _, x := range all[1:] {
		total = o.calc(x.dtype, "Add", total, x.name)
	}
	o.output("Out", total)
}

// atan2 is the angle of the point (x2, x1), from -π to π. The sign of a zero x1 is
// taken to be positive.
func atan2(o *op) {
	y, x := o.input("X1"), o.input("X2")
	d := y.dtype
	if whole(d) {
		d = sampan.Float64
		y.name, x.name = o.cast(y, d), o.cast(x, d)
	}
	number := func(v float64) string { return o.scalar(d, v) }
	zero := number(0)
	right, left := o.test(d, "Greater", x.name, zero), o.test(d, "Less", x.name, zero)
	below := o.test(d, "Less", y.name, zero)
	angle := o.calc(d, "Atan", o.calc(d, "Div", y.name, x.name))
	turned := o.calc(d, "Add", angle, o.where(d, below, number(-math.Pi), number(math.Pi)))
	upright := o.calc(d, "Mul", o.calc(d, "Sign", y.name), number(math.Pi/2))
	o.output("Out", o.where(d, right, angle, o.where(d, left, turned, upright)))
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
