package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// joinOps make one value of several, and several of one.
var joinOps = map[string]operator{
	"broadcast_tensors": {translate: broadcastTensors},
	"concat":            {translate: concat},
	"meshgrid":          {translate: meshgrid},
	"split":             {translate: split},
	"stack":             {translate: stack},
	"unbind":            {translate: unbind("Out")},
	"unstack":           {translate: unbind("Y")},
}

// axisOf reads an axis from a tensor, which has to be constant, or an attribute.
func (o *op) axisOf(tensor, attr string) int64 {
	v, given := o.optional(tensor)
	if !given {
		return o.attrs.integer(attr, 0)
	}
	all, ok := o.integersOf(v)
	if !ok || len(all) != 1 {
		o.failCode(sampan.Unimplemented, "an axis that is computed is not supported")
		return 0
	}
	return all[0]
}

// outputs binds values to all variables of an output.
func (o *op) outputs(parameter string, results []string) {
	variables := o.arguments(o.desc.Outputs, parameter)
	if len(variables) != len(results) {
		o.fail("output %s has %d variables, want %d", parameter, len(variables), len(results))
		return
	}
	for i, variable := range variables {
		o.bind(variable, results[i])
	}
}

// concat lays values one behind the other.
func concat(o *op) {
	all, axis := o.inputs("X"), o.axisOf("AxisTensor", "axis")
	if len(all) == 0 {
		o.fail("input X has no variables")
	}
	o.output("Out", o.node("Concat", names(all), attrInt("axis", axis)))
}

// stack lays values beside each other in a new dimension.
func stack(o *op) {
	all, axis := o.inputs("X"), o.attrs.integer("axis", 0)
	if len(all) == 0 {
		o.fail("input X has no variables")
	}
	var list []string
	for _, x := range all {
		list = append(list, o.node("Unsqueeze", []string{x.name, o.integers(axis)}))
	}
	o.output("Y", o.node("Concat", list, attrInt("axis", axis)))
}

// unbind takes a dimension apart.
func unbind(parameter string) translator {
	return func(o *op) {
		x, axis := o.input("X"), o.attrs.integer("axis", 0)
		var list []string
		for i := range o.arguments(o.desc.Outputs, parameter) {
			list = append(list, o.node("Gather", []string{x.name, o.integer(int64(i))}, attrInt("axis", axis)))
		}
		o.outputs(parameter, list)
	}
}

// split divides a value along an axis into num parts of the same size, or into sections,
// one of which may be -1: what is left.
func split(o *op) {
	x, axis := o.input("X"), o.axisOf("AxisTensor", "axis")
	n := len(o.arguments(o.desc.Outputs, "Out"))
	num, sections := o.attrs.integer("num", 0), o.attrs.integers("sections", nil)
	if n == 0 || num > 0 && int64(n) != num || num == 0 && len(sections) != n && len(o.inputs("SectionsTensorList")) == 0 {
		o.fail("num is %d and sections are %v for %d outputs", num, sections, n)
		return
	}
	if n == 1 {
		o.output("Out", x.name)
		return
	}
	inputs := []string{x.name}
	if num == 0 {
		inputs = append(inputs, o.sections(x, axis))
	}
	o.outputs("Out", o.nodeN("Split", n, inputs, attrInt("axis", axis)))
}

// sections lists the sizes of the parts, int64.
func (o *op) sections(x value, axis int64) string {
	all := o.list("SectionsTensorList", "", "sections")
	sizes, ok := o.known(all)
	left := slices.Index(sizes.values, -1)
	if !ok || left < 0 {
		return all
	}
	rest := o.dim(x, o.axis(axis, o.rank(x)))
	var parts []string
	for i, n := range sizes.values {
		if i != left {
			rest = o.node("Sub", []string{rest, o.integers(n)})
		}
		parts = append(parts, o.integers(n))
	}
	parts[left] = rest
	return o.node("Concat", parts, attrInt("axis", 0))
}

// broadcastTensors gives all values the shape that they have together.
func broadcastTensors(o *op) {
	all := o.inputs("X")
	list := names(all)
	for i := range list {
		for j, other := range all {
			if i != j {
				list[i] = o.expanded(all[i].dtype, list[i], o.node("Shape", []string{other.name}))
			}
		}
	}
	o.outputs("Out", list)
}

// meshgrid makes of each list a value with a dimension for each of the lists, along one
// of which its elements vary.
func meshgrid(o *op) {
	all := o.inputs("X")
	var sizes []string
	for _, x := range all {
		sizes = append(sizes, o.node("Reshape", []string{o.node("Size", []string{x.name}), o.integers(1)}))
	}
	shape := o.node("Concat", sizes, attrInt("axis", 0))
	var list []string
	for i, x := range all {
		ones := slices.Repeat([]int64{1}, len(all))
		ones[i] = -1
		list = append(list, o.expanded(x.dtype, o.node("Reshape", []string{x.name, o.integers(ones...)}), shape))
	}
	o.outputs("Out", list)
}
