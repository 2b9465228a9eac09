package paddle

import (
	"fmt"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// op is one operator under translation. After the first fault its methods return zero
// values, which the translating functions carry through without looking.
type op struct {
	*graph
	desc  *paddle.OpDesc
	attrs attributes
	// first is the operator's first node, own the values that its nodes made and that
	// are bound to no output yet.
	first int
	own   map[string]bool
	// ownLoD has the LoD of the outputs that do not share an input's, ownDTypes their
	// element types where the program declares others.
	ownLoD    map[string][]string
	ownDTypes map[string]sampan.DType

	code sampan.Code
	err  error
}

// value is a tensor that the operator reads.
type value struct {
	// name in the graph.
	name string
	// variable in the program.
	variable string
	// dtype and shape as the program declares them: Invalid and nil where it does not,
	// -1 for sizes that are not fixed.
	dtype sampan.DType
	shape sampan.Shape
}

// absent is how a program writes a variable that is not there.
const absent = "@EMPTY@"

func newOp(g *graph, desc *paddle.OpDesc) *op {
	o := &op{graph: g, desc: desc, first: len(g.nodes), own: map[string]bool{}, ownLoD: map[string][]string{}, ownDTypes: map[string]sampan.DType{}}
	o.attrs = newAttributes(desc, o.fail)
	return o
}

// fail records the fault of a program that is wrong.
func (o *op) fail(format string, args ...any) {
	o.failCode(sampan.InvalidArgument, format, args...)
}

// failCode records a fault; the first one counts.
func (o *op) failCode(code sampan.Code, format string, args ...any) {
	if o.err == nil {
		o.code, o.err = code, fmt.Errorf(format, args...)
	}
}

// arguments returns the variables that are bound to a parameter.
func (o *op) arguments(bindings []*paddle.OpDesc_Var, parameter string) []string {
	var out []string
	for _, b := range bindings {
		if b.GetParameter() == parameter {
			out = append(out, b.GetArguments()...)
		}
	}
	return slices.DeleteFunc(out, func(name string) bool { return name == absent })
}

// input returns the only value of an input.
func (o *op) input(parameter string) value {
	all := o.inputs(parameter)
	if len(all) != 1 {
		o.fail("input %s has %d variables, want 1", parameter, len(all))
		return value{}
	}
	return all[0]
}

// optional returns the value of an input that may be left out.
func (o *op) optional(parameter string) (value, bool) {
	if len(o.arguments(o.desc.Inputs, parameter)) == 0 {
		return value{}, false
	}
	return o.input(parameter), true
}

// inputs returns all values of an input.
func (o *op) inputs(parameter string) []value {
	names := o.arguments(o.desc.Inputs, parameter)
	out := make([]value, len(names))
	for i, variable := range names {
		name, ok := o.read(variable)
		if !ok {
			o.fail("input %s reads %q, which nothing has written", parameter, variable)
			return make([]value, len(names))
		}
		v := value{name: name, variable: variable}
		v.dtype, v.shape = o.describe(variable)
		out[i] = v
	}
	return out
}

// target returns the only variable of an output.
func (o *op) target(parameter string) string {
	names := o.arguments(o.desc.Outputs, parameter)
	if len(names) != 1 {
		o.fail("output %s has %d variables, want 1", parameter, len(names))
		return ""
	}
	return names[0]
}

// node adds a node with one output and returns the value it makes, or a constant where
// that is known.
func (o *op) node(opType string, inputs []string, attrs ...*onnx.AttributeProto) string {
	if o.err != nil {
		return ""
	}
	if name, ok := o.folded(opType, inputs, attrs); ok {
		return name
	}
	name := o.name(o.desc.GetType())
	o.own[name] = true
	o.nodes = append(o.nodes, &onnx.NodeProto{
		Name:      name,
		OpType:    opType,
		Input:     inputs,
		Output:    []string{name},
		Attribute: attrs,
	})
	return name
}

// output binds a value to the operator's output. A value that one of the operator's
// nodes made takes the variable's name, another one is passed through. A constant is
// no value of the graph until something reads it, so that others can ask for it.
func (o *op) output(parameter, result string) {
	o.bind(o.target(parameter), result)
}

// bind is output for one of an output's variables.
func (o *op) bind(variable, result string) {
	if o.err != nil {
		return
	}
	if _, ok := o.constants[result]; ok {
		o.wrote(variable)
		o.values[variable] = result
		return
	}
	if !o.own[result] {
		o.doubt(variable, result)
		o.makes("Identity", []string{result}, []string{variable})
		return
	}
	delete(o.own, result)
	name := o.written(variable)
	for _, n := range o.nodes[o.first:] {
		renameValue(n, result, name)
	}
}

// doubt notes that a variable's declared shape is wrong if it gets a value whose own is
// another: programs have been pruned and renamed by many tools.
func (o *op) doubt(variable, result string) {
	_, declared := o.describe(variable)
	for _, binding := range o.desc.Inputs {
		for _, from := range binding.Arguments {
			if o.values[from] != result {
				continue
			}
			if _, shape := o.describe(from); shape != nil && (len(shape) != len(declared) || !compatible(shape, declared)) {
				o.doubted[variable] = true
			}
		}
	}
}

// makes adds a node whose outputs are the new values of variables.
func (o *op) makes(opType string, inputs, variables []string, attrs ...*onnx.AttributeProto) {
	if o.err != nil {
		return
	}
	n := &onnx.NodeProto{Name: o.name(o.desc.GetType()), OpType: opType, Input: inputs, Attribute: attrs}
	for _, v := range variables {
		n.Output = append(n.Output, o.written(v))
	}
	o.nodes = append(o.nodes, n)
}

// renameValue renames a value in a node and in the graphs that it holds.
func renameValue(n *onnx.NodeProto, from, to string) {
	rename(n.Input, from, to)
	rename(n.Output, from, to)
	for _, a := range n.Attribute {
		for _, inner := range a.G.GetNode() {
			renameValue(inner, from, to)
		}
	}
}

func rename(names []string, from, to string) {
	for i := range names {
		if names[i] == from {
			names[i] = to
		}
	}
}

// rank returns the number of a value's dimensions, which has to be known.
func (o *op) rank(v value) int {
	if v.shape == nil {
		o.fail("the shape of %q is not known", v.variable)
	}
	return len(v.shape)
}

// axis returns an axis, which may count from the end, as an index below rank.
func (o *op) axis(axis int64, rank int) int {
	if axis < -int64(rank) || axis >= int64(rank) {
		o.fail("axis %d of %d dimensions", axis, rank)
		return 0
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis)
}

// scalar adds a number as an initialiser without dimensions.
func (o *op) scalar(dtype sampan.DType, v float64) string {
	data, ok := encode(dtype, v)
	if !ok {
		o.fail("%v is no number of type %s", v, dtype)
		return ""
	}
	return o.constant(dtype, nil, data)
}

// integersOf returns the elements of a value of integers that is known when the model
// is translated: a parameter, or a constant that an operator made.
func (o *op) integersOf(v value) ([]int64, bool) {
	t := o.constants[v.name]
	if t == nil {
		return nil, false
	}
	return decodeIntegers(sampan.DType(t.DataType), t.RawData)
}

// cast converts a value whose dtype is not d.
func (o *op) cast(v value, d sampan.DType) string {
	if v.dtype == d {
		return v.name
	}
	if !d.Valid() {
		o.fail("the element type is not known or not supported")
	}
	return o.node("Cast", []string{v.name}, attrInt("to", int64(d)))
}

// names lists the values' names in the graph.
func names(values []value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.name
	}
	return out
}

func attrInt(name string, v int64) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, Type: onnx.AttributeProto_INT, I: v}
}

// flag is how ONNX writes a bool in an attribute.
func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func attrInts(name string, v []int64) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, Type: onnx.AttributeProto_INTS, Ints: v}
}
