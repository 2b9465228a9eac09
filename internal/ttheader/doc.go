// Package ttheader reads and writes the frames of TTHeader that carry a protobuf message,
// as Kitex's clients send them: a header with pairs of keys and values, and within the
// frame another, which names the method.
//
//	4 bytes   what follows, in bytes
//	2 + 2     0x1000, flags
//	4         number of the call
//	2         the header, in units of 4 bytes
//	          header: protocol, transforms, then pairs by number and by name
//	4         what follows, in bytes
//	2 + 2     0x9001, kind of message
//	4 + n     method
//	4         number of the call
//	          message
//
// Of the pairs those are read that a server needs: the service's name, the model's, and
// the time that the caller has. All numbers are big-endian. Nothing here takes memory for what a frame
// claims; slices that are returned share the frame's memory.
package ttheader
