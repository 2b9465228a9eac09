package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// sequenceOps work on the sequences that LoD makes of the rows. They are translated to
// operations on all rows at once; the memory they take is in proportion to what they
// read and write.
var sequenceOps = map[string]operator{
	"ctc_align":          {translate: ctcAlign},
	"im2sequence":        {translate: im2sequence, notes: "pictures of several sizes (Y) are not supported"},
	"lod_reset":          {translate: lodReset},
	"row_conv":           {translate: rowConv, notes: "without LoD it is not supported"},
	"sequence_concat":    {translate: sequenceConcat},
	"sequence_conv":      {translate: sequenceConv, notes: "paddingTrainable is not supported"},
	"sequence_enumerate": {translate: sequenceEnumerate},
	"sequence_erase":     {translate: sequenceErase},
	"sequence_expand":    {translate: sequenceExpand},
	"sequence_expand_as": {translate: sequenceExpandAs},
	"sequence_mask":      {translate: sequenceMask},
	"sequence_pad":       {translate: sequencePad},
	"sequence_pool":      {translate: sequencePool},
	"sequence_reshape":   {translate: sequenceReshape},
	"sequence_reverse":   {translate: sequenceReverse},
	"sequence_scatter":   {translate: sequenceScatter},
	"sequence_slice":     {translate: sequenceSlice},
	"sequence_softmax":   {translate: sequenceSoftmax},
	"sequence_unpad":     {translate: sequenceUnpad},
}

// sequencePool makes one row of each sequence of the innermost level. A sequence
// without rows becomes pad_value.
func sequencePool(o *op) {
	x := o.input("X")
	s := o.segments(x)
	pad := o.scalar(x.dtype, float64(o.attrs.float("pad_value", 0)))
	rank := o.rank(x)
	first, last := s.starts, o.node("Sub", []string{s.ends, o.integer(1)})
	if o.err != nil {
		return
	}
	var result string
	switch how := o.attrs.text("pooltype", "AVERAGE"); how {
	case "FIRST":
		result = o.rowsOr(x, first, s, pad)
	case "LAST":
		result = o.rowsOr(x, last, s, pad)
	case "MAX":
		result = o.rowsOr(value{name: o.maximaFrom(x, s)}, first, s, pad)
	case "SUM", "AVERAGE", "SQRT":
		result = o.sums(x, s)
		count := o.alongRows(o.node("Cast", []string{s.lengths}, attrInt("to", int64(x.dtype))), rank)
		if how == "SQRT" {
			count = o.node("Sqrt", []string{count})
		}
		if how != "SUM" {
			result = o.node("Div", []string{result, count})
		}
		empty := o.alongRows(o.node("Equal", []string{s.lengths, o.integer(0)}), rank)
		result = o.node("Where", []string{empty, pad, result})
	default:
		o.fail("pooltype is %q, want AVERAGE, SUM, SQRT, MAX, FIRST or LAST", how)
	}
	levels := o.lod(x)
	o.output("Out", result)
	o.setLoD("Out", levels[:len(levels)-1]...)
}

// rowsOr takes one row for each sequence, or a row of pad for one without rows.
func (o *op) rowsOr(x value, index string, s segments, pad string) string {
	empty := o.node("Equal", []string{s.lengths, o.integer(0)})
	return o.gather(o.withRow(x, pad), o.node("Where", []string{empty, s.rows, index}))
}

// sums adds the rows of each sequence.
func (o *op) sums(x value, s segments) string {
	shape := o.node("Concat", []string{o.node("Shape", []string{s.lengths}), o.rowSizes(x.name)}, attrInt("axis", 0))
	zeros := o.node("Expand", []string{o.scalar(x.dtype, 0), shape})
	to := o.node("Expand", []string{o.alongRows(o.ids(s), len(x.shape)), o.node("Shape", []string{x.name})})
	return o.node("ScatterElements", []string{zeros, to, x.name}, attrInt("axis", 0), attrText("reduction", "add"))
}

// maximaFrom replaces each row by the maxima from it to the end of its sequence. After
// the step of number i a row knows the 2^i rows from it on, so there are as many steps
// as the longest sequence's length has bits.
func (o *op) maximaFrom(x value, s segments) string {
	rank := o.rank(x)
	row := o.count(s.rows)
	left := o.node("Sub", []string{o.gather(s.ends, o.ids(s)), row})
	longest := o.longest(s.lengths)
	more := func(step string) string {
		return o.node("Squeeze", []string{o.node("Less", []string{step, longest}), o.integers(0)})
	}
	iteration, again := o.numberArgument("iteration", sampan.Int64), o.numberArgument("again", sampan.Bool)
	known, step := o.argument("known", x.dtype), o.argument("step", sampan.Int64)
	body := o.subgraph([]*onnx.ValueInfoProto{iteration, again, known, step}, func() []string {
		inside := o.node("Less", []string{step.Name, left})
		other := o.node("Where", []string{inside, o.node("Add", []string{row, step.Name}), row})
		maxima := o.node("Max", []string{known.Name, o.gather(known.Name, other)})
		next := o.node("Add", []string{step.Name, step.Name})
		return []string{more(next), o.node("Where", []string{o.alongRows(inside, rank), maxima, known.Name}), next}
	})
	first := o.integers(1)
	return o.nodeN("Loop", 2, []string{"", more(first), x.name, first}, attrGraph("body", body))[0]
}

// sequenceSoftmax is softmax within each sequence of one column.
func sequenceSoftmax(o *op) {
	x := o.input("X")
	s := o.segments(x)
	rank, ids := o.rank(x), o.ids(s)
	if o.err != nil {
		return
	}
	maxima := o.gather(o.maximaFrom(x, s), o.gather(s.starts, ids))
	e := o.node("Exp", []string{o.node("Sub", []string{x.name, maxima})})
	sum := o.gather(o.sums(value{name: e, dtype: x.dtype, shape: x.shape}, s), ids)
	if rank > 2 {
		o.fail("shape %v, want one column", x.shape)
	}
	o.output("Out", o.node("Div", []string{e, sum}))
}

// sequenceReverse turns each sequence around.
func sequenceReverse(o *op) {
	x := o.input("X")
	s := o.segments(x)
	ids := o.ids(s)
	last := o.node("Sub", []string{o.node("Add", []string{o.gather(s.starts, ids), o.gather(s.ends, ids)}), o.integer(1)})
	o.output("Y", o.gather(x.name, o.node("Sub", []string{last, o.count(s.rows)})))
}

// sequenceConv multiplies contextLength rows, from contextStart beside each row on, by
// a matrix. Rows outside of the sequence count as zeros.
func sequenceConv(o *op) {
	x, filter := o.input("X"), o.input("Filter")
	s := o.onlyLevel(x)
	start, length := o.attrs.integer("contextStart", 0), o.attrs.integer("contextLength", 1)
	if o.attrs.boolean("paddingTrainable", false) {
		o.failCode(sampan.Unimplemented, "paddingTrainable is not supported")
	}
	if stride := o.attrs.integer("contextStride", 1); stride != 1 {
		o.fail("contextStride is %d, want 1", stride)
	}
	if filter.shape == nil || len(filter.shape) != 2 || length < 1 || filter.shape[0]%length != 0 {
		o.fail("contextLength is %d for the filter's shape %v", length, filter.shape)
	}
	if o.err != nil {
		return
	}
	rows := o.window(x, s, start, length, o.scalar(x.dtype, 0))
	flat := o.node("Reshape", []string{rows, o.integers(-1, filter.shape[0])})
	o.output("Out", o.node("MatMul", []string{flat, filter.name}))
}

// rowConv adds to each row, times the first row of Filter, those behind it in the
// sequence, times the next ones.
func rowConv(o *op) {
	x, filter := o.input("X"), o.input("Filter")
	s := o.onlyLevel(x)
	if len(filter.shape) != 2 || filter.shape[0] < 1 {
		o.fail("input Filter has shape %v, want [rows size]", filter.shape)
		return
	}
	rows := o.window(x, s, 0, filter.shape[0], o.scalar(x.dtype, 0))
	weighted := o.node("Mul", []string{rows, filter.name})
	o.output("Out", o.node("ReduceSum", []string{weighted, o.integers(1)}, attrInt("keepdims", 0)))
}

// sequenceEnumerate lists for each row itself and those behind it, win_size in all.
// Rows outside of the sequence count as pad_value.
func sequenceEnumerate(o *op) {
	x := o.input("X")
	s := o.onlyLevel(x)
	size, pad := o.attrs.integer("win_size", 0), o.attrs.integer("pad_value", 0)
	if size < 1 {
		o.fail("win_size is %d, want 1 or more", size)
	}
	rows := o.window(x, s, 0, size, o.scalar(x.dtype, float64(pad)))
	o.output("Out", o.node("Reshape", []string{rows, o.integers(-1, size)}))
}

// window gives for each row those from start beside it on, [rows length ...]. Rows
// outside of the sequence are pad.
func (o *op) window(x value, s segments, start, length int64, pad string) string {
	ids := o.ids(s)
	row := o.node("Unsqueeze", []string{o.count(s.rows), o.integers(1)})
	beside := o.node("Add", []string{o.count(o.integers(length)), o.integer(start)})
	at := o.node("Add", []string{row, beside})
	column := func(list string) string {
		return o.node("Unsqueeze", []string{o.gather(list, ids), o.integers(1)})
	}
	inside := o.node("And", []string{
		o.node("GreaterOrEqual", []string{at, column(s.starts)}),
		o.node("Less", []string{at, column(s.ends)}),
	})
	return o.gather(o.withRow(x, pad), o.node("Where", []string{inside, at, s.rows}))
}
