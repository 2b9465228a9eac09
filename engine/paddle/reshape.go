package paddle

import (
	"math"

	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// size is one size of a shape that is computed: the product of a value's sizes from
// one axis to before another.
type size struct {
	of       value
	from, to int
}

// sizes lists a value's sizes from one axis to before another.
func sizes(v value, from, to int) []size {
	var out []size
	for i := from; i < to; i++ {
		out = append(out, merged(v, i, i+1))
	}
	return out
}

// merged is the product of a value's sizes from one axis to before another.
func merged(v value, from, to int) size { return size{v, from, to} }

// known returns the size if the program declares it and it is not 0, which would say
// something else in a shape.
func (s size) known() (int64, bool) {
	n := int64(1)
	for _, d := range s.of.shape[s.from:s.to] {
		if d <= 0 || n > math.MaxInt64/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// reshaped gives the value x a shape. Where more of it than one size has to be found
// out at run time the graph computes it.
func (o *op) reshaped(x string, shape []size) string {
	constant, left := make([]int64, len(shape)), 0
	for i, s := range shape {
		n, ok := s.known()
		switch {
		case ok:
			constant[i] = n
		case s.of.name == x && s.from == i && s.to == i+1:
			constant[i] = 0
		default:
			constant[i] = -1
			left++
		}
	}
	if left <= 1 {
		return o.node("Reshape", []string{x, o.integers(constant...)})
	}
	var list []string
	for i, s := range shape {
		if constant[i] > 0 {
			list = append(list, o.integers(constant[i]))
		} else {
			list = append(list, o.measure(s))
		}
	}
	all := o.node("Concat", list, attrInt("axis", 0))
	return o.node("Reshape", []string{x, all}, attrInt("allowzero", 1))
}

// measure computes a size at run time, as a list of one.
func (o *op) measure(s size) string {
	var attrs []*onnx.AttributeProto
	attrs = append(attrs, attrInt("start", int64(s.from)), attrInt("end", int64(s.to)))
	list := o.node("Shape", []string{s.of.name}, attrs...)
	if s.to-s.from == 1 {
		return list
	}
	return o.node("ReduceProd", []string{list}, attrInts("axes", []int64{0}), attrInt("keepdims", 1))
}
