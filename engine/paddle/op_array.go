package paddle

import (
	"github.com/sampanml/sampan"
)

// arrayOps work on lists of tensors, which loops collect results in.
var arrayOps = map[string]operator{
	"lod_array_length":       {translate: arrayLength},
	"read_from_array":        {translate: readFromArray},
	"tensor_array_to_tensor": {translate: arrayToTensor, notes: "of the outputs only Out"},
	"write_to_array":         {translate: writeToArray, notes: "an index beyond the end appends"},
}

// index makes a number without dimensions of an index.
func (o *op) index(v value) string {
	return o.node("Reshape", []string{o.cast(v, sampan.Int64), o.integers()})
}

// writeToArray puts a tensor at an index of a list, or at its end. The output is the
// list that is there already.
func writeToArray(o *op) {
	x, i, target := o.input("X"), o.index(o.input("I")), o.target("Out")
	if o.err != nil {
		return
	}
	list, known := o.read(target)
	if !known {
		if !x.dtype.Valid() {
			o.fail("the element type of %q is not known or not supported", x.variable)
		}
		first := o.node("SequenceEmpty", nil, attrInt("dtype", int64(x.dtype)))
		o.output("Out", o.node("SequenceInsert", []string{first, x.name}))
		return
	}
	inside := o.node("Less", []string{i, o.node("SequenceLength", []string{list})})
	replaced := o.subgraph(nil, func() []string {
		rest := o.node("SequenceErase", []string{list, i})
		return []string{o.node("SequenceInsert", []string{rest, x.name, i})}
	})
	longer := o.subgraph(nil, func() []string {
		return []string{o.node("SequenceInsert", []string{list, x.name})}
	})
	o.choose(inside, replaced, longer, []string{target})
}

// readFromArray takes the tensor at an index of a list.
func readFromArray(o *op) {
	o.output("Out", o.node("SequenceAt", []string{o.input("X").name, o.index(o.input("I"))}))
}

// arrayLength counts the tensors of a list.
func arrayLength(o *op) {
	n := o.node("SequenceLength", []string{o.input("X").name})
	if _, shape := o.describe(o.target("Out")); len(shape) == 1 {
		n = o.node("Reshape", []string{n, o.integers(1)})
	}
	o.output("Out", n)
}

// arrayToTensor joins the tensors of a list along an axis, or a new one with use_stack.
func arrayToTensor(o *op) {
	x, axis, stack := o.input("X"), o.attrs.integer("axis", 0), int64(0)
	if o.attrs.boolean("use_stack", false) {
		stack = 1
	}
	o.output("Out", o.node("ConcatFromSequence", []string{x.name}, attrInt("axis", axis), attrInt("new_axis", stack)))
}
