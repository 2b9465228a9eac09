package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// shapeOps give values other shapes and tell them.
var shapeOps = map[string]operator{
	"flatten":                  {translate: flatten},
	"flatten2":                 {translate: flatten},
	"flatten_contiguous_range": {translate: flattenRange},
	"reshape":                  {translate: reshape},
	"reshape2":                 {translate: reshape},
	"shape":                    {translate: shapeOf},
	"size":                     {translate: sizeOf},
	"squeeze":                  {translate: squeeze},
	"squeeze2":                 {translate: squeeze},
	"unsqueeze":                {translate: unsqueeze},
	"unsqueeze2":               {translate: unsqueeze},
}

// list returns a list of integers, int64, as a value of the graph. It comes, in this
// order, as numbers in tensors, as one tensor, or as an attribute.
func (o *op) list(parts, tensor, attr string) string {
	if all := o.inputs(parts); len(all) > 0 {
		var list []string
		for _, p := range all {
			list = append(list, o.node("Reshape", []string{o.cast(p, sampan.Int64), o.integers(1)}))
		}
		return o.node("Concat", list, attrInt("axis", 0))
	}
	if v, given := o.optional(tensor); given {
		list := o.cast(v, sampan.Int64)
		if v.shape == nil || len(v.shape) != 1 {
			list = o.node("Reshape", []string{list, o.integers(-1)})
		}
		return list
	}
	return o.integers(o.attrs.list(attr)...)
}

// length returns how many integers a list has, which has to be known.
func (o *op) length(list, parts, tensor string) int {
	if k, ok := o.known(list); ok {
		return len(k.values)
	}
	if n := len(o.inputs(parts)); n > 0 {
		return n
	}
	if v, given := o.optional(tensor); given && len(v.shape) == 1 && v.shape[0] >= 0 {
		return int(v.shape[0])
	}
	o.failCode(sampan.Unimplemented, "input %s has a length that is computed", tensor)
	return 0
}

// dim is one of a value's sizes, [1].
func (o *op) dim(v value, axis int) string {
	if o.err != nil {
		return ""
	}
	if d := v.shape[axis]; d >= 0 {
		return o.integers(d)
	}
	return o.measure(merged(v, axis, axis+1))
}

// shapeOf lists the sizes, as int32.
func shapeOf(o *op) {
	x := o.input("Input")
	o.output("Out", o.convert(o.sizesOf(x), sampan.Int64, sampan.Int32))
}

// sizesOf lists a value's sizes, int64.
func (o *op) sizesOf(x value) string {
	if x.shape != nil && !slices.ContainsFunc(x.shape, func(d int64) bool { return d < 0 }) {
		return o.integers(x.shape...)
	}
	return o.node("Shape", []string{x.name})
}

// sizeOf counts the elements.
func sizeOf(o *op) {
	o.output("Out", o.number(o.node("Size", []string{o.input("Input").name})))
}

// reshape translates reshape2: in the new shape 0 is a size that is kept and -1 the
// one that is left, as in ONNX.
func reshape(o *op) {
	x := o.input("X")
	o.output("Out", o.node("Reshape", []string{x.name, o.list("ShapeTensor", "Shape", "shape")}))
}

// flatten makes a matrix whose rows are the dimensions before an axis.
func flatten(o *op) {
	o.output("Out", o.node("Flatten", []string{o.input("X").name}, attrInt("axis", o.attrs.integer("axis", 1))))
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

// squeeze leaves out dimensions: those named that have size 1, or all that are known
// to have it.
func squeeze(o *op) {
	x, axes := o.input("X"), o.attrs.integers("axes", nil)
	rank := o.rank(x)
	var out []int64
	for _, a := range axes {
		at := o.axis(a, max(rank, 1))
		if o.err == nil && rank > 0 && (x.shape[at] == 1 || x.shape[at] < 0) && !slices.Contains(out, int64(at)) {
			out = append(out, int64(at))
		}
	}
	for i := 0; len(axes) == 0 && i < rank; i++ {
		if x.shape[i] == 1 {
			out = append(out, int64(i))
		}
	}
	if len(out) == 0 {
		o.output("Out", x.name)
		return
	}
	result := o.node("Squeeze", []string{x.name, o.integers(out...)})
	if len(out) == rank {
		result = o.number(result)
	}
	o.output("Out", result)
}

// unsqueeze adds dimensions of size 1, one after the other: each axis counts those that
// are there when its turn comes.
func unsqueeze(o *op) {
	x, list := o.input("X"), o.list("AxesTensorList", "AxesTensor", "axes")
	axes, ok := o.known(list)
	if !ok {
		o.failCode(sampan.Unimplemented, "axes that are computed are not supported")
	}
	if len(axes.values) == 0 {
		o.output("Out", x.name)
		return
	}
	if len(axes.values) > 1 {
		axes.values = o.inserted(axes.values, o.rank(x))
	}
	o.output("Out", o.node("Unsqueeze", []string{x.name, o.integers(axes.values...)}))
}

// inserted returns where dimensions are in the end that are inserted one by one.
func (o *op) inserted(axes []int64, rank int) []int64 {
	isNew := make([]bool, rank)
	for _, a := range axes {
		at := o.axis(a, len(isNew)+1)
		isNew = slices.Insert(isNew, at, true)
	}
	var out []int64
	for i, yes := range isNew {
		if yes {
			out = append(out, int64(i))
		}
	}
	return out
}
