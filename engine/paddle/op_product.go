package paddle

import (
	"slices"
	"strings"
	"unicode"
)

// productOf translates an operator that is the product of two values.
func productOf(first, second string) translator {
	return func(o *op) {
		o.output("Out", o.product(o.input(first), o.input(second), false, false))
	}
}

// dot adds the products of the elements of two lists, or of the rows of two matrices.
func dot(o *op) {
	x, y := o.input("X"), o.input("Y")
	_, shape := o.describe(o.target("Out"))
	r := reduction{axes: []int64{-1}, keep: shape != nil && len(shape) == o.rank(x)}
	o.output("Out", o.reduced("ReduceSum", x.dtype, o.calc(x.dtype, "Mul", x.name, y.name), r))
}

// addmm is Beta·Input + Alpha·X·Y.
func addmm(o *op) {
	input, x, y := o.input("Input"), o.input("X"), o.input("Y")
	d := x.dtype
	times := func(v string, attr string) string {
		if factor := o.attrs.float(attr, 1); factor != 1 {
			return o.calc(d, "Mul", v, o.scalar(d, float64(factor)))
		}
		return v
	}
	o.output("Out", o.calc(d, "Add", times(input.name, "Beta"), times(o.product(x, y, false, false), "Alpha")))
}

// einsum multiplies and adds along dimensions that have letters.
func einsum(o *op) {
	all, equation := o.inputs("Operands"), o.attrs.text("equation", "")
	if len(all) == 0 || strings.ContainsFunc(equation, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune(".,-> ", r)
	}) {
		o.fail("equation %q for %d operands", equation, len(all))
		return
	}
	o.output("Out", o.compute("Einsum", all[0].dtype, names(all), attrText("equation", equation)))
}

// kron multiplies each element of X by all of Y.
func kron(o *op) {
	x, y := o.input("X"), o.input("Y")
	rank := max(o.rank(x), o.rank(y))
	if o.err != nil {
		return
	}
	// Both get every dimension twice: x has size 1 in the second, y in the first.
	twice := func(v value, first int64) string {
		if missing := rank - len(v.shape); missing > 0 {
			v.name = o.node("Unsqueeze", []string{v.name, o.integers(span(0, int64(missing))...)})
		}
		var axes []int64
		for i := range int64(rank) {
			axes = append(axes, 2*i+first)
		}
		return o.node("Unsqueeze", []string{v.name, o.integers(axes...)})
	}
	if rank == 0 {
		o.output("Out", o.calc(x.dtype, "Mul", x.name, y.name))
		return
	}
	product := o.calc(x.dtype, "Mul", twice(x, 1), twice(y, 0))
	sizes := o.node("Mul", []string{o.padded(x, rank), o.padded(y, rank)})
	o.output("Out", o.node("Reshape", []string{product, sizes}, attrInt("allowzero", 1)))
}

// padded lists a value's sizes, with ones in front until there are rank.
func (o *op) padded(v value, rank int) string {
	sizes := o.sizesOf(v)
	if missing := rank - len(v.shape); missing > 0 {
		ones := o.integers(slices.Repeat([]int64{1}, missing)...)
		return o.node("Concat", []string{ones, sizes}, attrInt("axis", 0))
	}
	return sizes
}

// multiDot multiplies several matrices, the first and the last of which may be vectors.
func multiDot(o *op) {
	all := o.inputs("X")
	if len(all) < 2 {
		o.fail("input X has %d variables, want 2 or more", len(all))
		return
	}
	product := all[0].name
	for _, x := range all[1:] {
		product = o.calc(x.dtype, "MatMul", product, x.name)
	}
	o.output("Out", product)
}

// cross is the product of vectors in space, which lie along an axis; without one, along
// the first of size 3.
func cross(o *op) {
	const missing = 9
	x, y := o.input("X"), o.input("Y")
	axis := o.attrs.integer("dim", missing)
	if axis == missing {
		axis = int64(slices.Index(x.shape, 3))
	}
	o.axis(axis, o.rank(x))
	turned := func(v value, order ...int64) string {
		return o.node("Gather", []string{v.name, o.integers(order...)}, attrInt("axis", axis))
	}
	first := o.calc(x.dtype, "Mul", turned(x, 1, 2, 0), turned(y, 2, 0, 1))
	second := o.calc(x.dtype, "Mul", turned(x, 2, 0, 1), turned(y, 1, 2, 0))
	o.output("Out", o.calc(x.dtype, "Sub", first, second))
}
