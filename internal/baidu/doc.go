// Package baidu is the codec of baidu_std, brpc's own protocol, which Paddle Serving's
// RPC clients speak. The server and the Go SDK share it.
//
// A frame is a header of twelve bytes ("PRPC", the body's size, the meta's size), and a
// body: the meta, which is an RpcMeta message, then the request's or response's message,
// then an attachment of bytes that the meta counts. Many calls share a connection;
// answers carry the correlation id of their request and come in any order.
//
// All functions are safe for concurrent use. One invariant: a size is checked before
// memory is taken for it, and decompression stops at its bound.
package baidu
