// Package sampan is the vocabulary that every room of the project shares: tensors,
// their element types and shapes, the neutral request and reply, and the one error
// type. It depends on the standard library alone.
//
// A request enters through a front door (package server/rpc or server/http), is
// turned into a [Request], runs through a compiled graph of ops down to the engine,
// and comes back as a [Reply]. Nobody below knows anybody above.
//
// Values of this package are plain data: safe to read from many goroutines, not safe
// to change while another reads. Who owns a tensor's bytes is written on [Tensor].
package sampan
