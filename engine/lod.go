package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/sampanml/sampan"
)

// lodSession is a session whose model takes and gives LoD as tensors of its own: beside
// an input or output "x" there are "x@lod0" and, for two levels, "x@lod1", int64
// offsets from the outermost level in, as engine/paddle makes them. It shows only "x",
// and moves the offsets between x's LoD and the tensors.
type lodSession struct {
	Session
	signature       Signature
	inputs, outputs []span
}

// span is where a field and its levels of LoD lie in the session's list.
type span struct{ at, levels int }

// foldLoD hides the tensors that hold LoD. A session without any is returned as it is.
func foldLoD(s Session) Session {
	all := s.Signature()
	l := &lodSession{Session: s}
	l.signature.Inputs, l.inputs = foldFields(all.Inputs)
	l.signature.Outputs, l.outputs = foldFields(all.Outputs)
	if len(l.inputs) == len(all.Inputs) && len(l.outputs) == len(all.Outputs) {
		return s
	}
	return l
}

func foldFields(all []Field) (fields []Field, spans []span) {
	for at := 0; at < len(all); {
		f, levels := all[at], 0
		for at+levels+1 < len(all) && isLevel(&all[at+levels+1], f.Name, levels) {
			levels++
		}
		f.Levels, f.LoD = levels, levels > 0
		fields, spans = append(fields, f), append(spans, span{at, levels})
		at += 1 + levels
	}
	return fields, spans
}

// isLevel says that f holds a level of the LoD of the field with that name.
func isLevel(f *Field, name string, level int) bool {
	return f.Name == fmt.Sprintf("%s@lod%d", name, level) && f.DType == sampan.Int64 && f.Shape.Equal(sampan.Shape{-1})
}

// Signature is the model's without the tensors that hold LoD.
func (l *lodSession) Signature() Signature { return l.signature }

// Run takes the offsets from the inputs' LoD, which has as many levels as the model
// takes, and puts those that the model gives in the outputs'.
func (l *lodSession) Run(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	var allIn, allOut []sampan.Tensor
	for i, s := range l.inputs {
		allIn = append(allIn, inputs[i])
		for level := range s.levels {
			offsets := inputs[i].LoD[level]
			allIn = append(allIn, sampan.Tensor{DType: sampan.Int64, Shape: sampan.Shape{int64(len(offsets))}, Data: sampan.Bytes(offsets)})
		}
	}
	for i, s := range l.outputs {
		allOut = append(allOut, outputs[i])
		allOut = append(allOut, make([]sampan.Tensor, s.levels)...)
	}
	if err := l.Session.Run(ctx, allIn, allOut); err != nil {
		return err
	}
	for i, s := range l.outputs {
		outputs[i] = allOut[s.at]
		if err := takeLoD(&outputs[i], allOut[s.at+1:s.at+1+s.levels]); err != nil {
			return fmt.Errorf("output %q: %w", l.signature.Outputs[i].Name, err)
		}
	}
	return nil
}

// takeLoD gives a tensor the LoD that others hold, if it divides the tensor's rows:
// where it does not, an operator has changed their number, and no sequences are left.
func takeLoD(t *sampan.Tensor, levels []sampan.Tensor) error {
	var lod sampan.LoD
	for i := range levels {
		offsets, err := sampan.View[int64](levels[i])
		if err != nil {
			return sampan.Errorf(sampan.Internal, "lod level %d: %w", i, err)
		}
		lod = append(lod, slices.Clone(offsets))
	}
	if t.LoD = nil; len(lod) > 0 && lod.Validate(t.Rows()) == nil {
		t.LoD = lod
	}
	return nil
}

// wholeLoD is one sequence of all rows.
func wholeLoD(levels int, rows int64) sampan.LoD {
	lod := make(sampan.LoD, levels)
	for i := range lod {
		lod[i] = []int64{0, 1}
	}
	lod[levels-1][1] = rows
	return lod
}

// withLoD gives the inputs that are sequences to the model, and came without LoD, that
// of one sequence.
func (m *Model) withLoD(inputs []sampan.Tensor) []sampan.Tensor {
	copied := false
	for i := range inputs {
		levels := m.signature.Inputs[i].Levels
		if levels == 0 || len(inputs[i].LoD) > 0 {
			continue
		}
		if !copied {
			inputs, copied = slices.Clone(inputs), true
		}
		inputs[i].LoD = wholeLoD(levels, inputs[i].Rows())
	}
	return inputs
}
