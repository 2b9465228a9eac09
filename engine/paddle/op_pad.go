package paddle

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
)

var padOps = map[string]operator{
	"pad":   {translate: pad},
	"pad2d": {translate: pad2d},
	"pad3d": {translate: pad3d, notes: "mode circular with a tensor of paddings is not supported"},
}

// pad puts a number around all dimensions; paddings has two numbers for each.
func pad(o *op) {
	x := o.input("X")
	list := o.attrs.integers("paddings", nil)
	number := o.scalar(x.dtype, float64(o.attrs.float("pad_value", 0)))
	if rank := o.rank(x); len(list) != 2*rank {
		o.fail("paddings %v for shape %v", list, x.shape)
	}
	var before, after []int64
	for i := 0; i+1 < len(list); i += 2 {
		before, after = append(before, list[i]), append(after, list[i+1])
	}
	o.output("Out", o.node("Pad", []string{x.name, o.integers(append(before, after...)...), number}))
}

// pad2d translates the padding of two dimensions: above, below, left, right.
func pad2d(o *op) {
	o.padSpatial([]int{0, 2, 1, 3}, "pad_value")
}

// pad3d translates the padding of three dimensions: left, right, above, below, front,
// back.
func pad3d(o *op) {
	o.padSpatial([]int{4, 2, 0, 5, 3, 1}, "value")
}

// padSpatial pads the spatial dimensions. Order says where in Paddle's list the numbers
// are that ONNX wants: first what comes before each dimension, then what comes after.
func (o *op) padSpatial(order []int, attr string) {
	x, back := o.channelsFirst(o.input("X"), "data_format")
	n := len(order) / 2
	if rank := o.rank(x); o.err == nil && rank != n+2 {
		o.fail("shape %v, want %d dimensions", x.shape, n+2)
	}
	mode := o.attrs.text("mode", "constant")
	tensor, given := o.optional("Paddings")
	if mode == "circular" {
		if given {
			o.failCode(sampan.Unimplemented, "mode circular with a tensor of paddings is not supported")
		}
		o.output("Out", back(o.padCircular(x, o.orderedPaddings(order))))
		return
	}
	names := map[string]string{"constant": "constant", "reflect": "reflect", "edge": "edge", "replicate": "edge"}
	if names[mode] == "" {
		o.fail("mode is %q, want constant, reflect, replicate, edge or circular", mode)
	}
	inputs := []string{x.name, ""}
	if given {
		inputs[1] = o.tensorPaddings(tensor, order)
	} else {
		list, outer := o.orderedPaddings(order), []int64{0, 0}
		inputs[1] = o.integers(slices.Concat(outer, list[:n], outer, list[n:])...)
	}
	if mode == "constant" {
		inputs = append(inputs, o.scalar(x.dtype, float64(o.attrs.float(attr, 0))))
	}
	o.output("Out", back(o.node("Pad", inputs, attrText("mode", names[mode]))))
}

// orderedPaddings reads the attribute paddings.
func (o *op) orderedPaddings(order []int) []int64 {
	out := make([]int64, len(order))
	list := o.attrs.integers("paddings", out)
	if len(list) != len(order) {
		o.fail("paddings is %v, want %d numbers", list, len(order))
		return out
	}
	for i, at := range order {
		out[i] = list[at]
	}
	return out
}

// tensorPaddings makes ONNX's list of Paddle's.
func (o *op) tensorPaddings(list value, order []int) string {
	var index []int64
	for _, at := range order {
		index = append(index, int64(at))
	}
	n := len(index) / 2
	all, outer := o.cast(list, sampan.Int64), o.integers(0, 0)
	return o.node("Concat", []string{
		outer, o.gather(all, o.integers(index[:n]...)), outer, o.gather(all, o.integers(index[n:]...)),
	}, attrInt("axis", 0))
}

// padCircular puts the end of each dimension before its beginning and the beginning
// behind its end.
func (o *op) padCircular(x value, list []int64) string {
	result, n := x.name, len(list)/2
	for i := range n {
		before, after := list[i], list[n+i]
		if before < 0 || after < 0 || before == math.MaxInt64 {
			o.fail("paddings %v with mode circular, want none below 0", list)
			return ""
		}
		if before == 0 && after == 0 {
			continue
		}
		axis := o.integers(int64(2 + i))
		parts := []string{result}
		if before > 0 {
			end := o.node("Slice", []string{result, o.integers(-before), o.integers(math.MaxInt64), axis})
			parts = slices.Insert(parts, 0, end)
		}
		if after > 0 {
			parts = append(parts, o.node("Slice", []string{result, o.integers(0), o.integers(after), axis}))
		}
		result = o.node("Concat", parts, attrInt("axis", int64(2+i)))
	}
	return result
}
