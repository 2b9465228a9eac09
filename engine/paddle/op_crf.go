package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// crfDecoding finds the best path of tags through each sequence. Emission has a score
// for each tag, by rows with LoD or padded [sequences size tags] with lengths;
// Transition has the scores of the first tags, of the last, and from each tag to each.
// With Label it tells where the path is the label.
func crfDecoding(o *op) {
	x, transition := o.input("Emission"), o.input("Transition")
	length, padded := o.optional("Length")
	zero := o.scalar(x.dtype, 0)
	// steps is [steps sequences tags] with one step more than the longest sequence has.
	var steps, lengths string
	var s segments
	if padded {
		row := o.node("Expand", []string{zero, o.node("Concat", []string{
			o.node("Shape", []string{x.name}, attrInt("end", 1)), o.integers(1), o.node("Shape", []string{x.name}, attrInt("start", 2)),
		}, attrInt("axis", 0))})
		steps = o.node("Concat", []string{x.name, row}, attrInt("axis", 1))
		lengths = o.node("Reshape", []string{o.cast(length, sampan.Int64), o.integers(-1)})
	} else {
		s = o.onlyLevel(x)
		size := o.node("Add", []string{o.longest(s.lengths), o.integers(1)})
		steps, lengths = o.gather(o.withRow(x, zero), o.padding(s, size)), s.lengths
	}
	steps = o.node("Transpose", []string{steps}, attrInts("perm", []int64{1, 0, 2}))
	paths := o.node("Transpose", []string{o.bestPaths(steps, lengths, x.dtype, transition.name)}, attrInts("perm", []int64{1, 0}))
	if padded {
		paths = o.node("Slice", []string{paths, o.integers(0), o.integers(-1), o.integers(1)})
		place := o.count(o.node("Shape", []string{paths}, attrInt("start", 1)))
		within := o.node("Less", []string{place, o.node("Unsqueeze", []string{lengths, o.integers(1)})})
		paths = o.node("Where", []string{within, paths, o.integer(0)})
	} else {
		paths = o.node("Unsqueeze", []string{o.unpadded(paths, s), o.integers(1)})
	}
	if label, given := o.optional("Label"); given {
		same := o.node("Reshape", []string{o.cast(label, sampan.Int64), o.node("Shape", []string{paths})})
		paths = o.node("Cast", []string{o.node("Equal", []string{paths, same})}, attrInt("to", int64(sampan.Int64)))
	}
	o.output("ViterbiPath", paths)
	o.setDType("ViterbiPath", sampan.Int64)
	if levels := o.lod(x); !padded {
		o.setLoD("ViterbiPath", levels...)
	}
}

// bestPaths is Viterbi's algorithm: forward with the best score of a path to each tag
// and the tag before it, and from the best last tag back. The result is [steps
// sequences].
func (o *op) bestPaths(steps, lengths string, dtype sampan.DType, transition string) string {
	start, end, change := o.part(transition, 0, 1), o.part(transition, 1, 2), o.part(transition, 2, toEnd)
	first := o.node("Add", []string{o.node("Squeeze", []string{o.part(steps, 0, 1), o.integers(0)}), start})
	later := o.part(steps, 1, toEnd)
	number := o.node("Add", []string{o.count(o.node("Shape", []string{later}, attrInt("end", 1))), o.integer(1)})
	within := o.node("Unsqueeze", []string{
		o.node("Less", []string{o.node("Unsqueeze", []string{number, o.integers(1)}), lengths}), o.integers(2),
	})
	tags := o.count(o.node("Shape", []string{end}, attrInt("start", 1)))

	scores, emission, inside := o.argument("scores", dtype), o.argument("emission", dtype), o.argument("inside", sampan.Bool)
	forward := o.subgraph([]*onnx.ValueInfoProto{scores, emission, inside}, func() []string {
		all := o.node("Add", []string{o.node("Unsqueeze", []string{scores.Name, o.integers(2)}), change})
		best := o.node("ReduceMax", []string{all}, attrInts("axes", []int64{1}), attrInt("keepdims", 0))
		from := o.node("ArgMax", []string{all}, attrInt("axis", 1), attrInt("keepdims", 0))
		next := o.node("Where", []string{inside.Name, o.node("Add", []string{best, emission.Name}), scores.Name})
		return []string{next, o.node("Where", []string{inside.Name, from, tags})}
	})
	made := o.nodeN("Scan", 2, []string{first, later, within}, attrInt("num_scan_inputs", 2), attrGraph("body", forward))
	last := o.node("ArgMax", []string{o.node("Add", []string{made[0], end})}, attrInt("axis", 1), attrInt("keepdims", 1))

	tag, before := o.argument("tag", sampan.Int64), o.argument("before", sampan.Int64)
	backward := o.subgraph([]*onnx.ValueInfoProto{tag, before}, func() []string {
		found := o.node("GatherElements", []string{before.Name, tag.Name}, attrInt("axis", 1))
		return []string{found, o.node("Identity", []string{found})}
	})
	back := attrInts("scan_input_directions", []int64{1})
	out := attrInts("scan_output_directions", []int64{1})
	path := o.nodeN("Scan", 2, []string{last, made[1]}, attrInt("num_scan_inputs", 1), back, out, attrGraph("body", backward))
	all := o.node("Concat", []string{path[1], o.node("Unsqueeze", []string{last, o.integers(0)})}, attrInt("axis", 0))
	return o.node("Squeeze", []string{all, o.integers(2)})
}
