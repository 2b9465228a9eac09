package paddle

import (
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// maxLevels bounds the levels of LoD, as sampan.LoD does.
const maxLevels = 2

// lodName is the name of the input or output that holds a variable's offsets of one
// level, counted from the outermost.
func lodName(variable string, level int) string {
	return fmt.Sprintf("%s@lod%d", variable, level)
}

// lod returns the LoD of an operator's input: for each level, from the outermost in,
// the name of an ONNX value with the offsets, int64 [sequences+1]. Nil if it has none.
func (o *op) lod(v value) []string { return o.lods[v.variable] }

// setLoD gives an operator's output a LoD of int64 values, or, without levels, none.
// Outputs of which nothing is said share the LoD of an input; see shareLoD.
func (o *op) setLoD(parameter string, levels ...string) {
	if variable := o.target(parameter); o.err == nil {
		o.ownLoD[variable] = levels
	}
}

// shareLoD keeps the LoD of what the operator has written. Operators that keep their
// rows hand on the LoD of an input, and a program shows which: the output is declared
// with the same number of levels as the input and with the same first size. Of several
// such inputs the first counts.
func (o *op) shareLoD() {
	if len(o.lods) == 0 && len(o.ownLoD) == 0 {
		return
	}
	written := map[string][]string{}
	for _, binding := range o.desc.Outputs {
		for _, variable := range binding.Arguments {
			levels, own := o.ownLoD[variable]
			if !own {
				levels = o.inputLoD(variable)
			}
			written[variable] = levels
		}
	}
	for variable, levels := range written {
		if len(levels) == 0 {
			delete(o.lods, variable)
		} else {
			o.lods[variable] = levels
		}
	}
}

// inputLoD finds the LoD that an output shares with an input.
func (o *op) inputLoD(output string) []string {
	to := o.declared(output)
	for _, binding := range o.desc.Inputs {
		for _, variable := range binding.Arguments {
			from := o.declared(variable)
			if levels := o.lods[variable]; levels != nil && from.GetLodLevel() == to.GetLodLevel() &&
				firstSize(from.GetTensor().GetDims()) == firstSize(to.GetTensor().GetDims()) {
				return levels
			}
		}
	}
	return nil
}

// firstSize is the first size of a shape, 1 if it has none.
func firstSize(dims []int64) int64 {
	if len(dims) == 0 {
		return 1
	}
	return dims[0]
}

// feedLoD names the inputs that bring the offsets of a feed.
func (o *op) feedLoD(variable string) []string {
	n := o.declared(variable).GetLodLevel()
	if n > maxLevels {
		o.failCode(sampan.Unimplemented, "%q has %d LoD levels, more than %d are not supported", variable, n, maxLevels)
		return nil
	}
	var levels []string
	for level := range int(n) {
		levels = append(levels, o.reserve(lodName(variable, level)))
	}
	return levels
}

// fetchLoD makes the outputs that show the offsets of a fetch.
func (o *op) fetchLoD(x value) []string {
	var levels []string
	for i, level := range o.lod(x) {
		name := o.reserve(lodName(x.variable, i))
		o.nodes = append(o.nodes, &onnx.NodeProto{Name: name, OpType: "Identity", Input: []string{level}, Output: []string{name}})
		levels = append(levels, name)
	}
	return levels
}

// reserve takes a name that nothing in the program may have.
func (o *op) reserve(name string) string {
	if o.taken[name] {
		o.failCode(sampan.Unimplemented, "a variable is called %q, which is the name of a LoD level", name)
	}
	o.taken[name] = true
	return name
}

// lodInfo declares an input or output with the offsets of one level. The number of an
// input's sequences has a name.
func lodInfo(name, size string) *onnx.ValueInfoProto {
	shape := &onnx.TensorShapeProto{Dim: []*onnx.TensorShapeProto_Dimension{dimension(-1, size)}}
	return valueInfo(name, sampan.Int64, shape)
}
