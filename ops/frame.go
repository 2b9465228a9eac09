package ops

import (
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// Frame is one node's view of one request. It is owned by the graph: an op keeps
// neither it nor what it points to once Run has returned.
type Frame struct {
	// Node is this node's name.
	Node string
	// Request is what the caller sent; empty in a pipeline. Read-only.
	Request *sampan.Request
	// Call is what the caller of a pipeline sent; nil for a [sampan.Request]. Read-only.
	Call *Call
	// Inputs are the outputs of the nodes that this one depends on, in the order of
	// its dependencies; empty for a node without any. Those of nodes that did not choose
	// this one are marked as skipped; one at least is not. Read-only.
	Inputs []*Output
	// Output is what this node makes for the nodes that depend on it.
	Output Output
	// Reply is set by the last node. The graph copies it, so its lists may be those of
	// Inputs and its tensors those of the request.
	Reply *sampan.Reply
	// Next are the names of the nodes to go on to, among those that depend on this one;
	// nil is all of them. A node that none of its dependencies goes on to is skipped,
	// and so is what comes only after it.
	Next []string

	room room
}

// room is memory for the built-in ops, so that they need no other where there is one
// input and one output. It lives as long as the frame and is cleared with it.
type room struct {
	named   [1]sampan.Named
	inputs  [1]sampan.Tensor
	reply   sampan.Reply
	outputs [1]sampan.Output
}

// Output is what one node made.
type Output struct {
	// Node is the name of the node that made the tensors; the graph fills it in.
	Node string
	// Tensors are named as the maker's signature names them.
	Tensors []sampan.Named
	// Values are what a pipeline's op gives.
	Values []Value
	// Skipped says that the node was not run, or did not go on to the one that reads
	// this; there is nothing else then.
	Skipped bool
}

// Tensor returns the tensor with that alias or, failing that, that name. It is an
// Internal error if there is none, as the graph and not the caller is at fault.
func (o *Output) Tensor(name string) (sampan.Tensor, error) {
	if i := public(o.Tensors, name); i >= 0 {
		return o.Tensors[i].Tensor, nil
	}
	return sampan.Tensor{}, sampan.Errorf(sampan.Internal, "op %q gives no %q; it gives %s", o.Node, name, quoted(o.Tensors))
}

// Find returns the position of the tensor that is meant for a model's input: the one
// with the variable's name or, failing that, with its alias; -1 if there is none.
func (o *Output) Find(f *engine.Field) int {
	alias := -1
	for i := range o.Tensors {
		switch n := &o.Tensors[i]; {
		case n.Name == f.Name:
			return i
		case alias < 0 && n.Public() == f.Alias:
			alias = i
		}
	}
	return alias
}

// public returns the position of the tensor with that alias or, failing that, that
// name; -1 if there is none.
func public(tensors []sampan.Named, name string) int {
	for i := range tensors {
		if tensors[i].Public() == name {
			return i
		}
	}
	for i := range tensors {
		if tensors[i].Name == name {
			return i
		}
	}
	return -1
}

// quoted lists public names for messages.
func quoted(tensors []sampan.Named) string {
	if len(tensors) == 0 {
		return "nothing"
	}
	names := make([]string, len(tensors))
	for i := range tensors {
		names[i] = `"` + tensors[i].Public() + `"`
	}
	return strings.Join(names, ", ")
}
