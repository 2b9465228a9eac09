package paddle

// diagonalOf takes the elements on a diagonal of two axes, as the last dimension.
func diagonalOf(o *op) { o.output("Out", o.onDiagonal(o.input("Input"))) }

// trace is the sum of a diagonal.
func trace(o *op) {
	x := o.input("Input")
	y := o.as("ReduceSum", x)
	sum := o.node("ReduceSum", []string{o.onDiagonal(y), o.integers(-1)}, attrInt("keepdims", 0))
	o.lowered("Out", o.convert(sum, y.dtype, x.dtype))
}

// onDiagonal takes the elements whose places on axis1 and axis2 differ by offset.
func (o *op) onDiagonal(x value) string {
	rank := o.rank(x)
	first, second := o.axis(o.attrs.integer("axis1", 0), rank), o.axis(o.attrs.integer("axis2", 1), rank)
	if first == second {
		o.fail("axis1 and axis2 are both %d", first)
	}
	if o.err != nil {
		return ""
	}
	var perm []int64
	for i := range rank {
		if i != first && i != second {
			perm = append(perm, int64(i))
		}
	}
	perm = append(perm, int64(first), int64(second))
	moved := o.node("Transpose", []string{x.name}, attrInts("perm", perm))
	flat := o.node("Shape", []string{moved}, attrInt("end", int64(rank-2)))
	flat = o.node("Reshape", []string{moved, o.node("Concat", []string{flat, o.integers(-1)}, attrInt("axis", 0))})
	rows, columns := o.measure(merged(x, first, first+1)), o.measure(merged(x, second, second+1))
	return o.node("Gather", []string{flat, o.diagonalPlaces(rows, columns)}, attrInt("axis", int64(rank-2)))
}

// diagonalPlaces lists the places of a diagonal in the elements of a matrix.
func (o *op) diagonalPlaces(rows, columns string) string {
	offset := o.attrs.integer("offset", 0)
	down, right := max(0, -offset), max(0, offset)
	length := o.two("Min", o.two("Sub", rows, o.integers(down)), o.two("Sub", columns, o.integers(right)))
	length = o.two("Max", length, o.integers(0))
	step := o.two("Add", columns, o.integers(1))
	start := o.two("Add", o.two("Mul", columns, o.integers(down)), o.integers(right))
	return o.two("Add", o.two("Mul", o.count(length), step), start)
}

// diag makes a matrix with a list on a diagonal and padding_value elsewhere, or takes
// the diagonal of a matrix.
func diag(o *op) {
	x := o.input("X")
	switch o.rank(x) {
	case 2:
		flat := o.node("Reshape", []string{x.name, o.integers(-1)})
		o.output("Out", o.node("Gather", []string{flat, o.diagonalPlaces(o.measure(merged(x, 0, 1)), o.measure(merged(x, 1, 2)))}))
	case 1:
		offset := o.attrs.integer("offset", 0)
		side := o.two("Add", o.measure(merged(x, 0, 1)), o.integers(max(offset, -offset)))
		area := o.two("Mul", side, side)
		empty := o.node("Expand", []string{o.scalar(x.dtype, float64(o.attrs.float("padding_value", 0))), area})
		all := o.node("ScatterElements", []string{empty, o.diagonalPlaces(side, side), x.name}, attrInt("axis", 0))
		o.output("Out", o.node("Reshape", []string{all, o.node("Concat", []string{side, side}, attrInt("axis", 0))}))
	default:
		o.fail("shape %v, want 1 or 2 dimensions", x.shape)
	}
}

// triangle keeps the elements on and below a diagonal, or on and above it.
func triangle(o *op) {
	x := o.input("X")
	y := o.as("Trilu", x)
	result := o.node("Trilu", []string{y.name, o.integer(o.attrs.integer("diagonal", 0))}, attrInt("upper", flag(!o.attrs.boolean("lower", true))))
	o.output("Out", o.convert(result, y.dtype, x.dtype))
}
