package paddle

import (
	"maps"
	"math"
	"slices"

	"github.com/sampanml/sampan"
)

// sliceOps take parts of values, and put some in their place.
var sliceOps = map[string]operator{
	"crop":          {translate: crop},
	"crop_tensor":   {translate: crop},
	"set_value":     {translate: setValue, notes: negativeStrides},
	"slice":         {translate: slice},
	"strided_slice": {translate: stridedSlice, notes: negativeStrides},
}

const negativeStrides = "strides that are computed, and computed ends with negative ones, are not supported before Paddle 3"

// ranges are the elements from starts to before ends along axes, in steps of strides or,
// where that is empty, of 1. The lists are values of the graph. Of the dimensions single
// only the element at the start is taken, and they are left out.
type ranges struct {
	axes, single          []int64
	starts, ends, strides string
	// inFront says that ends further in front than the first element are before it.
	inFront bool
}

// slice takes a range of each of some dimensions.
func slice(o *op) { o.outputPart("") }

// stridedSlice is slice in steps.
func stridedSlice(o *op) {
	o.outputPart(o.list("StridesTensorList", "StridesTensor", "strides"))
}

func (o *op) outputPart(strides string) {
	x := o.input("Input")
	r := ranges{
		axes:    o.attrs.integers("axes", nil),
		single:  o.attrs.integers("decrease_axis", nil),
		starts:  o.list("StartsTensorList", "StartsTensor", "starts"),
		ends:    o.list("EndsTensorList", "EndsTensor", "ends"),
		strides: strides,
	}
	result := o.ranged(x, r)
	if x.shape != nil && len(r.single) == len(x.shape) {
		result = o.number(result)
	}
	o.output("Out", result)
}

// ranged takes the ranges' elements.
func (o *op) ranged(x value, r ranges) string {
	for _, list := range []string{r.starts, r.ends, r.strides} {
		if k, ok := o.known(list); ok && len(k.values) != len(r.axes) {
			o.fail("starts, ends or strides are %v for axes %v", k.values, r.axes)
			return ""
		}
	}
	at := func(list string, i int) string {
		return o.node("Gather", []string{list, o.integers(int64(i))}, attrInt("axis", 0))
	}
	single := map[int64]string{}
	var from, to, steps, along []string
	for i, a := range r.axes {
		if slices.Contains(r.single, a) {
			single[a] = o.node("Reshape", []string{at(r.starts, i), o.integers()})
			continue
		}
		step := o.integers(1)
		if r.strides != "" {
			step = at(r.strides, i)
		}
		from, steps, along = append(from, at(r.starts, i)), append(steps, step), append(along, o.integers(a))
		to = append(to, o.end(x, a, at(r.ends, i), step, r.inFront))
	}
	result := x.name
	if len(from) > 0 {
		join := func(list []string) string { return o.node("Concat", list, attrInt("axis", 0)) }
		inputs := []string{result, join(from), join(to), join(along)}
		if r.strides != "" {
			inputs = append(inputs, join(steps))
		}
		result = o.node("Slice", inputs)
	}
	// The last dimension first, so that those before it keep their places.
	for _, a := range slices.Backward(slices.Sorted(maps.Keys(single))) {
		result = o.node("Gather", []string{result, single[a]}, attrInt("axis", a))
	}
	return result
}

// end returns where a range of negative steps ends in ONNX's words. Before Paddle 3 an
// end of -1 is before the first element, and one in front of that, unless inFront, at it.
func (o *op) end(x value, axis int64, end, step string, inFront bool) string {
	s, ok := o.known(step)
	if ok && s.values[0] > 0 || o.program.version >= firstPIR {
		return end
	}
	e, known := o.known(end)
	switch {
	case !ok || !known:
		o.failCode(sampan.Unimplemented, negativeStrides)
		return ""
	case e.values[0] == -1:
		return o.integers(-toEnd)
	case e.values[0] >= 0 || inFront:
		return end
	case e.values[0] <= math.MinInt32:
		return o.integers(0)
	}
	size := o.dim(x, o.axis(axis, o.rank(x)))
	return o.node("Max", []string{o.node("Add", []string{size, end}), o.integers(0)})
}

// crop takes a part of a shape from offsets on. A size of -1 reaches to the end.
func crop(o *op) {
	x := o.input("X")
	offsets := o.list("OffsetsTensor", "Offsets", "offsets")
	if k, ok := o.known(offsets); ok && len(k.values) == 0 {
		offsets = o.integers(make([]int64, o.rank(x))...)
	}
	var shape string
	if y, given := o.optional("Y"); given {
		shape = o.sizesOf(y)
	} else {
		shape = o.list("ShapeTensor", "Shape", "shape")
	}
	end := o.node("Add", []string{offsets, shape})
	open := o.test(sampan.Int64, "Less", shape, o.integer(0))
	end = o.where(sampan.Int64, open, o.integers(toEnd), end)
	o.output("Out", o.node("Slice", []string{x.name, offsets, end}))
}
