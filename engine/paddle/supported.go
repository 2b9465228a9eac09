package paddle

import (
	"maps"
	"slices"
)

// Support is an operator that can be translated.
type Support struct {
	// Name is the operator's in programs before Paddle 3; PIR are those in programs of
	// Paddle 3, without pd_op.
	Name string
	PIR  []string
	// Notes tells what of the operator cannot be translated; empty if nothing is known.
	Notes string
}

// Supported lists the operators that can be translated, by name.
func Supported() []Support {
	var out []Support
	for _, name := range slices.Sorted(maps.Keys(operators)) {
		s := Support{Name: name, Notes: operators[name].notes}
		for _, later := range slices.Sorted(maps.Keys(pirRules)) {
			if pirRules[later].name == name {
				s.PIR = append(s.PIR, later)
			}
		}
		out = append(out, s)
	}
	return out
}
