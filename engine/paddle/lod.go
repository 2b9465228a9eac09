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
	shared := o.inputLoD()
	written := map[string][]string{}
	for _, binding := range o.desc.Outputs {
		for _, variable := range binding.Arguments {
			levels, own := o.ownLoD[variable]
			if !own {
				levels = shared[o.rowsOf(variable)]
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

// rows is what a program declares of a variable's rows: the number of LoD levels, and
// the first size, which is 1 where it has none.
type rows struct {
	levels int32
	size   int64
}

func (o *op) rowsOf(variable string) rows {
	desc := o.declared(variable)
	r := rows{desc.GetLodLevel(), 1}
	if dims := desc.GetTensor().GetDims(); len(dims) > 0 {
		r.size = dims[0]
	}
	return r
}

// inputLoD finds the LoD that the operator's outputs can share, by how they are
// declared.
func (o *op) inputLoD() map[rows][]string {
	shared := map[rows][]string{}
	for _, binding := range o.desc.Inputs {
		for _, variable := range binding.Arguments {
			levels, r := o.lods[variable], o.rowsOf(variable)
			if _, ok := shared[r]; !ok && levels != nil {
				shared[r] = levels
			}
		}
	}
	return shared
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
