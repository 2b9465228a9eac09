package engine

import (
	"slices"
	"strings"

	"github.com/sampanml/sampan"
)

// Field describes one input or output of a model.
type Field struct {
	// Name is the variable's name in the model, Alias the name that callers use.
	Name, Alias string
	DType       sampan.DType
	// Shape has the batch dimension first; -1 is a size that is not fixed.
	Shape sampan.Shape
	// Dims names the sizes that are not fixed, where the model does ("" elsewhere):
	// equal names have equal sizes. Nil or as long as Shape.
	Dims []string
	// LoD says that the tensor's rows are divided into sequences.
	LoD bool
	// Levels is how many levels of LoD the model takes or gives; 0 where it computes
	// without them, and what comes with a request is at most handed on.
	Levels int
}

// Signature is what a model takes and gives, in the model's own order.
type Signature struct {
	Inputs, Outputs []Field
}

// Input returns the position of the input with that alias or, failing that, that
// name; -1 if there is none.
func (s *Signature) Input(name string) int { return find(s.Inputs, name) }

// Output is Input for outputs.
func (s *Signature) Output(name string) int { return find(s.Outputs, name) }

func find(fields []Field, name string) int {
	if i := slices.IndexFunc(fields, func(f Field) bool { return f.Alias == name }); i >= 0 {
		return i
	}
	return slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
}

// Aliases lists the public names, quoted, for messages.
func Aliases(fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = `"` + f.Alias + `"`
	}
	return strings.Join(names, ", ")
}

// Check says whether t may be given to the input f: the same dtype, the rank, every
// fixed size, data and LoD that agree with the shape, and a LoD of f's levels or none.
func (f *Field) Check(t sampan.Tensor) error {
	if t.DType != f.DType {
		return sampan.Errorf(sampan.InvalidArgument, "input %q: dtype %s, want %s", f.Alias, t.DType, f.DType)
	}
	if !t.Shape.Fits(f.Shape) {
		return sampan.Errorf(sampan.InvalidArgument, "input %q: shape %v, want %v", f.Alias, t.Shape, f.Shape)
	}
	if err := t.Validate(); err != nil {
		return sampan.Errorf(sampan.InvalidArgument, "input %q: %w", f.Alias, err)
	}
	if n := len(t.LoD); f.Levels > 0 && n > 0 && n != f.Levels {
		return sampan.Errorf(sampan.InvalidArgument, "input %q: lod has %d levels, want %d", f.Alias, n, f.Levels)
	}
	return nil
}

// Same says nothing if the other signature is the same but for the names of sizes, and
// else how it differs: `input "x": float32 [-1 13], was float32 [-1 12]`.
func (s *Signature) Same(other *Signature) error {
	if err := sameFields("input", s.Inputs, other.Inputs); err != nil {
		return err
	}
	return sameFields("output", s.Outputs, other.Outputs)
}

func sameFields(kind string, now, before []Field) error {
	if len(now) != len(before) {
		return sampan.Errorf(sampan.InvalidArgument, "%ss %s, were %s", kind, Aliases(now), Aliases(before))
	}
	for i := range now {
		a, b := &now[i], &before[i]
		if a.Alias != b.Alias || a.Name != b.Name {
			return sampan.Errorf(sampan.InvalidArgument, "%ss %s, were %s", kind, Aliases(now), Aliases(before))
		}
		if a.DType != b.DType || !a.Shape.Equal(b.Shape) || a.LoD != b.LoD {
			return sampan.Errorf(sampan.InvalidArgument, "%s %q: %s %v, was %s %v", kind, a.Alias, a.DType, a.Shape, b.DType, b.Shape)
		}
	}
	return nil
}
