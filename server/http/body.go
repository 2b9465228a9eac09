package http

import (
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/cloudwego/hertz/pkg/app"

	"github.com/sampanml/sampan"
)

// errTooLarge is told apart from other exhausted resources by its HTTP status.
var errTooLarge = errors.New("the body is too large")

// growth is how much room is made for a body at a time: memory grows with what came,
// not with the length that was claimed.
const growth = 4 << 20

// readBody appends the request's body to dst.
func readBody(c *app.RequestContext, dst []byte, most int) ([]byte, error) {
	claimed := c.Request.Header.ContentLength()
	if claimed > most {
		return dst, tooLarge(claimed, most)
	}
	if !c.Request.IsBodyStream() {
		return append(dst, c.Request.Body()...), nil
	}
	stream := c.Request.BodyStream()
	dst = slices.Grow(dst, min(max(claimed, 512), growth))
	for {
		n, err := stream.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > most:
			return dst, tooLarge(len(dst), most)
		case errors.Is(err, io.EOF), err == nil && len(dst) == claimed:
			return dst, nil
		case err != nil:
			return dst, sampan.Errorf(sampan.InvalidArgument, "the body ended after %d bytes", len(dst))
		case len(dst) == cap(dst):
			dst = slices.Grow(dst, min(len(dst), growth))
		}
	}
}

func tooLarge(size, most int) error {
	return sampan.Errorf(sampan.ResourceExhausted, "%w: %d bytes or more, the most is %d (--max_body_size)", errTooLarge, size, most)
}

// buffers hold bodies and replies between calls.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// maxKept bounds the buffers that are kept.
const maxKept = 1 << 20

func release(b *[]byte) {
	if cap(*b) <= maxKept {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}
