package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// expandOps repeat what values hold.
var expandOps = map[string]operator{
	"expand":            {translate: tile("expand_times_tensor", "ExpandTimes", "expand_times")},
	"expand_as_v2":      {translate: expandAs},
	"expand_v2":         {translate: expand},
	"repeat_interleave": {translate: repeatEach},
	"tile":              {translate: tile("repeat_times_tensor", "RepeatTimes", "repeat_times")},
}

// expanded repeats x along its dimensions of size 1, and in front of them, until it has
// a shape.
func (o *op) expanded(d sampan.DType, x, shape string) string {
	as := computedAs("Expand", d)
	return o.convert(o.node("Expand", []string{o.convert(x, d, as), shape}), as, d)
}

// expand gives x a shape in which -1 stands for a size that is kept. ONNX keeps a size
// where the shape has 1.
func expand(o *op) {
	x := o.input("X")
	shape := o.list("expand_shapes_tensor", "Shape", "shape")
	if k, ok := o.known(shape); ok {
		shape = o.integers(kept(k.values)...)
	} else {
		shape = o.node("Abs", []string{shape})
	}
	o.output("Out", o.expanded(x.dtype, x.name, shape))
}

// kept writes a size that is kept as ONNX does.
func kept(shape []int64) []int64 {
	out := slices.Clone(shape)
	for i, d := range out {
		if d < 0 {
			out[i] = 1
		}
	}
	return out
}

// expandAs gives x the shape of another value, or one in which -1 is a size that is kept.
func expandAs(o *op) {
	x := o.input("X")
	shape := ""
	if y, given := o.optional("Y"); given {
		shape = o.sizesOf(y)
	} else {
		shape = o.integers(kept(o.attrs.integers("target_shape", nil))...)
	}
	o.output("Out", o.expanded(x.dtype, x.name, shape))
}

// tile repeats x as a whole along its dimensions. Where there are more dimensions than
// numbers, or fewer, those that lack at the front are 1.
func tile(parts, tensor, attr string) translator {
	return func(o *op) {
		x, times := o.input("X"), o.list(parts, tensor, attr)
		rank, n := o.rank(x), o.length(times, parts, tensor)
		if missing := rank - n; missing > 0 {
			ones := o.integers(slices.Repeat([]int64{1}, missing)...)
			times = o.node("Concat", []string{ones, times}, attrInt("axis", 0))
		} else if missing < 0 {
			x.name = o.node("Unsqueeze", []string{x.name, o.integers(span(0, int64(-missing))...)})
		}
		as := computedAs("Tile", x.dtype)
		tiled := o.node("Tile", []string{o.convert(x.name, x.dtype, as), times})
		o.output("Out", o.convert(tiled, as, x.dtype))
	}
}

// repeatEach repeats each part along an axis, all as often or each as a tensor says.
func repeatEach(o *op) {
	x := o.input("X")
	axis := o.axis(o.attrs.integer("dim", 0), o.rank(x))
	var from string
	if times, given := o.optional("RepeatsTensor"); given {
		from = o.ids(o.segmentsWith(o.cast(times, sampan.Int64)))
	} else {
		times := o.integers(o.attrs.integer("Repeats", 0))
		from = o.node("Div", []string{o.count(o.node("Mul", []string{o.dim(x, axis), times})), times})
	}
	o.output("Out", o.node("Gather", []string{x.name, from}, attrInt("axis", int64(axis))))
}
