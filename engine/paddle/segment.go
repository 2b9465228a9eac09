package paddle

import (
	"github.com/sampanml/sampan"
)

// segments are the sequences into which one level of LoD divides rows, as values of
// the graph, all int64.
type segments struct {
	// offsets has one element more than there are sequences, the others as many.
	offsets, starts, ends, lengths string
	// rows is the number of rows, [1].
	rows string
}

// segments returns the sequences of a value's innermost level.
func (o *op) segments(v value) segments {
	levels := o.lod(v)
	if len(levels) == 0 {
		o.noLoD(v)
		return segments{}
	}
	return o.segmentsOf(levels[len(levels)-1])
}

func (o *op) noLoD(v value) {
	o.failCode(sampan.Unimplemented, "%q has no LoD that is known", v.variable)
}

// onlyLevel returns the sequences of a value that must have one level.
func (o *op) onlyLevel(v value) segments {
	if n := len(o.lod(v)); n > 1 {
		o.failCode(sampan.Unimplemented, "%q has %d LoD levels, want 1", v.variable, n)
	}
	return o.segments(v)
}

func (o *op) segmentsOf(offsets string) segments {
	s := segments{offsets: offsets, starts: o.part(offsets, 0, -1), ends: o.part(offsets, 1, toEnd), rows: o.part(offsets, -1, toEnd)}
	s.lengths = o.node("Sub", []string{s.ends, s.starts})
	return s
}

// segmentsWith makes the sequences that have the given lengths, int64 [sequences].
func (o *op) segmentsWith(lengths string) segments {
	sums := o.node("CumSum", []string{lengths, o.integer(0)})
	return o.segmentsOf(o.node("Concat", []string{o.integers(0), sums}, attrInt("axis", 0)))
}

// ids tells for each row which sequence it belongs to: as many have ended before it.
func (o *op) ids(s segments) string {
	ended := o.node("ScatterElements", []string{
		o.filled(0, o.node("Add", []string{s.rows, o.integers(1)})),
		s.ends,
		o.filled(1, o.node("Shape", []string{s.ends})),
	}, attrInt("axis", 0), attrText("reduction", "add"))
	return o.part(o.node("CumSum", []string{ended, o.integer(0)}), 0, -1)
}

// toEnd is the end of a part that reaches to the last element.
const toEnd = 1<<63 - 1

// part is x from one row to before another; negative ones count from the end.
func (o *op) part(x string, from, to int64) string {
	return o.node("Slice", []string{x, o.integers(from), o.integers(to), o.integers(0)})
}

// integer is a number of type int64 without dimensions.
func (o *op) integer(v int64) string { return o.scalar(sampan.Int64, float64(v)) }

// filled makes a tensor of one integer; shape is a list.
func (o *op) filled(v int64, shape string) string {
	return o.node("Expand", []string{o.integer(v), shape})
}

// count lists the integers from 0 to before n, [1].
func (o *op) count(n string) string {
	return o.node("Range", []string{o.integer(0), o.node("Squeeze", []string{n, o.integers(0)}), o.integer(1)})
}

// rowSizes is the shape of one row of x, as a list.
func (o *op) rowSizes(x string) string {
	return o.node("Shape", []string{x}, attrInt("start", 1))
}

// withRow adds one row, all of whose elements are number, behind the last of x. An index
// that is the number of rows then stands for number.
func (o *op) withRow(x value, number string) string {
	shape := o.node("Concat", []string{o.integers(1), o.rowSizes(x.name)}, attrInt("axis", 0))
	return o.node("Concat", []string{x.name, o.node("Expand", []string{number, shape})}, attrInt("axis", 0))
}

// alongRows gives a list with one element for each row of x, [rows], the rank of x, so
// that it broadcasts over each row.
func (o *op) alongRows(list string, rank int) string {
	if rank < 2 {
		return list
	}
	return o.node("Unsqueeze", []string{list, o.integers(span(1, int64(rank))...)})
}

// gather takes rows of x by their index.
func (o *op) gather(x, index string) string {
	return o.node("Gather", []string{x, index}, attrInt("axis", 0))
}

// longest is the greatest of lengths, [1], and 0 where there are none.
func (o *op) longest(lengths string) string {
	all := o.node("Concat", []string{lengths, o.integers(0)}, attrInt("axis", 0))
	return o.node("ReduceMax", []string{all}, attrInts("axes", []int64{0}), attrInt("keepdims", 1))
}
