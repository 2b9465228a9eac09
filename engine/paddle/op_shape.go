package paddle

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
)

// shapeOps keep the elements, all or some, and give them another shape or order.
var shapeOps = map[string]operator{
	"concat":                   {translate: concat},
	"expand":                   {translate: expandTimes},
	"expand_as_v2":             {translate: expandAs},
	"expand_v2":                {translate: expandTo},
	"flatten2":                 {translate: flatten},
	"flatten_contiguous_range": {translate: flattenRange},
	"flip":                     {translate: flip},
	"reshape":                  {translate: reshape},
	"reshape2":                 {translate: reshape},
	"reverse":                  {translate: flip},
	"roll":                     {translate: roll},
	"shape":                    {translate: shapeOf},
	"size":                     {translate: sizeOf},
	"split":                    {translate: split},
	"squeeze2":                 {translate: squeeze},
	"stack":                    {translate: stack},
	"tile":                     {translate: tile},
	"transpose":                {translate: transpose},
	"transpose2":               {translate: transpose},
	"unbind":                   {translate: unbind("Out")},
	"unsqueeze2":               {translate: unsqueeze},
	"unstack":                  {translate: unbind("Y")},
}

// integerList is integers that come, in this order, as numbers in tensors, as one tensor, or
// as an attribute. Where they are known at translation, known has them.
type integerList struct {
	name  string
	known []int64
}

// integerList reads a list. parts and whole are inputs, attr is an attribute; empty ones
// do not exist. It reports false where the operator has none of them.
func (o *op) integerList(parts, whole, attr string) (integerList, bool) {
	if parts != "" {
		if all := o.inputs(parts); len(all) > 0 {
			return o.listOf(all), true
		}
	}
	if whole != "" {
		if v, given := o.optional(whole); given {
			if known, ok := o.integersOf(v); ok {
				return integerList{o.integers(known...), known}, true
			}
			name := o.cast(v, sampan.Int64)
			if v.shape != nil && len(v.shape) != 1 {
				name = o.node("Reshape", []string{name, o.integers(-1)})
			}
			return integerList{name: name}, true
		}
	}
	if o.attrs.byName[attr] == nil {
		return integerList{}, false
	}
	known := o.attrs.list(attr)
	return integerList{o.integers(known...), slices.Clip(known)}, true
}

// listOf joins numbers that come one a tensor.
func (o *op) listOf(all []value) integerList {
	var known []int64
	var list []string
	for _, v := range all {
		if n, ok := o.integersOf(v); ok && len(n) == 1 {
			known = append(known, n[0])
		}
		list = append(list, o.node("Reshape", []string{o.cast(v, sampan.Int64), o.integers(1)}))
	}
	if len(known) == len(all) {
		return integerList{o.integers(known...), known}
	}
	return integerList{name: o.node("Concat", list, attrInt("axis", 0))}
}

// must returns the list's numbers, which have to be known.
func (o *op) must(l integerList, what string) []int64 {
	if l.known == nil && l.name != "" {
		o.failCode(sampan.Unimplemented, "%s in a tensor that is computed is not supported", what)
	}
	return l.known
}

// reshape translates reshape2: in the new shape 0 is a size that is kept and -1 the
// one that is left, as in ONNX.
func reshape(o *op) {
	x := o.input("X")
	shape, ok := o.integerList("ShapeTensor", "Shape", "shape")
	if !ok {
		o.fail("there is no shape")
	}
	o.output("Out", o.node("Reshape", []string{x.name, shape.name}))
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

// flatten makes a matrix whose rows are the dimensions before axis.
func flatten(o *op) {
	x := o.input("X")
	o.output("Out", o.node("Flatten", []string{x.name}, attrInt("axis", o.attrs.integer("axis", 1))))
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
	if v, given := o.optional("AxisTensor"); given {
		axis = o.only(v, "the axis")
	}
	o.output("Out", o.node("Concat", names(all), attrInt("axis", axis)))
}

// only returns an integer that comes as a tensor and has to be known.
func (o *op) only(v value, what string) int64 {
	known, ok := o.integersOf(v)
	if !ok {
		o.failCode(sampan.Unimplemented, "%s in a tensor that is computed is not supported", what)
	} else if len(known) != 1 {
		o.fail("%s is %v, want one number", what, known)
	}
	if o.err != nil {
		return 0
	}
	return known[0]
}

// squeeze drops dimensions of size 1: those of axes, of which others are let be, or all.
func squeeze(o *op) {
	x := o.input("X")
	list, _ := o.integerList("AxesTensorList", "AxesTensor", "axes")
	axes := o.must(list, "axes")
	if len(axes) == 0 {
		if x.shape == nil || slices.Contains(x.shape, -1) {
			o.lowered("Out", o.node("Squeeze", []string{x.name}))
			return
		}
		axes = span(0, int64(len(x.shape)))
	}
	var ones []int64
	for _, axis := range axes {
		if at := o.axis(axis, o.rank(x)); o.err == nil && (x.shape[at] == 1 || x.shape[at] < 0) && !slices.Contains(ones, int64(at)) {
			ones = append(ones, int64(at))
		}
	}
	if len(ones) == 0 {
		o.output("Out", x.name)
		return
	}
	o.lowered("Out", o.node("Squeeze", []string{x.name, o.integers(ones...)}))
}

// unsqueeze adds dimensions of size 1, one after the other: each axis counts in the
// shape that those before it have made.
func unsqueeze(o *op) {
	x := o.input("X")
	list, ok := o.integerList("AxesTensorList", "AxesTensor", "axes")
	if !ok {
		o.fail("there are no axes")
	}
	axes, result := o.must(list, "axes"), x.name
	if slices.IsSorted(axes) && len(axes) > 0 && axes[0] >= 0 && len(slices.Compact(slices.Clone(axes))) == len(axes) {
		o.output("Out", o.node("Unsqueeze", []string{x.name, o.integers(axes...)}))
		return
	}
	for _, axis := range axes {
		result = o.node("Unsqueeze", []string{result, o.integers(axis)})
	}
	o.output("Out", result)
}

// stack joins the inputs along a new dimension.
func stack(o *op) {
	axis := o.attrs.integer("axis", 0)
	var parts []string
	for _, x := range o.inputs("X") {
		parts = append(parts, o.node("Unsqueeze", []string{x.name, o.integers(axis)}))
	}
	o.output("Y", o.node("Concat", parts, attrInt("axis", axis)))
}

// unbind takes the parts along an axis, which loses its dimension.
func unbind(parameter string) translator {
	return func(o *op) {
		x, axis := o.input("X"), o.attrs.integer("axis", 0)
		outputs := o.arguments(o.desc.Outputs, parameter)
		for i, variable := range outputs {
			o.bind(variable, o.node("Gather", []string{x.name, o.integer(int64(i))}, attrInt("axis", axis)))
		}
	}
}

// split divides along an axis into equal parts, or into sections, of which one may be
// -1, which is what is left.
func split(o *op) {
	x, axis := o.input("X"), o.attrs.integer("axis", 0)
	if v, given := o.optional("AxisTensor"); given {
		axis = o.only(v, "the axis")
	}
	outputs := o.arguments(o.desc.Outputs, "Out")
	list, _ := o.integerList("SectionsTensorList", "", "sections")
	sections := o.must(list, "sections")
	inputs := []string{x.name}
	if len(sections) > 0 {
		if len(sections) != len(outputs) {
			o.fail("%d sections for %d outputs", len(sections), len(outputs))
		}
		inputs = append(inputs, o.sections(x, axis, sections))
	}
	if len(outputs) == 1 {
		o.output("Out", x.name)
		return
	}
	parts := o.nodeN("Split", len(outputs), inputs, attrInt("axis", axis))
	for i, variable := range outputs {
		o.bind(variable, parts[i])
	}
}

// sections makes the list of sizes, with the one that is -1 computed.
func (o *op) sections(x value, axis int64, sections []int64) string {
	left := slices.Index(sections, -1)
	if left < 0 {
		return o.integers(sections...)
	}
	rest := int64(0)
	for i, n := range sections {
		if i != left {
			rest += n
		}
	}
	at := o.axis(axis, o.rank(x))
	if o.err != nil {
		return ""
	}
	missing := o.two("Sub", o.measure(merged(x, at, at+1)), o.integers(rest))
	return o.node("Concat", []string{o.integers(sections[:left]...), missing, o.integers(sections[left+1:]...)}, attrInt("axis", 0))
}

// expandTimes translates the first version of expand, which is tile.
func expandTimes(o *op) {
	times, ok := o.integerList("expand_times_tensor", "ExpandTimes", "expand_times")
	o.repeated(o.input("X"), times, ok)
}

func tile(o *op) {
	times, ok := o.integerList("repeat_times_tensor", "RepeatTimes", "repeat_times")
	o.repeated(o.input("X"), times, ok)
}

// repeated binds X times over along each dimension. The shorter of X's shape and the
// list is filled up with ones in front.
func (o *op) repeated(x value, times integerList, ok bool) {
	if !ok {
		o.fail("there are no numbers of times")
	}
	known, rank := o.must(times, "a number of times"), o.rank(x)
	if o.err != nil {
		return
	}
	name := x.name
	if missing := len(known) - rank; missing > 0 {
		name = o.node("Unsqueeze", []string{name, o.integers(span(0, int64(missing))...)})
	}
	for range rank - len(known) {
		known = append([]int64{1}, known...)
	}
	o.output("Out", o.node("Tile", []string{name, o.integers(known...)}))
}

// expandTo translates expand_v2: dimensions of size 1 become larger, and -1 lets one be.
func expandTo(o *op) {
	shape, ok := o.integerList("expand_shapes_tensor", "Shape", "shape")
	if !ok {
		o.fail("there is no shape")
	}
	o.output("Out", o.expanded(o.input("X"), shape))
}

// expanded gives x a shape in which -1 stands for x's own size.
func (o *op) expanded(x value, shape integerList) string {
	if shape.known == nil {
		one := o.integers(1)
		own := o.two("Equal", shape.name, o.integers(-1))
		return o.node("Expand", []string{x.name, o.node("Where", []string{own, one, shape.name})})
	}
	known := slices.Clone(shape.known)
	for i := range known {
		// ONNX's Expand keeps the larger of two sizes if one is 1.
		if known[i] < 0 {
			known[i] = 1
		}
	}
	return o.node("Expand", []string{x.name, o.integers(known...)})
}

// expandAs gives X the shape of Y, or without it that of an attribute.
func expandAs(o *op) {
	x := o.input("X")
	if y, given := o.optional("Y"); given {
		o.output("Out", o.node("Expand", []string{x.name, o.node("Shape", []string{y.name})}))
		return
	}
	shape := o.attrs.integers("target_shape", nil)
	o.output("Out", o.expanded(x, integerList{o.integers(shape...), shape}))
}

// flip reverses the order along axes.
func flip(o *op) {
	x, axes := o.input("X"), o.attrs.list("axis")
	n := len(axes)
	o.output("Out", o.node("Slice", []string{x.name,
		o.integers(slices.Repeat([]int64{-1}, n)...), o.integers(slices.Repeat([]int64{math.MinInt64}, n)...),
		o.integers(axes...), o.integers(slices.Repeat([]int64{-1}, n)...)}))
}

// roll moves the elements along axes, those that fall off the end to the beginning; all
// of them in one row where there are no axes.
func roll(o *op) {
	x, axes := o.input("X"), o.attrs.list("axis")
	list, _ := o.integerList("", "ShiftsTensor", "shifts")
	shifts := o.must(list, "shifts")
	result := x.name
	if len(axes) == 0 && len(shifts) == 1 {
		flat := o.node("Reshape", []string{result, o.integers(-1)})
		o.output("Out", o.node("Reshape", []string{o.rolled(flat, 0, shifts[0]), o.node("Shape", []string{x.name})}))
		return
	}
	if len(axes) != len(shifts) {
		o.fail("%d shifts for %d axes", len(shifts), len(axes))
		return
	}
	for i, axis := range axes {
		result = o.rolled(result, int64(o.axis(axis, o.rank(x))), shifts[i])
	}
	o.output("Out", result)
}

// rolled moves the elements along one axis.
func (o *op) rolled(x string, axis, shift int64) string {
	size := o.node("Shape", []string{x}, attrInt("start", axis), attrInt("end", axis+1))
	from := o.two("Mod", o.two("Sub", o.count(size), o.integers(shift)), size)
	return o.node("Gather", []string{x, from}, attrInt("axis", axis))
}

// shapeOf lists the sizes, as int32.
func shapeOf(o *op) {
	o.output("Out", o.node("Cast", []string{o.node("Shape", []string{o.input("Input").name})}, attrInt("to", int64(sampan.Int32))))
}

// sizeOf is the number of elements.
func sizeOf(o *op) { o.output("Out", o.number(o.node("Size", []string{o.input("Input").name}))) }
