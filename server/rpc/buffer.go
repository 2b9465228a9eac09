package rpc

import "sync"

// buffer is memory for one frame.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// maxKept bounds, in bytes, the memory of a buffer that waits for the next frame.
const maxKept = 64 << 10

// take lends an empty buffer.
func take() *buffer { return buffers.Get().(*buffer) }

// give takes it back. Nobody may use its bytes any more.
func (b *buffer) give() {
	if cap(b.bytes) <= maxKept {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}
