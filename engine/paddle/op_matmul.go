package paddle

import (
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
