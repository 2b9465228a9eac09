package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
)

// signature is what a node's op says of itself; nil if it says nothing.
func (n *node) signature() *engine.Signature {
	if s, ok := n.op.(ops.Signed); ok {
		return s.Signature()
	}
	return nil
}

// checkSignatures compares what each node needs with what those that it depends on
// give, wherever both are known.
func (p *Plan) checkSignatures() (faults []error) {
	for i := range p.nodes {
		n := &p.nodes[i]
		s := n.signature()
		if s == nil || len(n.depends) == 0 {
			continue
		}
		from := make([]*engine.Signature, len(n.depends))
		for j, d := range n.depends {
			from[j] = p.nodes[d].signature()
		}
		for k := range s.Inputs {
			want := &s.Inputs[k]
			if fault := p.checkInput(n, want, from); fault != "" {
				faults = append(faults, fmt.Errorf("node %q: input %q %s", n.name, want.Alias, fault))
			}
		}
	}
	return faults
}

// checkInput looks for an input among what the nodes give and says what is wrong with
// it; nothing if all is well or not known.
func (p *Plan) checkInput(n *node, want *engine.Field, from []*engine.Signature) string {
	var lists []string
	known := true
	for i, s := range from {
		name := p.nodes[n.depends[i]].name
		if s == nil || s.Outputs == nil {
			known = false
			continue
		}
		if at := named(s.Outputs).Find(want); at >= 0 {
			return contradiction(name, &s.Outputs[at], want)
		}
		lists = append(lists, fmt.Sprintf("%q gives: %s", name, engine.Aliases(s.Outputs)))
	}
	if !known {
		return ""
	}
	return "is not among what " + strings.Join(lists, " and ")
}

// contradiction says how what a node gives differs from what another wants. A model
// that says nothing of an output's dimensions gives it none.
func contradiction(from string, got, want *engine.Field) string {
	if got.DType != want.DType {
		return fmt.Sprintf("is %s, %q gives %s", want.DType, from, got.DType)
	}
	if len(got.Shape) == 0 || len(want.Shape) == 0 {
		return ""
	}
	fits := len(got.Shape) == len(want.Shape)
	for i := 0; fits && i < len(got.Shape); i++ {
		fits = got.Shape[i] < 0 || want.Shape[i] < 0 || got.Shape[i] == want.Shape[i]
	}
	if !fits {
		return fmt.Sprintf("has shape %v, %q gives %v", want.Shape, from, got.Shape)
	}
	return ""
}

// named is what an output with those fields looks like to a node behind it.
func named(fields []engine.Field) *ops.Output {
	o := &ops.Output{Tensors: make([]sampan.Named, len(fields))}
	for i, f := range fields {
		o.Tensors[i] = sampan.Named{Name: f.Name, Alias: f.Alias}
	}
	return o
}

// givers are the signatures of the nodes that the end answers for; nil if one of them
// is not known.
func (p *Plan) givers() []*engine.Signature {
	var out []*engine.Signature
	for _, d := range p.nodes[len(p.nodes)-1].depends {
		s := p.nodes[d].signature()
		if s == nil || s.Outputs == nil {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// checkWanted refuses names that no node gives, and names that are there twice, before
// any op has run for them. Where it cannot know, the response op does.
func (p *Plan) checkWanted(wanted []string) error {
	if p.gives == nil {
		return nil
	}
	for i, name := range wanted {
		if !slices.ContainsFunc(p.gives, func(s *engine.Signature) bool { return s.Output(name) >= 0 }) {
			return sampan.Errorf(sampan.InvalidArgument, "output %q is not known; the model gives %s", name, aliases(p.gives))
		}
		if slices.Contains(wanted[:i], name) {
			return sampan.Errorf(sampan.InvalidArgument, "output %q is wanted twice", name)
		}
	}
	return nil
}

// aliases lists the outputs of several nodes, each name once.
func aliases(signatures []*engine.Signature) string {
	var fields []engine.Field
	for _, s := range signatures {
		for _, f := range s.Outputs {
			if !slices.ContainsFunc(fields, func(g engine.Field) bool { return g.Alias == f.Alias }) {
				fields = append(fields, f)
			}
		}
	}
	return engine.Aliases(fields)
}
