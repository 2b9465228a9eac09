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

// Signed is an [Op] that knows at load what it takes and gives. The graph then checks
// it against its neighbours at load, and the outputs that a request wants before any
// op runs.
type Signed interface {
	Op
	// Signature has the tensors that the op needs from the nodes that it depends on,
	// and those that it makes; nil Inputs or Outputs are not known. It stays the same
	// for the op's life and must not be changed by the caller.
	Signature() *engine.Signature
}

// Model is what an infer op needs of a model; *engine.Model is one.
type Model interface {
	// Signature stays the same for the model's life, as graphs are checked against it
	// at load. It must not be changed by the caller.
	Signature() *engine.Signature
	// Run takes one tensor for each input, in the signature's order, and returns one
	// for each output. It checks the inputs against the signature and keeps neither
	// them nor their list.
	Run(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error)
}
