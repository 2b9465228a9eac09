package ops

import (
	"context"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// Op is a node's work on one request.
type Op interface {
	// Run reads f.Request and f.Inputs and sets f.Output (or, in the last node,
	// f.Reply). An error ends the request. ctx carries the request's deadline and is
	// cancelled when the caller leaves.
	Run(ctx context.Context, f *Frame) error
}

// Frame is one node's view of one request. It is owned by the graph: an op keeps
// neither it nor what it points to once Run has returned.
type Frame struct {
	// Node is this node's name.
	Node string
	// Request is what the caller sent. Read-only.
	Request *sampan.Request
	// Inputs are the outputs of the nodes that this one depends on, in the order of
	// its dependencies; empty for a node without any. Read-only.
	Inputs []*Output
	// Output is what this node makes for the nodes that depend on it.
	Output Output
	// Reply is set by the last node.
	Reply *sampan.Reply
}

// Output is what one node made.
type Output struct {
	// Node is the name of the node that made the tensors; the graph fills it in.
	Node string
	// Tensors are named as the maker's signature names them.
	Tensors []sampan.Named
}

// Model is what an infer op needs of a model; *engine.Model is one.
type Model interface {
	// Signature must not be changed by the caller.
	Signature() *engine.Signature
	// Run takes one tensor for each input, in the signature's order, and returns one
	// for each output. It checks the inputs against the signature.
	Run(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error)
}
