package paddle

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// sliceOps take and put parts of a tensor.
var sliceOps = map[string]operator{
	"crop":          {translate: crop},
	"crop_tensor":   {translate: crop},
	"set_value":     {translate: setValue, notes: "none_axes is not supported"},
	"slice":         {translate: sliceOf},
	"strided_slice": {translate: stridedSlice},
}

// sliceOf takes a part, from starts to before ends, and drops the dimensions of
// decrease_axis.
func sliceOf(o *op) {
	x := o.input("Input")
	starts, _ := o.integerList("StartsTensorList", "StartsTensor", "starts")
	ends, _ := o.integerList("EndsTensorList", "EndsTensor", "ends")
	part := o.node("Slice", []string{x.name, starts.name, ends.name, o.integers(o.attrs.integers("axes", nil)...)})
	o.lowered("Out", o.decreased(part, o.attrs.integers("decrease_axis", nil)))
}

// decreased drops dimensions of size 1.
func (o *op) decreased(x string, axes []int64) string {
	if len(axes) == 0 {
		return x
	}
	return o.node("Squeeze", []string{x, o.integers(axes...)})
}

// stridedSlice is slice with a step along each axis.
func stridedSlice(o *op) {
	x := o.input("Input")
	starts, _ := o.integerList("StartsTensorList", "StartsTensor", "starts")
	ends, _ := o.integerList("EndsTensorList", "EndsTensor", "ends")
	steps, _ := o.integerList("StridesTensorList", "StridesTensor", "strides")
	part := o.strided(x.name, o.attrs.integers("axes", nil), starts, ends, steps)
	o.lowered("Out", o.decreased(part, o.attrs.integers("decrease_axis", nil)))
}

// strided takes a part with steps. With a step below 0 an end of -1 is the place before
// the first element (StridedSliceOutDims in Paddle's strided_slice.h), which ONNX counts
// from the end.
func (o *op) strided(x string, axes []int64, starts, ends, steps integerList) string {
	before := int64(math.MinInt64)
	end := ends.name
	if ends.known != nil && steps.known != nil && len(ends.known) == len(steps.known) {
		known := make([]int64, len(ends.known))
		for i, e := range ends.known {
			if known[i] = e; e == -1 && steps.known[i] < 0 {
				known[i] = before
			}
		}
		end = o.integers(known...)
	} else {
		back := o.two("And", o.two("Less", steps.name, o.integers(0)), o.two("Equal", ends.name, o.integers(-1)))
		end = o.node("Where", []string{back, o.integers(before), end})
	}
	return o.node("Slice", []string{x, starts.name, end, o.integers(axes...), steps.name})
}

// crop takes a part of a shape, in which -1 reaches to the end, from offsets on.
func crop(o *op) {
	x := o.input("X")
	shape, given := o.integerList("ShapeTensor", "Shape", "shape")
	if y, like := o.optional("Y"); like {
		shape, given = integerList{name: o.node("Shape", []string{y.name})}, true
	}
	offsets, moved := o.integerList("OffsetsTensor", "Offsets", "offsets")
	rank := o.rank(x)
	if !given {
		o.fail("there is no shape")
	}
	axes := span(0, int64(rank))
	if !moved || offsets.known != nil && len(offsets.known) == 0 {
		offsets.name = o.integers(make([]int64, rank)...)
	}
	ends := o.two("Add", offsets.name, shape.name)
	open := o.two("Less", shape.name, o.integers(0))
	ends = o.node("Where", []string{open, o.integers(toEnd), ends})
	o.output("Out", o.node("Slice", []string{x.name, offsets.name, ends, o.integers(axes...)}))
}

// setValue puts a value in the place of a part: the part's places are those that a
// slice of the numbers 0, 1, 2, … in X's shape has.
func setValue(o *op) {
	x := o.input("Input")
	axes := o.attrs.integers("axes", nil)
	starts, _ := o.integerList("StartsTensorList", "", "starts")
	ends, _ := o.integerList("EndsTensorList", "", "ends")
	steps, _ := o.integerList("StepsTensorList", "", "steps")
	if len(o.attrs.integers("none_axes", nil)) > 0 {
		o.failCode(sampan.Unimplemented, "none_axes is not supported")
	}
	shape := o.node("Shape", []string{x.name})
	places := o.node("Reshape", []string{o.count(o.node("Reshape", []string{o.node("Size", []string{x.name}), o.integers(1)})), shape})
	part := o.decreased(o.strided(places, axes, starts, ends, steps), o.attrs.integers("decrease_axes", nil))
	put := o.node("Expand", []string{o.setTo(x), o.node("Shape", []string{part})})
	flat := o.integers(-1)
	result := o.node("ScatterElements", []string{
		o.node("Reshape", []string{x.name, flat}), o.node("Reshape", []string{part, flat}), o.node("Reshape", []string{put, flat}),
	}, attrInt("axis", 0))
	o.output("Out", o.node("Reshape", []string{result, shape}))
}

// setTo is the value that is put: a tensor, or numbers with a shape in attributes.
func (o *op) setTo(x value) string {
	if v, given := o.optional("ValueTensor"); given {
		return o.cast(v, x.dtype)
	}
	return o.stated(x.dtype, o.attrs.integers("shape", nil))
}

// stated makes a constant of the numbers that attributes state: values, or the list for
// a type, as Paddle had before.
func (o *op) stated(d sampan.DType, shape []int64) string {
	numbers := o.attrs.numbers("values")
	for _, name := range []string{"bool_values", "int32_values", "int64_values", "fp32_values", "fp64_values", "double_values"} {
		if len(numbers) == 0 {
			numbers = o.attrs.numbers(name)
		}
	}
	n, ok := sampan.Shape(shape).Elements()
	if !ok || n != int64(len(numbers)) {
		o.fail("%d values for shape %v", len(numbers), sampan.Shape(shape))
		return ""
	}
	var data []byte
	for _, v := range numbers {
		element, ok := v.encode(d)
		if !ok {
			o.fail("%v is no number of type %s", v, d)
			return ""
		}
		data = append(data, element...)
	}
	return o.constant(d, shape, data)
}

// statedNumber is a number of an attribute: whole ones are exact.
type statedNumber struct {
	whole    int64
	fraction float64
	isWhole  bool
}

func (n statedNumber) encode(d sampan.DType) ([]byte, bool) {
	switch {
	case n.isWhole && d == sampan.Int64:
		return encodeInt64(n.whole), true
	case n.isWhole:
		return encode(d, float64(n.whole))
	}
	return encode(d, n.fraction)
}

// numbers reads a list of any numbers.
func (a attributes) numbers(name string) []statedNumber {
	attr := a.byName[name]
	var out []statedNumber
	whole := func(v int64) { out = append(out, statedNumber{whole: v, isWhole: true}) }
	fraction := func(v float64) { out = append(out, statedNumber{fraction: v}) }
	switch attr.GetType() {
	case paddle.AttrType_BOOLEANS:
		for _, v := range attr.GetBools() {
			whole(flag(v))
		}
	case paddle.AttrType_INTS:
		for _, v := range attr.GetInts() {
			whole(int64(v))
		}
	case paddle.AttrType_LONGS:
		for _, v := range attr.GetLongs() {
			whole(v)
		}
	case paddle.AttrType_FLOATS:
		for _, v := range attr.GetFloats() {
			fraction(float64(v))
		}
	case paddle.AttrType_FLOAT64S:
		for _, v := range attr.GetFloat64S() {
			fraction(v)
		}
	case paddle.AttrType_SCALARS:
		a.scalars(attr, whole, fraction)
	}
	return out
}

// scalars hands on the numbers of a list of any of them.
func (a attributes) scalars(attr *paddle.OpDesc_Attr, whole func(int64), fraction func(float64)) {
	for _, s := range attr.GetScalars() {
		switch s.GetType() {
		case paddle.Scalar_BOOLEAN:
			whole(flag(s.GetB()))
		case paddle.Scalar_LONG:
			whole(s.GetI())
		case paddle.Scalar_FLOAT64:
			fraction(s.GetR())
		default:
			a.fail("attribute %q has a %s, want numbers", attr.GetName(), s.GetType())
		}
	}
}
