package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// loosen notes that the first size of an output is a bound and not, as the program
// declares it, how many rows there are: Paddle counts those of its detection operators
// when they run.
func (o *op) loosen(parameter string) {
	variable := o.target(parameter)
	if dims := o.declared(variable).GetTensor().GetDims(); o.err == nil && len(dims) > 0 && dims[0] > 0 {
		o.loose[variable] = append(o.loose[variable], dims[0])
	}
}

// shareLoose notes for what the operator has written the bounds of what it has read:
// the program has computed with them as if they were sizes.
func (o *op) shareLoose() {
	if len(o.loose) == 0 {
		return
	}
	var all []int64
	for _, binding := range o.desc.Inputs {
		for _, variable := range binding.Arguments {
			all = append(all, o.loose[variable]...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, binding := range o.desc.Outputs {
		for _, variable := range binding.Arguments {
			if len(all) > 0 {
				o.loose[variable] = all
			}
		}
	}
}

// withoutLoose makes unknown sizes of those that are bounds.
func (g *graph) withoutLoose(variable string, shape sampan.Shape) sampan.Shape {
	for i, d := range shape {
		if slices.Contains(g.loose[variable], d) {
			shape[i] = -1
		}
	}
	return shape
}
