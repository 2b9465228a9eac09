// Package wire translates between what travels and the neutral [sampan.Request] and
// [sampan.Reply]. The server and the Go SDK use the same code.
//
// Three dialects: the protobuf messages of the general model service, by the generated
// types ([FromRequest], [ToRequest], [ToResponse], [FromResponse]) or straight from and to
// the bytes, in lent memory ([Incoming], [Outgoing]); the same messages as JSON in the manner
// of brpc's json2pb ([ParseJSON], [AppendJSON]); and the JSON of the old web service,
// `{"feed":[{"x":[…]}],"fetch":["price"]}` ([DecodeFeed], [AppendResult]).
//
// Tensors made of generated types share the memory of the message that they came from, and messages
// that of the tensors, wherever the layout allows: the one must not change while the
// other is in use. The JSON functions keep nothing of the body. Elements lie in the
// host's byte order, which is little-endian on every platform that Sampan runs on.
//
// All functions are safe for concurrent use. One invariant: whatever the bytes, an
// answer takes time and memory in proportion to their number, and an error names the
// field, what came and what was wanted.
package wire
