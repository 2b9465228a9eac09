// Package http is the HTTP/1.1 front door, by Hertz: the feed/fetch dialect of Paddle
// Serving's web service on /NAME/prediction, its general model service as JSON or
// protobuf, health and readiness, and the list of models.
//
// It serves connections that package server/rpc hands over from the shared port, and
// those of a listener of its own. No type of Hertz shows in an exported signature.
//
// Invariant: what a handler keeps of a request it copies; the body's buffer is used
// again for the connection's next request.
package http
