package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// orderOps bring elements into another order.
var orderOps = map[string]operator{
	"flip":       {translate: flip},
	"reverse":    {translate: flip},
	"roll":       {translate: roll},
	"transpose":  {translate: transpose},
	"transpose2": {translate: transpose},
}

// transpose translates transpose2. One that moves nothing becomes no Transpose:
// onnxruntime folds any that it finds before a product into it, as if it swapped.
func transpose(o *op) {
	x, perm := o.input("X"), o.attrs.integers("axis", nil)
	seen := make([]bool, len(perm))
	for i, p := range perm {
		at := o.axis(p, len(perm))
		if o.err != nil {
			return
		}
		if seen[at] {
			o.fail("axis %v names %d twice", perm, p)
			return
		}
		seen[at] = true
		perm = slices.Clone(perm)
		perm[i] = int64(at)
	}
	if x.shape != nil && len(x.shape) != len(perm) {
		o.fail("axis %v for shape %v", perm, x.shape)
	}
	if slices.IsSorted(perm) {
		o.output("Out", x.name)
		return
	}
	o.output("Out", o.node("Transpose", []string{x.name}, attrInts("perm", perm)))
}

// flip turns axes around.
func flip(o *op) {
	x, axes := o.input("X"), o.attrs.list("axis")
	if len(axes) == 0 {
		o.output("Out", x.name)
		return
	}
	all := func(v int64) string { return o.integers(slices.Repeat([]int64{v}, len(axes))...) }
	o.output("Out", o.node("Slice", []string{x.name, all(-1), all(-toEnd), o.integers(axes...), all(-1)}))
}

// roll moves elements along axes and those that leave one end to the other. Without
// axes it does so along all elements.
func roll(o *op) {
	x, axes := o.input("X"), o.attrs.list("axis")
	shifts := o.list("", "ShiftsTensor", "shifts")
	n := o.length(shifts, "", "ShiftsTensor")
	if len(axes) == 0 {
		flat := value{name: o.node("Reshape", []string{x.name, o.integers(-1)}), shape: sampan.Shape{-1}}
		o.output("Out", o.node("Reshape", []string{o.rolled(flat, 0, shifts), o.sizesOf(x)}))
		return
	}
	if len(axes) != n {
		o.fail("%d shifts for axes %v", n, axes)
	}
	rank := o.rank(x)
	for i, a := range axes {
		shift := o.node("Gather", []string{shifts, o.integers(int64(i))}, attrInt("axis", 0))
		x.name = o.rolled(x, o.axis(a, rank), shift)
	}
	o.output("Out", x.name)
}

// rolled moves elements along one axis by a shift, [1].
func (o *op) rolled(x value, axis int, shift string) string {
	size := o.dim(x, axis)
	from := o.node("Sub", []string{o.count(size), shift})
	return o.node("Gather", []string{x.name, o.node("Mod", []string{from, size})}, attrInt("axis", int64(axis)))
}
