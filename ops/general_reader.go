package ops

import (
	"context"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// GeneralReader is the type of the op that gives the request's inputs to the graph.
//
// Each is bound to an input of the op behind it, which is mostly the first model: by the variable's name, else
// by alias, else (without either) by its position in the request. Its output has them
// all in the model's order, named as the model names them. What is unknown, missing or
// there twice is InvalidArgument; shapes and dtypes are left to the model, which
// checks them anyway. To an op that does not say what it takes the inputs pass as they
// came.
const GeneralReader = "GeneralReaderOp"

func init() { Register(GeneralReader, newReader) }

type reader struct {
	// signature has what the reader gives, which is what the op behind it takes; nil
	// Outputs where that is not known.
	signature engine.Signature
}

func newReader(c Config) (Op, error) {
	r := &reader{}
	if s := taker(c); s != nil {
		// Not nil: that would say that the inputs are not known.
		r.signature.Outputs = append([]engine.Field{}, s.Inputs...)
	}
	return r, nil
}

// taker is the signature of the op that the inputs are for; nil where one behind the reader
// does not say what it takes.
func taker(c Config) (first *engine.Signature) {
	if len(c.Behind) == 0 && c.First != nil {
		return c.First.Signature()
	}
	for _, op := range c.Behind {
		s, ok := op.(Signed)
		if !ok {
			return nil
		}
		if first == nil {
			first = s.Signature()
		}
	}
	return first
}

// Signature implements [Signed].
func (r *reader) Signature() *engine.Signature { return &r.signature }

// Run implements [Op].
func (r *reader) Run(_ context.Context, f *Frame) error {
	inputs, fields := f.Request.Inputs, r.signature.Outputs
	if fields == nil {
		return pass(f)
	}
	if len(inputs) == 0 && len(fields) > 0 {
		return sampan.Errorf(sampan.InvalidArgument, "the request has no inputs; the model takes %s", engine.Aliases(fields))
	}
	bound := f.room.named[:]
	if len(fields) > len(bound) {
		bound = make([]sampan.Named, len(fields))
	}
	bound = bound[:len(fields)]
	for i := range inputs {
		n := &inputs[i]
		at := field(fields, n, i)
		switch {
		case at < 0 && n.Public() == "":
			return sampan.Errorf(sampan.InvalidArgument, "input %d has no name, and the model takes %d: %s",
				i, len(fields), engine.Aliases(fields))
		case at < 0:
			return sampan.Errorf(sampan.InvalidArgument, "input %q is not known; the model takes %s",
				n.Public(), engine.Aliases(fields))
		case isBound(&bound[at]):
			return sampan.Errorf(sampan.InvalidArgument, "input %q is there twice", fields[at].Alias)
		}
		bound[at] = sampan.Named{Name: fields[at].Name, Alias: fields[at].Alias, Tensor: n.Tensor}
	}
	for i := range bound {
		if !isBound(&bound[i]) {
			return sampan.Errorf(sampan.InvalidArgument, "input %q is missing", fields[i].Alias)
		}
	}
	f.Output.Tensors = bound
	return nil
}

func isBound(n *sampan.Named) bool { return n.Public() != "" }

// pass gives the inputs as they came, checked against nothing but themselves.
func pass(f *Frame) error {
	for i := range f.Request.Inputs {
		n := &f.Request.Inputs[i]
		if err := n.Tensor.Validate(); err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "input %q: %w", n.Public(), err)
		}
	}
	f.Output.Tensors = f.Request.Inputs
	return nil
}

// field returns which of the fields a request's input is meant for; -1 for none. A
// name that no variable has may be an alias: messages speak of aliases alone.
func field(fields []engine.Field, n *sampan.Named, position int) int {
	if n.Name == "" && n.Alias == "" {
		if position < len(fields) {
			return position
		}
		return -1
	}
	for i := range fields {
		if fields[i].Name == n.Name {
			return i
		}
	}
	for _, alias := range [...]string{n.Alias, n.Name} {
		for i := range fields {
			if alias != "" && fields[i].Alias == alias {
				return i
			}
		}
	}
	return -1
}
