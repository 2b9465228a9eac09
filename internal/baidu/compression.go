package baidu

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"slices"
	"sync"

	"github.com/golang/snappy"

	"github.com/sampanml/sampan"
)

// Compression is a meta's compress_type. It says how the message travels, never the
// attachment.
type Compression int32

// The types that brpc knows. Snappy is its block format, without framing.
const (
	None   Compression = 0
	Snappy Compression = 1
	Gzip   Compression = 2
	Zlib   Compression = 3
)

// String returns the name that brpc's error texts have.
func (c Compression) String() string {
	switch c {
	case None:
		return "none"
	case Snappy:
		return "snappy"
	case Gzip:
		return "gzip"
	case Zlib:
		return "zlib"
	}
	return "unknown"
}

// Compress appends a compressed message to dst.
func (c Compression) Compress(dst, message []byte) ([]byte, error) {
	switch c {
	case None:
		return append(dst, message...), nil
	case Snappy:
		room := snappy.MaxEncodedLen(len(message))
		if room < 0 {
			return dst, sampan.Errorf(sampan.ResourceExhausted, "a message of %d bytes is too large for snappy", len(message))
		}
		dst = slices.Grow(dst, room)
		return dst[:len(dst)+len(snappy.Encode(dst[len(dst):len(dst)+room], message))], nil
	case Gzip, Zlib:
		pool := &writers[c]
		w := pool.Get().(deflater)
		defer pool.Put(w)
		out := bytes.NewBuffer(dst)
		w.Reset(out)
		if _, err := w.Write(message); err != nil {
			return dst, sampan.Errorf(sampan.Internal, "compress with %v: %w", c, err)
		}
		if err := w.Close(); err != nil {
			return dst, sampan.Errorf(sampan.Internal, "compress with %v: %w", c, err)
		}
		return out.Bytes(), nil
	}
	return dst, c.unknown()
}

// Expand returns a message as it was before it was compressed; for [None] it is the same
// memory. What is broken, or of an unknown type, is InvalidArgument; a message of more
// than most bytes is ResourceExhausted.
func (c Compression) Expand(message []byte, most int) ([]byte, error) {
	switch c {
	case None:
		return message, nil
	case Snappy:
		size, err := snappy.DecodedLen(message)
		if err != nil {
			return nil, c.broken(err)
		}
		if size > most {
			return nil, expandsTooFar(most)
		}
		// No snappy block is shorter than a twenty-fourth of what it holds: a copy of 64
		// bytes takes three.
		if size/24 > len(message) {
			return nil, c.broken(snappy.ErrCorrupt)
		}
		out, err := snappy.Decode(nil, message)
		if err != nil {
			return nil, c.broken(err)
		}
		return out, nil
	case Gzip, Zlib:
		return c.inflate(message, most)
	}
	return nil, c.unknown()
}

func (c Compression) inflate(message []byte, most int) ([]byte, error) {
	var r io.Reader
	var err error
	if c == Gzip {
		r, err = gzip.NewReader(bytes.NewReader(message))
	} else {
		r, err = zlib.NewReader(bytes.NewReader(message))
	}
	if err != nil {
		return nil, c.broken(err)
	}
	out := bytes.NewBuffer(make([]byte, 0, min(4*len(message), most)+bytes.MinRead))
	if _, err := out.ReadFrom(io.LimitReader(r, int64(most)+1)); err != nil {
		return nil, c.broken(err)
	}
	if out.Len() > most {
		return nil, expandsTooFar(most)
	}
	return out.Bytes(), nil
}

func (c Compression) broken(err error) error {
	return sampan.Errorf(sampan.InvalidArgument, "the message is not %v: %w", c, err)
}

func (c Compression) unknown() error {
	return sampan.Errorf(sampan.InvalidArgument, "compress_type %d is not known; known are 0 none, 1 snappy, 2 gzip, 3 zlib", int32(c))
}

func expandsTooFar(most int) error {
	return sampan.Errorf(sampan.ResourceExhausted, "a message of more than %d bytes once expanded", most)
}

// deflater is a gzip or zlib writer; they take a megabyte, so they are used again.
type deflater interface {
	io.WriteCloser
	Reset(io.Writer)
}

var writers = [...]sync.Pool{
	Gzip: {New: func() any { return gzip.NewWriter(nil) }},
	Zlib: {New: func() any { return zlib.NewWriter(nil) }},
}
