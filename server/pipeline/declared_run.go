package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/steps"
)

// scope has the values that an op's steps see. It implements [steps.Values].
type scope struct {
	in     Inputs
	values []Value
	// made are the names that the last steps wrote.
	made []string
	// listed says that the model ran for each element of a list.
	listed bool
}

// Value finds a value: one that a step made, one of an op before, or OP.NAME for that of a
// certain op.
func (s *scope) Value(name string) (any, error) {
	for i := range s.values {
		if s.values[i].Name == name {
			return s.values[i].Data, nil
		}
	}
	if op, of, ok := strings.Cut(name, "."); ok {
		for _, v := range s.in.Of(op) {
			if v.Name == of {
				return v.Data, nil
			}
		}
	}
	return s.in.Value(name)
}

// Set writes a value that a step or the model made.
func (s *scope) Set(name string, data any) {
	if !slices.Contains(s.made, name) {
		s.made = append(s.made, name)
	}
	for i := range s.values {
		if s.values[i].Name == name {
			s.values[i].Data = data
			return
		}
	}
	s.values = append(s.values, Value{Name: name, Data: data})
}

// Preprocess runs the steps before the model and feeds it.
func (d *declared) Preprocess(ctx context.Context, in Inputs) (Feed, error) {
	s := &scope{in: in}
	if err := d.pre.Run(ctx, in.Method(), s); err != nil {
		return Feed{}, err
	}
	if in.model == nil {
		return Feed{Skip: true, Keep: s}, nil
	}
	feed, err := d.feeds(s, in.model.inputs())
	feed.Keep = s
	return feed, err
}

// feeds makes the model's runs: one, or one for each element where a value is a list. inputs
// are nil where only the other side knows them; then texts go as they are.
func (d *declared) feeds(s *scope, inputs []string) (Feed, error) {
	read := asTensor
	if inputs == nil {
		var err error
		if inputs, err = d.offers(s); err != nil {
			return Feed{}, err
		}
		read = asTensorOrText
	}
	values, runs := make([]any, len(inputs)), -1
	for i, name := range inputs {
		from := name
		if other, ok := d.feed[name]; ok {
			from = other
		}
		v, err := s.Value(from)
		if err != nil {
			return Feed{}, err
		}
		values[i] = v
		if list, ok := v.(steps.List); ok {
			if runs >= 0 && runs != len(list) {
				return Feed{}, sampan.Errorf(sampan.InvalidArgument, "input %q is a list of %d values, another has %d", name, len(list), runs)
			}
			runs = len(list)
		}
	}
	feed := Feed{Runs: make([][]sampan.Named, max(runs, 0), max(runs, 1))}
	if runs < 0 {
		feed.Runs = feed.Runs[:1]
	}
	for r := range feed.Runs {
		for i, name := range inputs {
			v := values[i]
			if list, ok := v.(steps.List); ok {
				v = list[r]
			}
			t, err := read(Value{Name: name, Data: v})
			if err != nil {
				return Feed{}, err
			}
			feed.Runs[r] = append(feed.Runs[r], Input(name, t))
		}
	}
	s.listed = runs >= 0
	return feed, nil
}

// offers are the names for a model that takes any: those of feed, or else of what the steps
// made, or else of what the op before gave.
func (d *declared) offers(s *scope) ([]string, error) {
	if d.feed != nil {
		return slices.Sorted(maps.Keys(d.feed)), nil
	}
	values := s.values
	if len(values) == 0 {
		var err error
		if values, err = s.in.Only(); err != nil {
			return nil, err
		}
	}
	var names []string
	for _, v := range values {
		names = append(names, v.Name)
	}
	return names, nil
}

// Postprocess runs the steps after the model.
func (d *declared) Postprocess(ctx context.Context, in Inputs, out Fetch) (Result, error) {
	s := out.Keep.(*scope)
	if !out.Skipped {
		s.made = nil
		s.take(out.Runs)
	}
	made := s.made
	s.made = nil
	if err := d.post.Run(ctx, in.Method(), s); err != nil {
		return nil, err
	}
	if s.made == nil {
		s.made = made
	}
	give := d.give
	if give == nil {
		give = s.made
	}
	if len(give) == 0 {
		return in.Only()
	}
	result := make(Result, 0, len(give))
	for _, name := range give {
		v, err := s.Value(name)
		if err != nil {
			return nil, err
		}
		result = append(result, Value{Name: name, Data: v})
	}
	return result, nil
}

// take puts the model's outputs among the values, as lists where it ran for a list.
func (s *scope) take(runs [][]sampan.Named) {
	if !s.listed {
		for i := range runs[0] {
			s.Set(runs[0][i].Public(), runs[0][i].Tensor)
		}
		return
	}
	lists := map[string]steps.List{}
	var order []string
	if len(runs) == 0 {
		for _, name := range s.in.model.outputs() {
			s.Set(name, steps.List{})
		}
	}
	for _, run := range runs {
		for i := range run {
			name := run[i].Public()
			if lists[name] == nil {
				order = append(order, name)
			}
			lists[name] = append(lists[name], run[i].Tensor)
		}
	}
	for _, name := range order {
		s.Set(name, lists[name])
	}
}
