package steps

import (
	"context"
	"fmt"

	"github.com/sampanml/sampan"
)

// Step maps values to a value. One value is made ready once, and then serves every call.
type Step interface {
	// Apply has one value for each name of the step's "from".
	Apply(ctx context.Context, in []any) (any, error)
}

// Opener is a [Step] that has something to read or check before the first call.
type Opener interface {
	// Open finds files by path, which tells where a path of the config leads.
	Open(path func(string) string) error
}

// Whole is a [Step] that takes lists as they are, as one that joins their elements.
type Whole interface {
	// Whole only marks the step.
	Whole()
}

// List is several values in place of one, such as the crops of a picture.
type List []any

// Apply runs a step, on each element where it is given a list. Lists have to be of the
// same length; what is no list goes with every element.
func Apply(ctx context.Context, s Step, in []any) (any, error) {
	if _, whole := s.(Whole); whole {
		return s.Apply(ctx, in)
	}
	n := -1
	for _, v := range in {
		list, ok := v.(List)
		switch {
		case !ok:
		case n >= 0 && len(list) != n:
			return nil, sampan.Errorf(sampan.InvalidArgument, "lists of %d and %d values", n, len(list))
		default:
			n = len(list)
		}
	}
	if n < 0 {
		return s.Apply(ctx, in)
	}
	out, each := make(List, n), make([]any, len(in))
	for i := range out {
		for j, v := range in {
			if each[j] = v; isList(v) {
				each[j] = v.(List)[i]
			}
		}
		var err error
		if out[i], err = Apply(ctx, s, each); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return out, nil
}

func isList(v any) bool {
	_, ok := v.(List)
	return ok
}

// one is the only value of a step that takes one, which has to be of type T.
func one[T any](in []any, want string) (T, error) {
	if len(in) != 1 {
		var none T
		return none, sampan.Errorf(sampan.InvalidArgument, "%d values, want one: %s", len(in), want)
	}
	return as[T](in[0], want)
}

// two are the values of a step that takes two.
func two[A, B any](in []any, first, second string) (a A, b B, err error) {
	if len(in) != 2 {
		return a, b, sampan.Errorf(sampan.InvalidArgument, "%d values, want two: %s and %s", len(in), first, second)
	}
	if a, err = as[A](in[0], first); err == nil {
		b, err = as[B](in[1], second)
	}
	return a, b, err
}

func as[T any](v any, want string) (T, error) {
	t, ok := v.(T)
	if !ok {
		return t, sampan.Errorf(sampan.InvalidArgument, "got %s, want %s", Kind(v), want)
	}
	return t, nil
}

// Kind says what a value is, for messages.
func Kind(v any) string {
	switch v := v.(type) {
	case string:
		return "a text"
	case sampan.Tensor:
		return fmt.Sprintf("an array of %s with shape %v", v.DType, v.Shape)
	case List:
		return fmt.Sprintf("a list of %d values", len(v))
	case nil:
		return "nothing"
	}
	return fmt.Sprintf("a %T", v)
}
