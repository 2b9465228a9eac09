package paddle

import (
	"github.com/sampanml/sampan"
)

var matmulOps = map[string]operator{
	"addmm":     {translate: addMatmul},
	"bmm":       {translate: plainMatmul("X", "Y")},
	"dot":       {translate: dot},
	"einsum":    {translate: einsum},
	"kron":      {translate: kron},
	"mv":        {translate: plainMatmul("X", "Vec")},
	"matmul":    {translate: matmul},
	"matmul_v2": {translate: matmulV2},
	"mul":       {translate: mul},
}

// matmulV2 translates numpy's matmul, with transposed operands. Vectors are never
// transposed.
func matmulV2(o *op) {
	x, y := o.input("X"), o.input("Y")
	flipX, flipY := o.attrs.boolean("trans_x", false), o.attrs.boolean("trans_y", false)
	o.output("Out", o.product(x, y, flipX, flipY))
}

// matmul translates the first version, which has a factor and stricter shapes.
func matmul(o *op) {
	x, y := o.input("X"), o.input("Y")
	flipX, flipY := o.attrs.boolean("transpose_X", false), o.attrs.boolean("transpose_Y", false)
	if heads := o.attrs.integer("head_number", 1); heads != 1 {
		o.failCode(sampan.Unimplemented, "head_number %d is not supported", heads)
	}
	rx, ry := o.rank(x), o.rank(y)
	if flipX && rx == 1 || flipY && ry == 1 {
		o.failCode(sampan.Unimplemented, "a transposed vector is not supported")
	}
	if rx > 2 && ry > 2 && (rx != ry || !compatible(x.shape[:rx-2], y.shape[:ry-2])) {
		o.failCode(sampan.Unimplemented, "batches of shapes %v and %v are not supported", x.shape, y.shape)
	}
	result := o.product(x, y, flipX, flipY)
	if alpha := o.attrs.float("alpha", 1); alpha != 1 {
		result = o.node("Mul", []string{result, o.scalar(x.dtype, float64(alpha))})
	}
	o.output("Out", result)
}

// product multiplies x and y, each transposed first if so said.
func (o *op) product(x, y value, flipX, flipY bool) string {
	a, b := o.transposed(x, flipX), o.transposed(y, flipY)
	if len(y.shape) != 1 {
		return o.node("MatMul", []string{a, b})
	}
	if len(x.shape) == 1 {
		result := o.node("MatMul", []string{a, b})
		// The product of two vectors has one dimension before Paddle 2.5, none since.
		if _, shape := o.describe(o.target("Out")); len(shape) == 1 {
			result = o.node("Reshape", []string{result, o.integers(1)})
		}
		return result
	}
	// As a matrix of one column, since onnxruntime (1.28 and 1.32 at least) fuses a
	// Transpose of the first operand with the product and then gets vectors wrong.
	column := o.node("Unsqueeze", []string{b, o.integers(1)})
	return o.node("Squeeze", []string{o.node("MatMul", []string{a, column}), o.integers(-1)})
}

// transposed swaps the last two dimensions.
func (o *op) transposed(v value, yes bool) string {
	if !yes {
		return v.name
	}
	rank := o.rank(v)
	if rank < 2 {
		return v.name
	}
	perm := make([]int64, rank)
	for i := range perm {
		perm[i] = int64(i)
	}
	perm[rank-2], perm[rank-1] = perm[rank-1], perm[rank-2]
	return o.node("Transpose", []string{v.name}, attrInts("perm", perm))
}

// mul translates the product of two matrices: x, whose first x_num_col_dims
// dimensions become the rows and the others the columns, and y likewise. The result
// has the dimensions of x's rows and of y's columns.
func mul(o *op) {
	x, y := o.input("X"), o.input("Y")
	rx, ry := o.rank(x), o.rank(y)
	rows := o.columnDims(x, "x_num_col_dims")
	inner := o.columnDims(y, "y_num_col_dims")
	if o.err != nil {
		return
	}
	if rows == rx-1 && inner == 1 && ry == 2 {
		o.output("Out", o.node("MatMul", []string{x.name, y.name}))
		return
	}
	result := o.node("MatMul", []string{o.matrix(x, rows), o.matrix(y, inner)})
	if rows > 1 || ry-inner > 1 {
		result = o.reshaped(result, append(sizes(x, 0, rows), sizes(y, inner, ry)...))
	}
	o.output("Out", result)
}

// columnDims reads the number of dimensions that are a matrix's rows.
func (o *op) columnDims(v value, attr string) int {
	n := o.attrs.integer(attr, 1)
	if n < 1 || n >= int64(len(v.shape)) {
		o.fail("%s is %d for shape %v", attr, n, v.shape)
		return 0
	}
	return int(n)
}

// matrix makes a matrix whose rows are the first dimensions of v.
func (o *op) matrix(v value, rows int) string {
	if rows == 1 && len(v.shape) == 2 {
		return v.name
	}
	return o.node("Flatten", []string{v.name}, attrInt("axis", int64(rows)))
}

// plainMatmul translates a product that is numpy's matmul of two inputs.
func plainMatmul(a, b string) translator {
	return func(o *op) { o.output("Out", o.product(o.input(a), o.input(b), false, false)) }
}

// addMatmul is Beta·Input + Alpha·X·Y.
func addMatmul(o *op) {
	base, x, y := o.input("Input"), o.input("X"), o.input("Y")
	alpha, beta := float64(o.attrs.float("Alpha", 1)), float64(o.attrs.float("Beta", 1))
	product := o.two("Mul", o.two("MatMul", x.name, y.name), o.scalar(x.dtype, alpha))
	o.output("Out", o.two("Add", o.two("Mul", base.name, o.scalar(base.dtype, beta)), product))
}

// dot is the sum of products along the last dimension, which matrices keep before
// Paddle 2.5.
func dot(o *op) {
	x, y := o.input("X"), o.input("Y")
	products := o.two("Mul", x.name, y.name)
	_, declared := o.describe(o.target("Out"))
	keep := len(declared) == o.rank(x) && len(declared) > 0
	o.output("Out", o.node("ReduceSum", []string{products, o.integers(-1)}, attrInt("keepdims", flag(keep))))
}

// einsum translates Einstein's notation, which ONNX has too.
func einsum(o *op) {
	o.output("Out", o.node("Einsum", names(o.inputs("Operands")), attrText("equation", o.attrs.text("equation", ""))))
}

// kron multiplies each element of X with the whole of Y.
func kron(o *op) {
	x, y := o.input("X"), o.input("Y")
	rank := max(o.rank(x), o.rank(y))
	// [a b] and [c d] become [a 1 b 1] and [1 c 1 d], and their product [a·c b·d].
	spread := func(v value, first bool) string {
		name := v.name
		if missing := rank - len(v.shape); missing > 0 {
			name = o.node("Unsqueeze", []string{name, o.integers(span(0, int64(missing))...)})
		}
		var axes []int64
		for i := range int64(rank) {
			axes = append(axes, 2*i+flag(first))
		}
		return o.node("Unsqueeze", []string{name, o.integers(axes...)})
	}
	products := o.two("Mul", spread(x, true), spread(y, false))
	pairs := o.node("Reshape", []string{o.node("Shape", []string{products}), o.integers(int64(rank), 2)})
	shape := o.node("ReduceProd", []string{pairs}, attrInts("axes", []int64{1}), attrInt("keepdims", 0))
	o.output("Out", o.node("Reshape", []string{products, shape}))
}
