package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

var shapeOps = map[string]operator{
	"concat":                   {translate: concat},
	"flatten_contiguous_range": {translate: flattenRange},
	"reshape2":                 {translate: reshape},
	"transpose2":               {translate: transpose},
}

// reshape translates reshape2: in the new shape 0 is a size that is kept and -1 the
// one that is left, as in ONNX. The shape comes, in this order, as a list of numbers
// in tensors, as one tensor, or as an attribute.
func reshape(o *op) {
	x := o.input("X")
	parts := o.inputs("ShapeTensor")
	whole, given := o.optional("Shape")
	var shape string
	switch {
	case len(parts) > 0:
		var list []string
		for _, p := range parts {
			list = append(list, o.node("Reshape", []string{o.cast(p, sampan.Int64), o.integers(1)}))
		}
		shape = o.node("Concat", list, attrInt("axis", 0))
	case given:
		shape = o.cast(whole, sampan.Int64)
	default:
		shape = o.integers(o.attrs.integers("shape", nil)...)
	}
	o.output("Out", o.node("Reshape", []string{x.name, shape}))
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

// flattenRange translates flatten_contiguous_range: the dimensions from start_axis to
// stop_axis become one.
func flattenRange(o *op) {
	x := o.input("X")
	start, stop := o.attrs.integer("start_axis", 1), o.attrs.integer("stop_axis", 1)
	rank := o.rank(x)
	if o.err == nil && rank == 0 {
		o.output("Out", o.node("Reshape", []string{x.name, o.integers(1)}))
		return
	}
	from, to := o.axis(start, rank), o.axis(stop, rank)
	if from > to {
		o.fail("start_axis %d is after stop_axis %d", start, stop)
	}
	if o.err != nil {
		return
	}
	if from == to {
		o.output("Out", x.name)
		return
	}
	shape := append(sizes(x, 0, from), merged(x, from, to+1))
	o.output("Out", o.reshaped(x.name, append(shape, sizes(x, to+1, rank)...)))
}

// concat translates concat.
func concat(o *op) {
	all, axis := o.inputs("X"), o.attrs.integer("axis", 0)
	if len(all) == 0 {
		o.fail("input X has no variables")
	}
	if _, given := o.optional("AxisTensor"); given {
		o.failCode(sampan.Unimplemented, "an axis in a tensor is not supported")
	}
	o.output("Out", o.node("Concat", names(all), attrInt("axis", axis)))
}
