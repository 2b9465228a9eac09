package paddle

import (
	"github.com/sampanml/sampan"
)

// ctcAlign leaves out what repeats the row before it (with merge_repeated) and the
// blanks. Padded rows, whose lengths are given, are filled up with padding_value.
func ctcAlign(o *op) {
	x := o.input("Input")
	blank := o.scalar(x.dtype, float64(o.attrs.integer("blank", 0)))
	merge := o.attrs.boolean("merge_repeated", true)
	lengths, padded := o.optional("InputLength")
	// keep tells which of the rows of a list, or along an axis of 1, stay.
	keep := func(v string, axis int64, first string) string {
		keep := o.node("Not", []string{o.node("Equal", []string{v, blank})})
		if !merge {
			return keep
		}
		axes := o.integers(axis)
		before := o.node("Slice", []string{v, o.integers(0), o.integers(-1), axes})
		head := o.node("Slice", []string{v, o.integers(0), o.integers(1), axes})
		changed := o.node("Not", []string{o.node("Equal", []string{
			v, o.node("Concat", []string{head, before}, attrInt("axis", axis)),
		})})
		return o.node("And", []string{keep, o.node("Or", []string{changed, first})})
	}
	if padded {
		o.ctcAlignPadded(x, lengths, keep)
		return
	}
	s := o.onlyLevel(x)
	row := o.node("Reshape", []string{x.name, o.integers(-1)})
	first := o.node("Equal", []string{o.count(s.rows), o.gather(s.starts, o.ids(s))})
	kept := keep(row, 0, first)
	// Where nothing is left Paddle gives one row, -1, and no sequences.
	left := o.node("Compress", []string{row, kept}, attrInt("axis", 0))
	all := o.node("Concat", []string{left, o.node("Reshape", []string{o.scalar(x.dtype, -1), o.integers(1)})}, attrInt("axis", 0))
	size := o.node("Max", []string{o.node("Shape", []string{left}), o.integers(1)})
	all = o.node("Slice", []string{all, o.integers(0), size})
	o.output("Output", o.node("Reshape", []string{all, o.integers(-1, 1)}))
	o.setLoD("Output", o.keptOffsets(s, kept))
}

func (o *op) ctcAlignPadded(x, lengths value, keep func(v string, axis int64, first string) string) {
	pad := o.scalar(x.dtype, float64(o.attrs.integer("padding_value", 0)))
	size := o.node("Shape", []string{x.name}, attrInt("start", 1), attrInt("end", 2))
	place := o.count(size)
	within := o.node("Less", []string{place, o.node("Reshape", []string{o.cast(lengths, sampan.Int64), o.integers(-1, 1)})})
	first := o.node("Equal", []string{place, o.integer(0)})
	kept := o.node("And", []string{within, keep(x.name, 1, first)})
	sums := o.node("CumSum", []string{o.node("Cast", []string{kept}, attrInt("to", int64(sampan.Int64))), o.integer(1)})
	// What is left out goes to a place behind the last, which is cut off.
	to := o.node("Where", []string{kept, o.node("Sub", []string{sums, o.integer(1)}), size})
	wide := o.node("Concat", []string{o.node("Shape", []string{x.name}, attrInt("end", 1)), o.node("Add", []string{size, o.integers(1)})}, attrInt("axis", 0))
	all := o.node("ScatterElements", []string{o.node("Expand", []string{pad, wide}), to, x.name}, attrInt("axis", 1))
	o.output("Output", o.node("Slice", []string{all, o.integers(0), o.integers(-1), o.integers(1)}))
	if len(o.arguments(o.desc.Outputs, "OutputLength")) == 1 {
		count := o.node("Slice", []string{sums, o.integers(-1), o.integers(toEnd), o.integers(1)})
		o.output("OutputLength", o.node("Cast", []string{count}, attrInt("to", int64(x.dtype))))
	}
}
