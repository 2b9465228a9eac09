package paddle

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sampanml/sampan"
)

// matmulOps are products of vectors and matrices.
var matmulOps = map[string]operator{
	"addmm":     {translate: addmm},
	"bmm":       {translate: productOf("X", "Y")},
	"cross":     {translate: cross},
	"dot":       {translate: dot},
	"einsum":    {translate: einsum},
	"fc":        {translate: fullyConnected, notes: "padding_weights is not supported"},
	"kron":      {translate: kron},
	"matmul":    {translate: matmul, notes: "head_number, transposed vectors and batches of different sizes are not supported"},
	"matmul_v2": {translate: matmulV2},
	"mul":       {translate: mul},
	"multi_dot": {translate: multiDot},
	"mv":        {translate: productOf("X", "Vec")},
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
		return o.calc(x.dtype, "MatMul", a, b)
	}
	if len(x.shape) == 1 {
		result := o.calc(x.dtype, "MatMul", a, b)
		// The product of two vectors has one dimension before Paddle 2.5, none since.
		if _, shape := o.describe(o.target("Out")); len(shape) == 1 {
			result = o.node("Reshape", []string{result, o.integers(1)})
		}
		return result
	}
	// As a matrix of one column, since onnxruntime (1.28 and 1.32 at least) fuses a
	// Transpose of the first operand with the product and then gets vectors wrong.
	column := o.node("Unsqueeze", []string{b, o.integers(1)})
	return o.node("Squeeze", []string{o.calc(x.dtype, "MatMul", a, column), o.integers(-1)})
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
	o.output("Out", o.flatProduct(x, y, o.columnDims(x, "x_num_col_dims"), o.columnDims(y, "y_num_col_dims")))
}

func (o *op) flatProduct(x, y value, rows, inner int) string {
	rx, ry := o.rank(x), o.rank(y)
	if o.err != nil {
		return ""
	}
	if rows == rx-1 && inner == 1 && ry == 2 {
		return o.calc(x.dtype, "MatMul", x.name, y.name)
	}
	result := o.calc(x.dtype, "MatMul", o.matrix(x, rows), o.matrix(y, inner))
	if rows > 1 || ry-inner > 1 {
		result = o.reshaped(result, append(sizes(x, 0, rows), sizes(y, inner, ry)...))
	}
	return result
}

// fullyConnected is mul, a bias and perhaps relu, as Paddle's own optimiser writes it.
func fullyConnected(o *op) {
	x, w := o.input("Input"), o.input("W")
	if o.attrs.boolean("padding_weights", false) {
		o.failCode(sampan.Unimplemented, "padding_weights is not supported")
	}
	result := o.flatProduct(x, w, o.columnDims(x, "in_num_col_dims"), 1)
	if bias, given := o.optional("Bias"); given {
		list := o.node("Reshape", []string{bias.name, o.integers(-1)})
		result = o.calc(x.dtype, "Add", result, list)
	}
	switch how := o.attrs.text("activation_type", ""); how {
	case "":
	case "relu":
		result = o.calc(x.dtype, "Relu", result)
	default:
		o.failCode(sampan.Unimplemented, "activation_type %q is not supported", how)
	}
	o.output("Out", result)
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
		var axes []int64
		missing := rank - len(v.shape)
		for i := range int64(missing) {
			axes = append(axes, i)
		}
		if missing > 0 {
			v.name = o.node("Unsqueeze", []string{v.name, o.integers(axes...)})
		}
		axes = nil
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
