package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Program is steps one after another, with the names of the values that they read and
// write.
type Program []stage

// stage is one step with the names of its values.
type stage struct {
	name string
	from []string
	to   string
	// method is that of the calls that it is for, or, after "!", is not for; empty is all.
	method string
	step   Step
}

// Values are what a program works on.
type Values interface {
	// Value is that of a name; an error says which names there are.
	Value(name string) (any, error)
	// Set writes a value, in place of one that has the name.
	Set(name string, value any)
}

// Parse reads a list of steps, - NAME: {from: VALUE, to: VALUE, ...}, and opens their
// files, which path finds. It tells every fault.
func Parse(list *yaml.Node, path func(string) string) (out Program, err error) {
	if list.Kind != yaml.SequenceNode {
		return nil, errors.New("want a list of steps")
	}
	var faults []error
	for i, n := range list.Content {
		s, err := parse(n)
		if err == nil {
			if opener, ok := s.step.(Opener); ok {
				err = opener.Open(path)
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: step %d: %w", n.Line, i, err))
		}
		out = append(out, s)
	}
	return out, errors.Join(faults...)
}

func parse(n *yaml.Node) (s stage, err error) {
	if n.Kind == yaml.ScalarNode {
		s.name = n.Value
		s.step, err = New(s.name, nil)
	} else if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return s, errors.New("want STEP: {from: VALUE, to: VALUE, ...}")
	} else {
		s.name = n.Content[0].Value
		settings := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line}
		of := n.Content[1]
		for i := 0; i+1 < len(of.Content); i += 2 {
			switch key, v := of.Content[i].Value, of.Content[i+1]; key {
			case "from":
				s.from, err = NamesIn(v)
			case "to":
				err = v.Decode(&s.to)
			case "method":
				err = v.Decode(&s.method)
			default:
				settings.Content = append(settings.Content, of.Content[i], v)
			}
			if err != nil {
				return s, err
			}
		}
		s.step, err = New(s.name, settings)
	}
	if err != nil {
		return s, err
	}
	if len(s.from) == 0 {
		return s, fmt.Errorf("%s: from is missing: the name of the value that it works on", s.name)
	}
	if s.to == "" {
		s.to, _ = optional(s.from[0])
	}
	return s, nil
}

// NamesIn reads a name or a list of them.
func NamesIn(v *yaml.Node) (out []string, err error) {
	if v.Kind == yaml.ScalarNode {
		return []string{v.Value}, nil
	}
	return out, v.Decode(&out)
}

// optional gives the name of a value, and whether a step may do without it: "(name)".
func optional(name string) (string, bool) {
	if inside, ok := strings.CutPrefix(name, "("); ok {
		return strings.CutSuffix(inside, ")")
	}
	return name, false
}

// isFor tells whether the step is for calls of a method.
func (s *stage) isFor(method string) bool {
	if not, ok := strings.CutPrefix(s.method, "!"); ok {
		return method != not
	}
	return s.method == "" || s.method == method
}

// Run applies the steps that are for calls of a method.
func (p Program) Run(ctx context.Context, method string, values Values) error {
	for i := range p {
		s := &p[i]
		if !s.isFor(method) {
			continue
		}
		in := make([]any, len(s.from))
		for j, name := range s.from {
			name, may := optional(name)
			var err error
			if in[j], err = values.Value(name); err != nil && !may {
				return err
			}
		}
		out, err := Apply(ctx, s.step, in)
		if err != nil {
			return fmt.Errorf("%s of %q: %w", s.name, strings.Join(s.from, ", "), err)
		}
		values.Set(s.to, out)
	}
	return nil
}
