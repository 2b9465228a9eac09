// Package onnx runs ONNX models with onnxruntime, behind the engine.Backend port. It
// is the only room with cgo.
//
// Loading, the environment and the session options are onnxruntime_go's. A run goes
// through a small C file beside it (ort.c): one crossing creates the values over Go's
// own memory, runs and frees them, which the binding does in several, and not at all
// for scalars, empty tensors and the float16 outputs that the runtime allocates.
//
// A [Backend] and its sessions may be used from many goroutines. Tensors are pinned
// while the runtime reads or writes them, and never kept. Invariant: a session that is
// idle uses no processor time (its threads do not spin).
package onnx
