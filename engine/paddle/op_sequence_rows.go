package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// sequenceExpand repeats rows, or where X has LoD its sequences, as often as the
// sequences of one level of Y are long.
func sequenceExpand(o *op) {
	x, y := o.input("X"), o.input("Y")
	levels, level := o.lod(y), o.attrs.integer("ref_level", -1)
	if levels == nil {
		o.noLoD(y)
	}
	at := o.axis(level, len(levels))
	if o.err != nil {
		return
	}
	repeat := o.segmentsOf(levels[at])
	from := o.ids(repeat)
	if o.lod(x) == nil {
		o.output("Out", o.gather(x.name, from))
		o.setLoD("Out")
		return
	}
	own := o.onlyLevel(x)
	to := o.segmentsWith(o.gather(own.lengths, from))
	o.output("Out", o.gather(x.name, o.moved(o.gather(own.starts, from), to)))
	o.setLoD("Out", to.offsets)
}

// moved gives for each row of the segments the index of the row that it is, when the
// rows of each segment come one after the other from starts on.
func (o *op) moved(starts string, to segments) string {
	distance := o.node("Sub", []string{starts, to.starts})
	return o.node("Add", []string{o.count(to.rows), o.gather(distance, o.ids(to))})
}

// sequenceExpandAs repeats each row as often as the sequence of Y is long.
func sequenceExpandAs(o *op) {
	x, y := o.input("X"), o.input("Y")
	s := o.onlyLevel(y)
	o.output("Out", o.gather(x.name, o.ids(s)))
	o.setLoD("Out", o.lod(y)...)
}

// sequencePad lays the sequences of the outermost level into rows of the same length,
// padded_length or, where that is -1, the longest's, and tells their lengths. What is
// longer than padded_length, which Paddle refuses, is cut off.
func sequencePad(o *op) {
	x, pad := o.input("X"), o.input("PadValue")
	s := o.outermost(x)
	size := o.longest(s.lengths)
	if n := o.attrs.integer("padded_length", -1); n >= 0 {
		size = o.integers(n)
	}
	o.output("Out", o.gather(o.withRow(x, pad.name), o.padding(s, size)))
	o.setLoD("Out")
	o.output("Length", s.lengths)
	o.setLoD("Length")
}

// outermost returns the sequences of a value's outermost level with offsets of rows.
func (o *op) outermost(x value) segments {
	levels := o.lod(x)
	if len(levels) == 0 {
		o.noLoD(x)
		return segments{}
	}
	offsets := levels[len(levels)-1]
	for i := len(levels) - 2; i >= 0; i-- {
		offsets = o.gather(offsets, levels[i])
	}
	return o.segmentsOf(offsets)
}

// padding gives the index of the row at each place of the padded sequences,
// [sequences size], and the number of rows where none is. Size is [1].
func (o *op) padding(s segments, size string) string {
	column := func(list string) string { return o.node("Unsqueeze", []string{list, o.integers(1)}) }
	at := o.count(size)
	inside := o.node("Less", []string{at, column(s.lengths)})
	return o.node("Where", []string{inside, o.node("Add", []string{at, column(s.starts)}), s.rows})
}

// sequenceUnpad is the reverse of sequence_pad.
func sequenceUnpad(o *op) {
	x, length := o.input("X"), o.input("Length")
	s := o.segmentsWith(o.within(length, o.node("Shape", []string{x.name}, attrInt("start", 1), attrInt("end", 2))))
	o.output("Out", o.unpadded(x.name, s))
	o.setLoD("Out", s.offsets)
}

// within makes a list of integers of v, no less than 0 and no more than most: what a
// request says of sizes bounds the memory that is taken.
func (o *op) within(v value, most string) string {
	list := o.node("Reshape", []string{o.cast(v, sampan.Int64), o.integers(-1)})
	return o.node("Min", []string{o.node("Max", []string{list, o.integer(0)}), most})
}

// unpadded takes the segments' rows out of [sequences size ...].
func (o *op) unpadded(x string, s segments) string {
	size := o.node("Shape", []string{x}, attrInt("start", 1), attrInt("end", 2))
	shape := o.node("Concat", []string{o.integers(-1), o.node("Shape", []string{x}, attrInt("start", 2))}, attrInt("axis", 0))
	starts := o.node("Mul", []string{o.count(o.node("Shape", []string{s.lengths})), size})
	return o.gather(o.node("Reshape", []string{x, shape}), o.moved(starts, s))
}

// sequenceConcat joins the first sequences of all inputs, then the second, and so on.
func sequenceConcat(o *op) {
	all := o.inputs("X")
	if len(all) == 0 {
		o.fail("input X has no variables")
		return
	}
	parts := make([]segments, len(all))
	// before has for each input how many rows of each sequence come before its own.
	before := make([]string, len(all))
	lengths := o.integer(0)
	for i, x := range all {
		parts[i], before[i] = o.onlyLevel(x), lengths
		lengths = o.node("Add", []string{lengths, parts[i].lengths})
	}
	to := o.segmentsWith(lengths)
	var indexes []string
	for i, s := range parts {
		distance := o.node("Sub", []string{o.node("Add", []string{to.starts, before[i]}), s.starts})
		indexes = append(indexes, o.node("Add", []string{o.count(s.rows), o.gather(distance, o.ids(s))}))
	}
	rows := o.node("Concat", names(all), attrInt("axis", 0))
	places := o.node("Concat", indexes, attrInt("axis", 0))
	order := o.node("ScatterElements", []string{places, places, o.count(to.rows)}, attrInt("axis", 0))
	o.output("Out", o.gather(rows, order))
	o.setLoD("Out", to.offsets)
}

// sequenceScatter adds Updates to the rows of X, [sequences size]: each sequence of Ids
// to one row, at the places that it lists.
func sequenceScatter(o *op) {
	x, ids, updates := o.input("X"), o.input("Ids"), o.input("Updates")
	s := o.onlyLevel(ids)
	list := func(v string) string { return o.node("Reshape", []string{v, o.integers(-1)}) }
	size := o.node("Shape", []string{x.name}, attrInt("start", 1), attrInt("end", 2))
	at := o.node("Add", []string{o.node("Mul", []string{o.ids(s), size}), list(o.cast(ids, sampan.Int64))})
	sums := o.node("ScatterElements", []string{list(x.name), at, list(updates.name)}, attrInt("axis", 0), attrText("reduction", "add"))
	o.output("Out", o.node("Reshape", []string{sums, o.node("Shape", []string{x.name})}))
}

// sequenceSlice takes a part of each sequence.
func sequenceSlice(o *op) {
	x, offset, length := o.input("X"), o.input("Offset"), o.input("Length")
	s := o.onlyLevel(x)
	from := o.within(offset, s.lengths)
	to := o.segmentsWith(o.within(length, o.node("Sub", []string{s.lengths, from})))
	starts := o.node("Add", []string{s.starts, from})
	o.output("Out", o.gather(x.name, o.moved(starts, to)))
	o.setLoD("Out", to.offsets)
}

// sequenceErase leaves out the rows whose number is one of tokens.
func sequenceErase(o *op) {
	x := o.input("X")
	s := o.segments(x)
	row := o.node("Reshape", []string{o.cast(x, sampan.Int64), o.integers(-1, 1)})
	keep := o.node("Expand", []string{o.constant(sampan.Bool, nil, []byte{1}), o.node("Shape", []string{x.name}, attrInt("end", 1))})
	if tokens := o.attrs.integers("tokens", nil); len(tokens) > 0 {
		equal := o.node("Cast", []string{o.node("Equal", []string{row, o.integers(tokens...)})}, attrInt("to", int64(sampan.Int32)))
		found := o.node("ReduceMax", []string{equal}, attrInts("axes", []int64{1}), attrInt("keepdims", 0))
		keep = o.node("Not", []string{o.node("Cast", []string{found}, attrInt("to", int64(sampan.Bool)))})
	}
	levels := o.lod(x)
	o.output("Out", o.node("Compress", []string{x.name, keep}, attrInt("axis", 0)))
	if o.err == nil {
		o.setLoD("Out", append(levels[:len(levels)-1:len(levels)-1], o.keptOffsets(s, keep))...)
	}
}

// keptOffsets are the offsets of what is left of the sequences' rows, bool [rows].
func (o *op) keptOffsets(s segments, keep string) string {
	sums := o.node("CumSum", []string{o.node("Cast", []string{keep}, attrInt("to", int64(sampan.Int64))), o.integer(0)})
	return o.gather(o.node("Concat", []string{o.integers(0), sums}, attrInt("axis", 0)), s.offsets)
}

// sequenceReshape gives the rows another size, so that sequences of a width before
// have another number of rows.
func sequenceReshape(o *op) {
	x, width := o.input("X"), o.attrs.integer("new_dim", 0)
	s := o.onlyLevel(x)
	if width < 1 {
		o.fail("new_dim is %d, want 1 or more", width)
	}
	elements := o.node("Mul", []string{s.offsets, o.rowSizes(x.name)})
	o.output("Out", o.node("Reshape", []string{x.name, o.integers(-1, width)}))
	o.setLoD("Out", o.node("Div", []string{elements, o.integer(width)}))
}

// lodReset gives rows other sequences: those of Y, or with offsets that Y holds or
// target_lod lists.
func lodReset(o *op) {
	x := o.input("X")
	y, given := o.optional("Y")
	var levels []string
	switch {
	case given && o.lod(y) != nil:
		levels = o.lod(y)
	case given:
		levels = []string{o.within(y, o.node("Shape", []string{x.name}, attrInt("end", 1)))}
	default:
		levels = []string{o.integers(o.attrs.integers("target_lod", nil)...)}
	}
	if o.attrs.boolean("append", false) {
		levels = append(o.lod(x)[:len(o.lod(x)):len(o.lod(x))], levels...)
	}
	if len(levels) > maxLevels {
		o.failCode(sampan.Unimplemented, "%d LoD levels, more than %d are not supported", len(levels), maxLevels)
	}
	o.output("Out", x.name)
	o.setLoD("Out", levels...)
}

// sequenceMask tells for each length which places below maxlen it reaches.
func sequenceMask(o *op) {
	x := o.input("X")
	lengths := o.cast(x, sampan.Int64)
	places, given := o.optional("MaxLenTensor")
	var size string
	if n := o.attrs.integer("maxlen", -1); given {
		size = o.node("Reshape", []string{o.cast(places, sampan.Int64), o.integers(1)})
	} else if n > 0 {
		size = o.integers(n)
	} else {
		size = o.longest(o.node("Reshape", []string{lengths, o.integers(-1)}))
	}
	dtype := dtypes[paddle.VarType_Type(o.attrs.integer("out_dtype", int64(paddle.VarType_INT64)))]
	if !dtype.Valid() {
		o.fail("out_dtype is not a type that is supported")
	}
	reached := o.node("Less", []string{o.count(size), o.node("Unsqueeze", []string{lengths, o.integers(-1)})})
	o.output("Y", o.node("Cast", []string{reached}, attrInt("to", int64(dtype))))
}
