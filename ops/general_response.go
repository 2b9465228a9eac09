package ops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
)

// GeneralResponse is the type of the op that makes the reply.
//
// The reply has one entry for each node that it depends on, under that node's name,
// with the tensors whose aliases the request wants, in the order in which it names
// them, or with all if it names none. Of several nodes each gives those that it has;
// what none of them has, or is named twice, is InvalidArgument. A tensor without an alias
// gets its name as one.
const GeneralResponse = "GeneralResponseOp"

func init() { Register(GeneralResponse, newResponse) }

type response struct{}

func newResponse(c Config) (Op, error) {
	if len(c.Depends) == 0 {
		return nil, fmt.Errorf("a %s answers with what other nodes made; it depends on none", GeneralResponse)
	}
	return response{}, nil
}

// Run implements [Op].
func (response) Run(_ context.Context, f *Frame) error {
	wanted := f.Request.Outputs
	if err := checkWanted(wanted, f.Inputs); err != nil {
		return err
	}
	outputs := f.room.outputs[:0]
	picked := f.room.named[:0]
	for _, from := range f.Inputs {
		tensors := from.Tensors
		if len(wanted) > 0 {
			start := len(picked)
			for _, name := range wanted {
				if i := public(tensors, name); i >= 0 {
					picked = append(picked, tensors[i])
				}
			}
			tensors = picked[start:len(picked):len(picked)]
		}
		outputs = append(outputs, sampan.Output{Engine: from.Node, Tensors: called(tensors)})
	}
	f.room.reply = sampan.Reply{Outputs: outputs}
	f.Reply = &f.room.reply
	return nil
}

// called gives every tensor an alias, as clients look for nothing else.
func called(tensors []sampan.Named) []sampan.Named {
	nameless := func(n sampan.Named) bool { return n.Alias == "" }
	if !slices.ContainsFunc(tensors, nameless) {
		return tensors
	}
	tensors = slices.Clone(tensors)
	for i := range tensors {
		tensors[i].Alias = tensors[i].Public()
	}
	return tensors
}

// checkWanted refuses names that no node gave, and a name that is there twice, which
// would let a small request ask for any number of copies.
func checkWanted(wanted []string, from []*Output) error {
	for i, name := range wanted {
		if !slices.ContainsFunc(from, func(o *Output) bool { return public(o.Tensors, name) >= 0 }) {
			return sampan.Errorf(sampan.InvalidArgument, "output %q is not known; the model gives %s", name, gives(from))
		}
		if slices.Contains(wanted[:i], name) {
			return sampan.Errorf(sampan.InvalidArgument, "output %q is wanted twice", name)
		}
	}
	return nil
}

// gives lists what the nodes gave, each name once.
func gives(from []*Output) string {
	var names []string
	for _, o := range from {
		for i := range o.Tensors {
			if name := `"` + o.Tensors[i].Public() + `"`; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
