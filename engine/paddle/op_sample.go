package paddle

import (
	"github.com/sampanml/sampan"
)

// sampleOps read images at places that are computed.
var sampleOps = map[string]operator{
	"affine_grid":  {translate: affineGrid, notes: "volumes (5 dimensions) are not supported"},
	"grid_sampler": {translate: gridSampler, notes: "volumes (5 dimensions) are not supported"},
}

// gridSampler reads x, [batch channels height width], at the places of a grid, [batch
// rows columns 2], whose corners are -1 and 1.
func gridSampler(o *op) {
	x, grid := o.input("X"), o.input("Grid")
	if rank := o.rank(x); o.err == nil && rank != 4 {
		o.failCode(sampan.Unimplemented, "shape %v is not supported, want 4 dimensions", x.shape)
	}
	corners := o.attrs.boolean("align_corners", true)
	around := o.attrs.text("padding_mode", "zeros")
	mode := o.attrs.text("mode", "bilinear")
	if around != "zeros" && around != "border" && around != "reflection" {
		o.fail("padding_mode is %q, want zeros, border or reflection", around)
	}
	align := int64(0)
	if corners {
		align = 1
	}
	places := grid.name
	switch mode {
	case "bilinear":
	case "nearest":
		places = o.roundedGrid(x, grid, corners, around == "reflection")
		if around == "reflection" {
			around = "border"
		}
	default:
		o.fail("mode is %q, want bilinear or nearest", mode)
	}
	o.output("Output", o.node("GridSample", []string{x.name, places},
		attrText("mode", mode), attrText("padding_mode", around), attrInt("align_corners", align)))
}

// roundedGrid moves the places of a grid to the nearest elements, as Paddle does it in
// grid_sample_kernel.cc: it reflects before it rounds, and rounds halves away from
// zero. ONNX rounds first, and to even numbers.
func (o *op) roundedGrid(x, grid value, corners, reflected bool) string {
	size := o.gather(o.measureEach(x, 2, 4), o.integers(1, 0))
	size = o.node("Cast", []string{size}, attrInt("to", int64(grid.dtype)))
	one, half := o.scalar(grid.dtype, 1), o.scalar(grid.dtype, 0.5)
	zero, two := o.scalar(grid.dtype, 0), o.scalar(grid.dtype, 2)
	// The elements are at (grid+1)·steps/2 - shift.
	steps, shift := size, half
	if corners {
		steps, shift = o.node("Max", []string{o.node("Sub", []string{size, one}), one}), zero
	}
	factor := o.node("Mul", []string{steps, half})
	place := o.node("Mul", []string{o.node("Add", []string{grid.name, one}), factor})
	if reflected {
		far := o.node("Mul", []string{steps, two})
		place = o.node("Mod", []string{o.node("Abs", []string{place}), far}, attrInt("fmod", 1))
		place = o.node("Min", []string{place, o.node("Sub", []string{far, place})})
	}
	place = o.node("Sub", []string{place, shift})
	above := o.node("Floor", []string{o.node("Add", []string{o.node("Abs", []string{place}), half})})
	place = o.node("Mul", []string{o.node("Sign", []string{place}), above})
	place = o.node("Add", []string{place, shift})
	return o.node("Sub", []string{o.node("Div", []string{place, factor}), one})
}

// affineGrid makes a grid of [batch rows columns 2] places, each of which theta, [batch
// 2 3], has moved. Without align_corners the outermost places are half a step inside.
func affineGrid(o *op) {
	theta := o.input("Theta")
	if theta.shape != nil && (len(theta.shape) != 3 || theta.shape[1] == 3) {
		o.failCode(sampan.Unimplemented, "theta of shape %v is not supported, want [batch 2 3]", theta.shape)
	}
	var size string
	if tensor, given := o.optional("OutputShape"); given {
		size = o.cast(tensor, sampan.Int64)
	} else {
		size = o.integers(o.each("output_shape", 4, 0, 1)...)
	}
	corners := o.attrs.boolean("align_corners", true)
	rows, columns := o.part(size, 2, 3), o.part(size, 3, 4)
	both := o.node("Concat", []string{rows, columns}, attrInt("axis", 0))
	y := o.node("Unsqueeze", []string{o.spaced(rows, theta.dtype, corners), o.integers(1)})
	places := []string{
		o.node("Expand", []string{o.spaced(columns, theta.dtype, corners), both}),
		o.node("Expand", []string{y, both}),
		o.node("Expand", []string{o.scalar(theta.dtype, 1), both}),
	}
	for i, p := range places {
		places[i] = o.node("Reshape", []string{p, o.integers(1, -1)})
	}
	moved := o.node("MatMul", []string{theta.name, o.node("Concat", places, attrInt("axis", 0))})
	list := o.node("Transpose", []string{moved}, attrInts("perm", []int64{0, 2, 1}))
	shape := o.node("Concat", []string{o.integers(0), both, o.integers(2)}, attrInt("axis", 0))
	o.output("Output", o.node("Reshape", []string{list, shape}))
}

// spaced lists n places from -1 to 1. N is [1].
func (o *op) spaced(n string, dtype sampan.DType, corners bool) string {
	toType := attrInt("to", int64(dtype))
	number, count := o.node("Cast", []string{o.count(n)}, toType), o.node("Cast", []string{n}, toType)
	one, two := o.scalar(dtype, 1), o.scalar(dtype, 2)
	if corners {
		step := o.node("Div", []string{two, o.node("Sub", []string{count, one})})
		return o.node("Sub", []string{o.node("Mul", []string{number, step}), one})
	}
	// The first place is (1-n)/n.
	first := o.node("Div", []string{o.node("Sub", []string{one, count}), count})
	return o.node("Add", []string{first, o.node("Mul", []string{number, o.node("Div", []string{two, count})})})
}
