// Package rpc is the front door on --port: framed protobuf by Kitex, gRPC by
// Kitex's HTTP/2 transport, TTHeader and baidu_std by a handler of ours,
// and HTTP/1.1 handed on to package server/http, told apart by the first bytes of each
// connection.
//
// Every dialect is translated to one sampan.Request and answered through the [Service]
// that was given. No type of Kitex shows in an exported signature.
//
// Invariant: a message's size is checked before memory is taken for it.
package rpc
