package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// sortOps find the least and the greatest, and order.
var sortOps = map[string]operator{
	"arg_max":      {translate: argOf("ArgMax")},
	"arg_min":      {translate: argOf("ArgMin")},
	"argsort":      {translate: argsort},
	"kthvalue":     {translate: kthValue},
	"one_hot_v2":   {translate: oneHot},
	"searchsorted": {translate: searchSorted},
	"top_k":        {translate: topK},
	"top_k_v2":     {translate: topK},
	"unique":       {translate: unique},
}

// wants says that an output has a variable.
func (o *op) wants(parameter string) bool {
	return len(o.arguments(o.desc.Outputs, parameter)) > 0
}

// argOf tells the place of the greatest or least element along an axis, or of all.
func argOf(opType string) translator {
	return func(o *op) {
		x, keep := o.input("X"), o.attrs.boolean("keepdims", false)
		axis, to := o.attrs.integer("axis", 0), o.dtypeOf("dtype", sampan.Int64)
		as := computedAs(opType, x.dtype)
		v := o.convert(x.name, x.dtype, as)
		all := o.attrs.boolean("flatten", false)
		if all || x.shape != nil && len(x.shape) == 0 {
			v, axis = o.node("Reshape", []string{v, o.integers(-1)}), 0
		}
		place := o.node(opType, []string{v}, attrInt("axis", axis), attrInt("keepdims", flag(keep && !all)))
		switch {
		case all && keep:
			ones := o.integers(slices.Repeat([]int64{1}, o.rank(x))...)
			place = o.node("Reshape", []string{place, ones})
		case all || len(x.shape) == 1 && !keep:
			place = o.number(place)
		}
		o.output("Out", o.convert(place, sampan.Int64, to))
	}
}

// sorted gives the k greatest or least elements along an axis in order, and their
// places. Of equal elements the first comes first.
func (o *op) sorted(x value, k string, axis int64, largest bool) (elements, places string) {
	as := computedAs("TopK", x.dtype)
	both := o.nodeN("TopK", 2, []string{o.convert(x.name, x.dtype, as), k},
		attrInt("axis", axis), attrInt("largest", flag(largest)), attrInt("sorted", 1))
	return o.convert(both[0], as, x.dtype), both[1]
}

// argsort orders elements along an axis.
func argsort(o *op) {
	x, axis := o.input("X"), o.attrs.integer("axis", -1)
	rank := o.rank(x)
	if o.err == nil && rank == 0 {
		o.output("Out", x.name)
		o.output("Indices", o.integer(0))
		return
	}
	size := o.dim(x, o.axis(axis, rank))
	elements, places := o.sorted(x, size, axis, o.attrs.boolean("descending", false))
	o.output("Out", elements)
	o.output("Indices", places)
}

// topK gives the first elements of an order along an axis.
func topK(o *op) {
	x, k := o.input("X"), o.integers(o.attrs.integer("k", 1))
	if tensor, given := o.optional("K"); given {
		k = o.node("Reshape", []string{o.cast(tensor, sampan.Int64), o.integers(1)})
	}
	elements, places := o.sorted(x, k, o.attrs.integer("axis", -1), o.attrs.boolean("largest", true))
	o.output("Out", elements)
	if o.wants("Indices") {
		o.output("Indices", places)
		// The first version declares int32 and writes int64.
		o.setDType("Indices", sampan.Int64)
	}
}

// kthValue gives the element that is at a place, counted from 1, in the order from the
// least along an axis.
func kthValue(o *op) {
	x, k := o.input("X"), o.integers(o.attrs.integer("k", 1))
	axis, keep := o.attrs.integer("axis", -1), o.attrs.boolean("keepdim", false)
	elements, places := o.sorted(x, k, axis, false)
	last := func(v string) string {
		index := o.integers(-1)
		if !keep {
			index = o.integer(-1)
		}
		return o.node("Gather", []string{v, index}, attrInt("axis", axis))
	}
	results := []string{last(elements), last(places)}
	for i, parameter := range []string{"Out", "Indices"} {
		if len(x.shape) == 1 && !keep {
			results[i] = o.number(results[i])
		}
		o.output(parameter, results[i])
	}
	o.setDType("Indices", sampan.Int64)
}

// oneHot makes of each number a list with one at its place and zeros around it.
func oneHot(o *op) {
	x, depth := o.input("X"), o.integers(o.attrs.integer("depth", -1))
	if tensor, given := o.optional("depth_tensor"); given {
		depth = o.node("Reshape", []string{o.cast(tensor, sampan.Int64), o.integers(1)})
	}
	number := o.node("Unsqueeze", []string{o.cast(x, sampan.Int64), o.integers(-1)})
	hot := o.node("Equal", []string{number, o.count(depth)})
	o.output("Out", o.convert(hot, sampan.Bool, o.dtypeOf("dtype", sampan.Float32)))
}

// searchSorted tells for each value how many elements of an ordered list are less or,
// with right, not greater. There is one list, or one for each list of values.
func searchSorted(o *op) {
	list, v := o.input("SortedSequence"), o.input("Values")
	opType, to := "Less", sampan.Int64
	if o.attrs.boolean("right", false) {
		opType = "LessOrEqual"
	}
	if o.attrs.boolean("out_int32", false) {
		to = sampan.Int32
	}
	if o.rank(list) > 1 {
		list.name = o.node("Unsqueeze", []string{list.name, o.integers(-2)})
	}
	before := o.test(v.dtype, opType, o.cast(list, v.dtype), o.node("Unsqueeze", []string{v.name, o.integers(-1)}))
	count := o.node("ReduceSum", []string{o.convert(before, sampan.Bool, to), o.integers(-1)}, attrInt("keepdims", 0))
	o.output("Out", count)
}

// unique lists the different elements, or parts along an axis: in order or, without
// is_sorted, as they come.
func unique(o *op) {
	x, to := o.input("X"), o.dtypeOf("dtype", sampan.Int64)
	axes := o.attrs.list("axis")
	attrs := []*onnx.AttributeProto{attrInt("sorted", flag(o.attrs.boolean("is_sorted", false)))}
	if len(axes) > 0 {
		attrs = append(attrs, attrInt("axis", axes[0]))
	}
	as := computedAs("Unique", x.dtype)
	results := o.nodeN("Unique", 4, []string{o.convert(x.name, x.dtype, as)}, attrs...)
	o.output("Out", o.convert(results[0], as, x.dtype))
	// Paddle 3 declares float32 for some.
	o.setDType("Out", x.dtype)
	for i, parameter := range []string{"Indices", "Index", "Counts"} {
		if o.wants(parameter) {
			o.output(parameter, o.convert(results[i+1], sampan.Int64, to))
			o.setDType(parameter, to)
		}
	}
}
