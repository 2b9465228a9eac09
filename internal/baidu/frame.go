package baidu

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
)

const (
	// Magic is how every frame begins.
	Magic = "PRPC"
	// HeaderSize is the number of bytes before the body.
	HeaderSize = 12
)

// Header says how long a frame is.
type Header struct {
	// Body is the number of bytes behind the header, Meta how many of them the meta
	// takes.
	Body, Meta int
}

// ParseHeader reads a frame's first [HeaderSize] bytes. Another magic, or a meta larger
// than its body, is InvalidArgument; a body of more than most bytes is ResourceExhausted.
func ParseHeader(b []byte, most int) (Header, error) {
	if string(b[:len(Magic)]) != Magic {
		return Header{}, sampan.Errorf(sampan.InvalidArgument, "a frame begins %q, want %q", b[:len(Magic)], Magic)
	}
	body, meta := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	switch {
	case uint64(body) > uint64(most):
		return Header{}, sampan.Errorf(sampan.ResourceExhausted, "a frame of %d bytes, want at most %d", body, most)
	case meta > body:
		return Header{}, sampan.Errorf(sampan.InvalidArgument, "a meta of %d bytes in a body of %d", meta, body)
	}
	return Header{Body: int(body), Meta: int(meta)}, nil
}

// Frame is a body, taken apart. Payload shares the body's memory.
type Frame struct {
	Meta baidurpc.RpcMeta
	// Payload is the message, compressed as the meta says, and the attachment.
	Payload []byte
}

// Split takes a body apart. A meta that is not an RpcMeta is InvalidArgument.
func (h Header) Split(body []byte) (*Frame, error) {
	f := &Frame{Payload: body[h.Meta:]}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body[:h.Meta], &f.Meta); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "the meta of %d bytes is not an RpcMeta", h.Meta)
	}
	return f, nil
}

// Cut divides the payload. An attachment larger than the payload is InvalidArgument; the
// text is brpc's.
func (f *Frame) Cut() (message, attachment []byte, err error) {
	size := int(f.Meta.GetAttachmentSize())
	if size < 0 || size > len(f.Payload) {
		return nil, nil, sampan.Errorf(sampan.InvalidArgument, "attachment_size=%d is larger than request_size=%d", size, len(f.Payload))
	}
	at := len(f.Payload) - size
	return f.Payload[:at], f.Payload[at:], nil
}

// Start appends a frame without a message to dst. What is appended next is the message
// and the attachment; then [Finish].
func Start(dst []byte, meta *baidurpc.RpcMeta) ([]byte, error) {
	at := len(dst)
	dst = append(dst, Magic+"\x00\x00\x00\x00\x00\x00\x00\x00"...)
	dst, err := proto.MarshalOptions{}.MarshalAppend(dst, meta)
	if err != nil {
		return dst[:at], sampan.Errorf(sampan.Internal, "encode the meta: %w", err)
	}
	size := uint32(len(dst) - at - HeaderSize)
	binary.BigEndian.PutUint32(dst[at+4:], size)
	binary.BigEndian.PutUint32(dst[at+8:], size)
	return dst, nil
}

// Finish sets the size of a frame, given from its first byte, that has become longer
// since [Start]. One that the protocol cannot carry, of 4 GiB or more, is
// ResourceExhausted.
func Finish(frame []byte) error {
	size := len(frame) - HeaderSize
	if uint64(size) > math.MaxUint32 {
		return sampan.Errorf(sampan.ResourceExhausted, "a frame of %d bytes, want at most %d", size, uint32(math.MaxUint32))
	}
	binary.BigEndian.PutUint32(frame[4:], uint32(size))
	return nil
}
