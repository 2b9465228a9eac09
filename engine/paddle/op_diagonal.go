package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// diagonalOps read and write the diagonals of matrices.
var diagonalOps = map[string]operator{
	"diag_embed": {translate: diagEmbed},
	"diag_v2":    {translate: diag},
	"diagonal":   {translate: diagonal},
	"trace":      {translate: trace},
	"tril_triu":  {translate: trilTriu},
}

// trilTriu keeps what is on one side of a diagonal and makes the rest zero.
func trilTriu(o *op) {
	x, upper := o.input("X"), flag(!o.attrs.boolean("lower", false))
	as := computedAs("Trilu", x.dtype)
	inputs := []string{o.convert(x.name, x.dtype, as), o.integer(o.attrs.integer("diagonal", 0))}
	o.output("Out", o.convert(o.node("Trilu", inputs, attrInt("upper", upper)), as, x.dtype))
}

// diagonal takes the diagonals of the matrices in two dimensions; they become the last
// dimension.
func diagonal(o *op) {
	x := o.input("Input")
	o.output("Out", o.diagonals(x, o.attrs.integer("axis1", 0), o.attrs.integer("axis2", 1)))
}

// trace adds the elements of each diagonal.
func trace(o *op) {
	x := o.input("Input")
	list := o.diagonals(x, o.attrs.integer("axis1", 0), o.attrs.integer("axis2", 1))
	total := o.reduced("ReduceSum", x.dtype, list, reduction{axes: []int64{-1}})
	if len(x.shape) == 2 {
		total = o.number(total)
	}
	o.output("Out", total)
}

// diagonals takes diagonals, offset above the main one.
func (o *op) diagonals(x value, axis1, axis2 int64) string {
	offset, rank := o.attrs.integer("offset", 0), o.rank(x)
	first, second := o.axis(axis1, rank), o.axis(axis2, rank)
	if o.err == nil && first == second {
		o.fail("axis1 and axis2 are both %d", first)
	}
	if o.err != nil {
		return ""
	}
	perm := make([]int64, 0, rank)
	for i := range rank {
		if i != first && i != second {
			perm = append(perm, int64(i))
		}
	}
	perm = append(perm, int64(first), int64(second))
	if !slices.IsSorted(perm) {
		x.name = o.node("Transpose", []string{x.name}, attrInts("perm", perm))
	}
	x.shape = reordered(x.shape, perm)
	rows, columns := o.dim(x, rank-2), o.dim(x, rank-1)
	// The matrices' elements in a row; the diagonal is every element that is one row
	// and one column from the one before.
	kept := slices.Repeat([]int64{0}, rank-1)
	kept[rank-2] = -1
	flat := o.node("Reshape", []string{x.name, o.integers(kept...)})
	down, right := max(-offset, 0), max(offset, 0)
	length := o.node("Min", []string{
		o.node("Sub", []string{rows, o.integers(down)}),
		o.node("Sub", []string{columns, o.integers(right)}),
	})
	length = o.node("Max", []string{length, o.integers(0)})
	step := o.node("Add", []string{columns, o.integers(1)})
	start := o.node("Add", []string{o.node("Mul", []string{columns, o.integers(down)}), o.integers(right)})
	places := o.node("Add", []string{o.node("Mul", []string{o.count(length), step}), start})
	return o.node("Gather", []string{flat, places}, attrInt("axis", int64(rank-2)))
}

// reordered is a shape whose dimensions are in another order.
func reordered(shape sampan.Shape, perm []int64) sampan.Shape {
	out := make(sampan.Shape, len(perm))
	for i, p := range perm {
		out[i] = shape[p]
	}
	return out
}

// diag takes the diagonal of a matrix, or makes a matrix of its diagonal.
func diag(o *op) {
	x := o.input("X")
	switch o.rank(x) {
	case 2:
		o.output("Out", o.diagonals(x, 0, 1))
	case 1:
		padding := o.scalar(x.dtype, float64(o.attrs.float("padding_value", 0)))
		o.output("Out", o.diagonalMatrices(x, padding))
	default:
		o.fail("shape %v, want a list or a matrix", x.shape)
	}
}

// diagEmbed makes matrices of the lists in the last dimension, which become their
// diagonals.
func diagEmbed(o *op) {
	x := o.input("Input")
	rank := o.rank(x) + 1
	first, second := o.axis(o.attrs.integer("dim1", -2), rank), o.axis(o.attrs.integer("dim2", -1), rank)
	if o.err == nil && first == second {
		o.fail("dim1 and dim2 are both %d", first)
	}
	if o.err != nil {
		return
	}
	result := o.diagonalMatrices(x, o.scalar(x.dtype, 0))
	perm := make([]int64, rank)
	next := int64(0)
	for i := range perm {
		switch i {
		case first:
			perm[i] = int64(rank - 2)
		case second:
			perm[i] = int64(rank - 1)
		default:
			perm[i] = next
			next++
		}
	}
	if !slices.IsSorted(perm) {
		result = o.node("Transpose", []string{result}, attrInts("perm", perm))
	}
	o.output("Out", result)
}

// diagonalMatrices makes matrices with the lists in x's last dimension on the diagonal
// that is offset above the main one, and padding elsewhere.
func (o *op) diagonalMatrices(x value, padding string) string {
	offset, d := o.attrs.integer("offset", 0), x.dtype
	wide := max(offset, -offset)
	size := o.node("Add", []string{o.dim(x, o.axis(-1, len(x.shape))), o.integers(wide)})
	places := o.count(size)
	column := o.node("Unsqueeze", []string{places, o.integers(1)})
	on := o.node("Equal", []string{o.node("Add", []string{column, o.integer(offset)}), places})
	// The list goes down the rows or, below the main diagonal, along the columns.
	pads := make([]int64, 2*len(x.shape))
	pads[len(pads)-1] = wide
	as := computedAs("Pad", d)
	padded := o.convert(o.node("Pad", []string{o.convert(x.name, d, as), o.integers(pads...)}), as, d)
	along := int64(-1)
	if offset < 0 {
		along = -2
	}
	return o.where(d, on, o.node("Unsqueeze", []string{padded, o.integers(along)}), padding)
}
