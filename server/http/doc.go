// Package http is the HTTP/1.1 front door: Paddle Serving's general model service as
// brpc serves it, JSON or protobuf; the feed/fetch dialect of its web service on
// /NAME/prediction; health, readiness and the list of models. Routes and messages are
// Hertz's; how a connection is read is our own.
//
// It serves connections that package server/rpc hands over from the shared port, and
// those of a listener of its own. No type of Hertz shows in an exported signature.
//
// Invariant: what a handler keeps of a request it copies; the body's buffer is used
// again for the next request.
package http
