package paddle

import (
	"github.com/sampanml/sampan"
)

// im2sequence makes a sequence of each picture of X, [pictures channels height width]:
// a row for each place of a window, line by line, with the window's elements.
func im2sequence(o *op) {
	x := o.input("X")
	kernels, strides := o.attrs.integers("kernels", nil), o.attrs.integers("strides", []int64{1, 1})
	pads := o.attrs.integers("paddings", []int64{0, 0, 0, 0})
	if _, given := o.optional("Y"); given {
		o.failCode(sampan.Unimplemented, "pictures of several sizes (Y) are not supported")
	}
	if len(kernels) != 2 || len(strides) != 2 || len(pads) != 4 {
		o.fail("kernels %v, strides %v and paddings %v, want 2, 2 and 4 numbers", kernels, strides, pads)
		return
	}
	for _, n := range append(kernels[:2:2], strides...) {
		if n < 1 {
			o.fail("kernels %v and strides %v, want 1 or more", kernels, strides)
			return
		}
	}
	up, left, down, right := pads[0], pads[1], pads[2], pads[3]
	padded := o.node("Pad", []string{x.name, o.integers(0, 0, up, left, 0, 0, down, right)})
	rows := o.places(padded, 2, kernels[0], strides[0])
	columns := o.places(padded, 3, kernels[1], strides[1])
	// [pictures channels lines height width'] and [… places width], by and by.
	windows := o.node("Gather", []string{padded, rows}, attrInt("axis", 2))
	windows = o.node("Gather", []string{windows, columns}, attrInt("axis", 4))
	windows = o.node("Transpose", []string{windows}, attrInts("perm", []int64{0, 2, 4, 1, 3, 5}))
	channels := o.node("Shape", []string{x.name}, attrInt("start", 1), attrInt("end", 2))
	width := o.node("Mul", []string{channels, o.integers(kernels[0] * kernels[1])})
	o.output("Out", o.node("Reshape", []string{
		windows, o.node("Concat", []string{o.integers(-1), width}, attrInt("axis", 0)),
	}))
	size := func(list string) string { return o.node("Shape", []string{list}, attrInt("end", 1)) }
	pictures := o.node("Add", []string{size(x.name), o.integers(1)})
	o.setLoD("Out", o.node("Mul", []string{o.count(pictures), o.node("Mul", []string{size(rows), size(columns)})}))
}

// places gives the indexes along an axis that the windows cover, [windows kernel].
func (o *op) places(x string, axis, kernel, stride int64) string {
	size := o.node("Shape", []string{x}, attrInt("start", axis), attrInt("end", axis+1))
	last := o.node("Div", []string{o.node("Sub", []string{size, o.integers(kernel)}), o.integers(stride)})
	starts := o.node("Mul", []string{o.count(o.node("Add", []string{last, o.integers(1)})), o.integer(stride)})
	return o.node("Add", []string{o.node("Unsqueeze", []string{starts, o.integers(1)}), o.count(o.integers(kernel))})
}
