package http

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan"
)

const (
	// piece is how much of a body is waited for at a time: memory grows with what came,
	// not with the length that was claimed.
	piece = 256 << 10
	// room is how much of what was claimed is made room for at once.
	room = 4 << 20
)

// chunked is Hertz's content length of a body in chunks.
const chunked = -1

// body reads the request's body. It stays valid until the reply is sent.
func (c *connection) body(call *app.RequestContext) ([]byte, error) {
	size, most := call.Request.Header.ContentLength(), c.server.options.MaxBody
	if size > most {
		return nil, tooLarge(size, most)
	}
	if size == 0 || size < chunked {
		return nil, nil
	}
	if call.Request.MayContinue() && c.Len() == 0 {
		if _, err := c.WriteBinary([]byte("HTTP/1.1 100 Continue\r\n\r\n")); err != nil {
			return nil, err
		}
		if err := c.Flush(); err != nil {
			return nil, err
		}
	}
	if size > 0 && size <= c.Len() {
		body, err := c.Peek(size)
		if err != nil {
			return nil, err
		}
		return body, c.Skip(size)
	}
	in := &arriving{connection: c, buffer: c.borrow(), began: time.Now()}
	err := in.read(size, most)
	switch {
	case errors.Is(err, netpoll.ErrReadTimeout):
		return nil, late("body", time.Since(in.began).Round(time.Second))
	case err != nil:
		return nil, err
	}
	return *in.buffer, nil
}

// arriving is a body that is not there yet.
type arriving struct {
	*connection
	buffer *[]byte
	began  time.Time
}

func (a *arriving) read(size, most int) error {
	if size != chunked {
		*a.buffer = slices.Grow(*a.buffer, min(size, room))
		return a.take(size)
	}
	for {
		size, err := a.chunkSize()
		switch {
		case err != nil:
			return err
		case size == 0:
			return a.trailers()
		case size > most-len(*a.buffer):
			return tooLarge(most+1, most)
		}
		if err := a.take(size); err != nil {
			return err
		}
		if end, err := a.line(len(crlf)); err != nil || len(end) > 0 {
			return orBadChunk(err)
		}
	}
}

// take appends n bytes.
func (a *arriving) take(n int) error {
	for n > 0 {
		part := min(n, max(piece, a.Len()))
		if err := a.wait(part); err != nil {
			return err
		}
		came, err := a.Peek(part)
		if err != nil {
			return err
		}
		*a.buffer = append(*a.buffer, came...)
		if err := errors.Join(a.Skip(part), a.Release()); err != nil {
			return err
		}
		n -= part
	}
	return nil
}

// wait sets the time until which n bytes have to be there, if they are not there yet.
func (a *arriving) wait(n int) error {
	if n <= a.Len() {
		return nil
	}
	return a.within(a.began, a.server.options.allowed(len(*a.buffer)))
}

const (
	crlf = "\r\n"
	// maxLine bounds the line of a chunk's size, with its extensions, and a trailer.
	maxLine = 1024
	// maxTrailers bounds their number.
	maxTrailers = 64
)

// line reads up to a line's end and returns what was before it, which is valid until
// the next read.
func (a *arriving) line(most int) ([]byte, error) {
	for n := len(crlf); n <= most; n++ {
		if err := a.wait(n); err != nil {
			return nil, err
		}
		came, err := a.Peek(n)
		if err != nil {
			return nil, err
		}
		if came[n-1] == '\n' {
			if came[n-2] != '\r' {
				return nil, errBadChunk
			}
			return came[:n-len(crlf)], a.Skip(n)
		}
	}
	return nil, errBadChunk
}

// chunkSize reads a chunk's first line: hexadecimal digits, and extensions that are
// passed over.
func (a *arriving) chunkSize() (int, error) {
	line, err := a.line(maxLine)
	if err != nil {
		return 0, err
	}
	const digits = 8
	size, n := 0, 0
	for ; n < len(line) && n <= digits; n++ {
		d, ok := hexDigit(line[n])
		if !ok {
			break
		}
		size = size<<4 | d
	}
	if n == 0 || n > digits || n < len(line) && line[n] != ';' {
		return 0, errBadChunk
	}
	return size, nil
}

func hexDigit(c byte) (int, bool) {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10, true
	}
	return 0, false
}

// trailers passes over what follows the last chunk.
func (a *arriving) trailers() error {
	for range maxTrailers {
		if line, err := a.line(maxLine); err != nil || len(line) == 0 {
			return err
		}
	}
	return errBadChunk
}

var errBadChunk = sampan.Errorf(sampan.InvalidArgument, "the body is not in chunks as Transfer-Encoding says")

func orBadChunk(err error) error {
	if err == nil {
		err = errBadChunk
	}
	return err
}

func tooLarge(size, most int) error {
	return fault{consts.StatusRequestEntityTooLarge,
		sampan.Errorf(sampan.ResourceExhausted, "the body is too large: %d bytes or more, the most is %d (--max_body_size)", size, most)}
}

func late(what string, after time.Duration) error {
	return fault{consts.StatusRequestTimeout, sampan.Errorf(sampan.DeadlineExceeded, "the request's %s did not arrive within %v", what, after)}
}

// buffers hold bodies and replies between calls.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// maxKept bounds the buffers that are kept.
const maxKept = 4 << 20

func release(b *[]byte) {
	if cap(*b) <= maxKept {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}
