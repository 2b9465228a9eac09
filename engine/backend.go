package engine

import (
	"context"

	"github.com/sampanml/sampan"
)

// Backend is a runtime that executes ONNX models.
type Backend interface {
	// Load makes a session of a model. It copies what it keeps of m.Bytes.
	Load(ctx context.Context, m Artifact) (Session, error)
}

// Artifact is an ONNX model, ready for a [Backend]: a file, or bytes in memory.
type Artifact struct {
	// Path is the file; empty where Bytes holds the model.
	Path  string
	Bytes []byte
	// Threads is the number of threads that one run may use; 0 means 1.
	Threads int
	// Runtime says more of how the session is set up.
	Runtime Runtime
	// Memory is asked before outputs are made, and gets their bytes back before Run
	// returns; nil bounds nothing.
	Memory *Share
	// Unoptimised turns the runtime's graph optimisation off.
	Unoptimised bool
}

// Session is a loaded model.
type Session interface {
	// Signature is what the model itself says of its inputs and outputs. Name and
	// Alias are equal.
	Signature() Signature

	// Run executes the model. inputs are in the signature's order and have been
	// checked against it. outputs has one entry for each of the signature's outputs:
	// one with Data set is a buffer of exactly the result's dtype, shape and size,
	// which is filled in place; any other is replaced by a tensor made for it. When
	// ctx ends the run is stopped and the context's error returned; Run never returns
	// while the runtime still uses a buffer. Safe for concurrent use.
	Run(ctx context.Context, inputs, outputs []sampan.Tensor) error

	// Close frees the session. No Run may be under way. Idempotent.
	Close() error
}

// Translator reads a foreign model format.
type Translator interface {
	// Find reports whether dir holds a model of the format, and the files it found.
	Find(dir string) (files []string, ok bool)
	// Translate makes an ONNX model of it, in memory.
	Translate(dir string) (model []byte, err error)
}
