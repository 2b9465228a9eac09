// Package ops has the contract of a graph's nodes, the registry of their types, and
// the built-in ones: GeneralReaderOp, GeneralInferOp, GeneralResponseOp.
//
// An op of one's own is a type with a Run method, registered under a name
// ([Register]) and named in a workflow file or with `sampan serve --op`. One value
// serves every request, so Run must be safe for concurrent use.
//
// Tensors in a [Frame] belong to whoever made them and are read-only to everybody
// else; an op makes new tensors for what it changes. [Dense] and [FromDense] share a
// tensor's memory with a gorgonia *tensor.Dense.
//
// One invariant: an op knows nothing of a request but its Frame, so the same op serves
// every front door and every graph.
package ops
