package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// GeneralInfer is the type of the op that runs a model.
//
// It depends on exactly one node, takes from it the tensors that have the names (else
// the aliases) of the model's inputs, with their LoD, and gives all of the model's
// outputs in its order.
const GeneralInfer = "GeneralInferOp"

func init() { Register(GeneralInfer, newInfer) }

type infer struct {
	model     Model
	signature *engine.Signature
}

func newInfer(c Config) (Op, error) {
	var faults []error
	if len(c.Depends) != 1 {
		faults = append(faults, fmt.Errorf("a %s takes the tensors of one node; it depends on %d%s",
			GeneralInfer, len(c.Depends), enumerate(c.Depends)))
	}
	if c.Model == nil {
		faults = append(faults, fmt.Errorf("a %s needs a model, and there is none for it", GeneralInfer))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &infer{c.Model, c.Model.Signature()}, nil
}

// Signature implements [Signed].
func (o *infer) Signature() *engine.Signature { return o.signature }

// Run implements [Op].
func (o *infer) Run(ctx context.Context, f *Frame) error {
	if len(f.Inputs) != 1 {
		return sampan.Errorf(sampan.Internal, "%d nodes to take tensors from, want 1", len(f.Inputs))
	}
	from, fields := f.Inputs[0], o.signature.Inputs
	inputs := f.room.inputs[:0]
	if len(fields) > cap(inputs) {
		inputs = make([]sampan.Tensor, 0, len(fields))
	}
	for i := range fields {
		at := from.Find(&fields[i])
		if at < 0 {
			return sampan.Errorf(sampan.Internal, "input %q is missing; op %q gives %s",
				fields[i].Alias, from.Node, quoted(from.Tensors))
		}
		inputs = append(inputs, from.Tensors[at].Tensor)
	}
	outputs, err := o.model.Run(ctx, inputs)
	if err != nil {
		return err
	}
	fields = o.signature.Outputs
	if len(outputs) != len(fields) {
		return sampan.Errorf(sampan.Internal, "the model gave %d outputs, want %d", len(outputs), len(fields))
	}
	named := f.room.named[:0]
	if len(fields) > cap(named) {
		named = make([]sampan.Named, 0, len(fields))
	}
	for i := range fields {
		named = append(named, sampan.Named{Name: fields[i].Name, Alias: fields[i].Alias, Tensor: outputs[i]})
	}
	f.Output.Tensors = named
	return nil
}

// enumerate lists names behind their number.
func enumerate(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}
