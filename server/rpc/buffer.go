package rpc

import "sync"

// buffer is memory for one frame.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// maxKept bounds the memory of a buffer that waits for the next frame. netpoll keeps
// what is longer until it is sent, so such a buffer is not used again.
const maxKept = 4 << 10

// take lends an empty buffer.
func take() *buffer { return buffers.Get().(*buffer) }

// give takes it back. Nobody may use its bytes any more.
func (b *buffer) give() {
	if cap(b.bytes) <= maxKept {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}
