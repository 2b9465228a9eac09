package http

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"sync"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"

	"github.com/sampanml/sampan"
)

// expanded is the request's body, decompressed where Content-Encoding says gzip. brpc
// passes over any other.
func expanded(call *app.RequestContext, c *connection, most int) ([]byte, error) {
	body := call.Request.BodyBytes()
	if len(body) == 0 || !bytes.EqualFold(call.Request.Header.PeekContentEncoding(), []byte("gzip")) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "the body is not gzip, as Content-Encoding says")
	}
	buffer := c.borrow()
	out := *buffer
	for {
		n, err := z.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		*buffer = out
		switch {
		case len(out) > most:
			return nil, tooLarge(len(out), most)
		case err == io.EOF:
			return out, nil
		case err != nil:
			return nil, sampan.Errorf(sampan.InvalidArgument, "the body is not gzip, as Content-Encoding says: %w after %d bytes", err, len(out))
		case len(out) == cap(out):
			out = slices.Grow(out, min(len(out), piece))
		}
	}
}

// smallReply is the size below which brpc compresses nothing.
const smallReply = 512

// gzipWriters hold writers, which are large, between calls.
var gzipWriters = sync.Pool{New: func() any {
	// The level is one of the package's own, so there is no error.
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return z
}}

// compress gzips a body that is worth it, where the caller takes that.
func compress(call *app.RequestContext, c *connection, body []byte) []byte {
	if len(body) < smallReply || !takesGzip(call.Request.Header.Peek(consts.HeaderAcceptEncoding)) {
		return body
	}
	buffer := c.borrow()
	out := bytes.NewBuffer(*buffer)
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(out)
	if _, err := z.Write(body); err != nil || z.Close() != nil {
		return body
	}
	*buffer = out.Bytes()
	call.Response.Header.SetContentEncoding("gzip")
	return *buffer
}

// takesGzip reads Accept-Encoding: gzip or *, unless its weight is 0.
func takesGzip(accept []byte) bool {
	for part := range bytes.SplitSeq(accept, []byte{','}) {
		name, weight, _ := bytes.Cut(part, []byte{';'})
		name = bytes.TrimSpace(name)
		if bytes.EqualFold(name, []byte("gzip")) || string(name) == "*" {
			_, q, _ := bytes.Cut(weight, []byte("q="))
			return len(q) == 0 || len(bytes.Trim(q, "0. \t")) > 0
		}
	}
	return false
}
