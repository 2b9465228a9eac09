package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// maxDepth bounds how deep blocks nest.
const maxDepth = 32

// block finds the sub-block that an attribute names. Each belongs to one operator.
func (o *op) block(attr string) *paddle.BlockDesc {
	index, ok := o.attrs.block(attr)
	switch {
	case !ok:
		o.fail("attribute %q is not there, want a block", attr)
	case index < 1 || int(index) >= len(o.program.blocks):
		o.fail("attribute %q is block %d of %d", attr, index, len(o.program.blocks))
	case o.entered[index]:
		o.fail("attribute %q is block %d, which belongs to another operator", attr, index)
	case o.depth >= maxDepth:
		o.failCode(sampan.Unimplemented, "blocks nest deeper than %d", maxDepth)
	}
	if o.err != nil {
		return &paddle.BlockDesc{}
	}
	o.entered[index] = true
	return o.program.blocks[index]
}

// inside translates a sub-block into a graph with the given inputs. Its operators see
// the values around them, and arguments, variables that hold values of their own. The
// graph's outputs are what results names when all operators are translated; outside,
// every variable then holds again what it did.
func (o *op) inside(b *paddle.BlockDesc, inputs []*onnx.ValueInfoProto, arguments map[string]string, results func() []string) *onnx.GraphProto {
	if o.err != nil {
		return nil
	}
	defer o.restore(b, arguments)()
	for variable, name := range arguments {
		o.values[variable] = name
		delete(o.lods, variable)
		delete(o.dtypes, variable)
	}
	for _, v := range b.Vars {
		o.vars[v.GetName()] = v
	}
	o.depth++
	defer func() { o.depth-- }()
	return o.subgraph(inputs, func() []string {
		if err := o.translate(b.Ops); err != nil {
			o.failCode(sampan.CodeOf(err), "block %d: %w", b.GetIdx(), err)
			return nil
		}
		var out []string
		for _, name := range results() {
			// An output has to be made in the graph, and each one anew.
			out = append(out, o.node("Identity", []string{name}))
		}
		return out
	})
}

// restore returns a function that undoes what a block does to the variables' values
// and descriptions.
func (o *op) restore(b *paddle.BlockDesc, arguments map[string]string) func() {
	touched := written(b)
	for variable := range arguments {
		touched = append(touched, variable)
	}
	restores := []func(){
		saved(o.values, touched), saved(o.lods, touched), saved(o.dtypes, touched), saved(o.vars, declaredIn(b)),
	}
	return func() {
		for _, restore := range restores {
			restore()
		}
	}
}

// saved returns a function that gives the keys of a map the values that they have now.
func saved[V any](m map[string]V, keys []string) func() {
	before := map[string]V{}
	for _, k := range keys {
		if v, ok := m[k]; ok {
			before[k] = v
		}
	}
	return func() {
		for _, k := range keys {
			if v, ok := before[k]; ok {
				m[k] = v
			} else {
				delete(m, k)
			}
		}
	}
}

// written lists the variables that the operators of a block write, once each.
func written(b *paddle.BlockDesc) []string {
	var out []string
	seen := map[string]bool{}
	for _, desc := range b.Ops {
		for _, binding := range desc.Outputs {
			for _, name := range binding.Arguments {
				if !seen[name] {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	return out
}

func declaredIn(b *paddle.BlockDesc) []string {
	var out []string
	for _, v := range b.Vars {
		out = append(out, v.GetName())
	}
	return out
}

// changed lists the variables that a block changes for those around it: what it writes
// and does not declare itself, if it has a value already or is one of the operator's
// outputs.
func (o *op) changed(b *paddle.BlockDesc) []string {
	own, outputs := setOf(declaredIn(b)), setOf(o.arguments(o.desc.Outputs, "Out"))
	return slices.DeleteFunc(written(b), func(name string) bool {
		_, known := o.read(name)
		return own[name] || name == absent || !known && !outputs[name]
	})
}

func setOf(names []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// before returns the value that a variable has before a block that may write it. One
// that has none gets an empty list or a tensor without elements, which nothing reads in
// a program that runs.
func (o *op) before(variable string) string {
	if name, ok := o.read(variable); ok {
		return name
	}
	t := o.vars[variable].GetType()
	if t.GetType() == paddle.VarType_DENSE_TENSOR_ARRAY {
		dtype := dtypes[t.GetTensorArray().GetTensor().GetDataType()]
		if !dtype.Valid() {
			o.fail("%q is declared without an element type that is supported", variable)
		}
		return o.node("SequenceEmpty", nil, attrInt("dtype", int64(dtype)))
	}
	dtype, _ := o.describe(variable)
	if !dtype.Valid() {
		o.fail("%q has no value and is declared without an element type that is supported", variable)
	}
	return o.constant(dtype, sampan.Shape{0}, nil)
}

// now returns the values that variables hold.
func (o *op) now(variables []string) []string {
	var out []string
	for _, v := range variables {
		name, ok := o.read(v)
		if !ok {
			o.fail("%q is not written", v)
		}
		out = append(out, name)
	}
	return out
}
