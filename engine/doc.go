// Package engine turns a model on disk into a live model: its signature, its
// sessions, and the bounds on what runs at once.
//
// The runtime stands behind the [Backend] port (package engine/onnx implements it),
// foreign formats behind [Translator] (package engine/paddle), so this package is pure
// Go and is tested with a fake.
//
// A [Model] may be used from many goroutines. Tensors handed to Run belong to the
// caller and are not kept; tensors that Run returns belong to the caller. One
// invariant: nothing waits without a bound, neither in number nor in time.
package engine
