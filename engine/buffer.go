package engine

import (
	"math/bits"
	"sync"
)

// buffer is memory for merged inputs, lent from a pool of its size class.
type buffer struct {
	// bytes are as many as were asked for; what they hold is left over from others.
	bytes []byte
	class int
}

// Size classes are powers of two; smaller and larger buffers are not kept.
const (
	smallestBuffer = 10
	largestBuffer  = 26
)

var buffers [largestBuffer + 1]sync.Pool

func newBuffer(size int) *buffer {
	class := max(smallestBuffer, bits.Len(uint(max(size, 1)-1)))
	if class > largestBuffer {
		return &buffer{bytes: make([]byte, size), class: class}
	}
	b, ok := buffers[class].Get().(*buffer)
	if !ok {
		b = &buffer{bytes: make([]byte, 1<<class), class: class}
	}
	b.bytes = b.bytes[:size]
	return b
}

// free gives the memory back; nothing may use it any more.
func (b *buffer) free() {
	if b.class <= largestBuffer {
		buffers[b.class].Put(b)
	}
}
