package onnx

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// shapeRule says how an output's shape follows from the inputs: each of its sizes is
// fixed or equals a size of an input that the model gives the same name. Nil where
// that is not known, and then the runtime makes the output.
type shapeRule []dimRule

type dimRule struct {
	// fixed size; -1 where it is taken from dims[axis] of the input.
	fixed       int64
	input, axis int
}

// ruleFor finds the rule of an output. Strings have no size that could be known.
func ruleFor(out engine.Field, inputs []engine.Field) shapeRule {
	if out.DType.Bits() == 0 {
		return nil
	}
	rule := make(shapeRule, len(out.Shape))
	for i, size := range out.Shape {
		if size >= 0 {
			rule[i] = dimRule{fixed: size}
			continue
		}
		d, ok := source(out.Dims[i], inputs)
		if !ok {
			return nil
		}
		rule[i] = d
	}
	return rule
}

func source(dim string, inputs []engine.Field) (dimRule, bool) {
	if dim == "" {
		return dimRule{}, false
	}
	for i, f := range inputs {
		for axis, name := range f.Dims {
			if name == dim && f.Shape[axis] < 0 {
				return dimRule{fixed: -1, input: i, axis: axis}, true
			}
		}
	}
	return dimRule{}, false
}

// shape applies the rule.
func (r shapeRule) shape(inputs []sampan.Tensor) sampan.Shape {
	shape := make(sampan.Shape, len(r))
	for i, d := range r {
		if shape[i] = d.fixed; d.fixed < 0 {
			shape[i] = inputs[d.input].Shape[d.axis]
		}
	}
	return shape
}
