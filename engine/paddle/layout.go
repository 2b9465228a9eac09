package paddle

import (
	"slices"
)

// channelsFirst returns x with its channels in dimension 1, where ONNX wants them, and
// a function that brings a result of the same rank into x's order again. The attribute
// names the order: NHWC and the like, or NCHW and the like, which is also the default.
func (o *op) channelsFirst(x value, attr string) (value, func(string) string) {
	if !o.channelsLast(attr) {
		return x, func(result string) string { return result }
	}
	rank := o.rank(x)
	if o.err != nil || rank < 3 {
		return x, func(result string) string { return result }
	}
	toFirst, toLast := []int64{0, int64(rank) - 1}, []int64{0}
	for i := int64(1); i < int64(rank)-1; i++ {
		toFirst, toLast = append(toFirst, i), append(toLast, i+1)
	}
	toLast = append(toLast, 1)
	y := x
	y.name = o.node("Transpose", []string{x.name}, attrInts("perm", toFirst))
	y.shape = slices.Insert(slices.Clone(x.shape[:rank-1]), 1, x.shape[rank-1])
	return y, func(result string) string {
		return o.node("Transpose", []string{result}, attrInts("perm", toLast))
	}
}

// channelsLast reads the order of an operator's dimensions.
func (o *op) channelsLast(attr string) bool {
	switch order := o.attrs.text(attr, "NCHW"); order {
	case "NHWC", "NDHWC", "NWC", "NLC":
		return true
	case "NCHW", "NCDHW", "NCW", "NCL", "NC", "AnyLayout", "":
	default:
		o.fail("%s is %q, want NCHW, NHWC or one like them", attr, order)
	}
	return false
}

// along gives the list of one number for each channel, [channels], the shape
// [channels 1 ...] that broadcasts over [batch channels ...] of a rank.
func (o *op) along(list string, rank int) string {
	if rank < 3 {
		return list
	}
	return o.node("Unsqueeze", []string{list, o.integers(span(1, int64(rank)-1)...)})
}

// each reads an attribute with one number, of at least least, for each of n
// dimensions.
func (o *op) each(attr string, n int, missing, least int64) []int64 {
	list := o.attrs.integers(attr, slices.Repeat([]int64{missing}, n))
	if len(list) != n || slices.Min(append(list, least)) < least {
		o.fail("%s is %v, want %d numbers of at least %d", attr, list, n, least)
		return make([]int64, n)
	}
	return list
}
