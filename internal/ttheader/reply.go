package ttheader

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sampanml/sampan"
)

// Reply is the head of a reply.
type Reply struct {
	// Number and Method are the call's.
	Number uint32
	Method []byte
	// Code and Text say why the call failed; the message then is empty. Code 0 is a good
	// call.
	Code int32
	Text string
	// Closing tells the caller to make no more calls on the connection.
	Closing bool
}

// Keys of pairs by name.
const (
	codeKey    = "biz-status"
	textKey    = "biz-message"
	closingKey = "crrst"
)

// maxText bounds a text in bytes: a pair cannot have more than 65535.
const maxText = 32 << 10

// Room is more than a reply takes in bytes, without its message and text.
const Room = 128

// Append appends a frame without a message to dst. What is appended next is the message;
// then [Finish].
func (r *Reply) Append(dst []byte) []byte { return r.append(dst, KindReply) }

// Exceptions that a reply can be, by Kitex's numbers.
const (
	UnknownMethod  = 1
	ProtocolError  = 7
	UnknownService = 20
)

// AppendException appends a whole frame that says why a call was not begun.
func (r *Reply) AppendException(dst []byte, number int32, text string) []byte {
	at := len(dst)
	dst = r.append(dst, KindException)
	dst = protowire.AppendTag(dst, 1, protowire.VarintType)
	dst = protowire.AppendVarint(dst, uint64(number))
	dst = protowire.AppendTag(dst, 2, protowire.BytesType)
	dst = protowire.AppendString(dst, cut(text))
	// It is far too small to fail.
	_ = Finish(dst[at:])
	return dst
}

func (r *Reply) append(dst []byte, kind Kind) []byte {
	order := binary.BigEndian
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, magic>>8, 0, 0, 0)
	dst = order.AppendUint32(dst, r.Number)
	dst = append(dst, 0, 0)
	header := len(dst)
	dst = append(dst, 0, 0)
	dst = append(dst, byKey, 0, 1, 0, keyKind, 0, 1, '0'+byte(kind))
	names := uint16(0)
	if r.Code != 0 {
		names = 2
	}
	if r.Closing {
		names++
	}
	if names > 0 {
		dst = order.AppendUint16(append(dst, byName), names)
	}
	if r.Code != 0 {
		dst = appendPair(dst, codeKey, strconv.Itoa(int(r.Code)))
		dst = appendPair(dst, textKey, cut(r.Text))
	}
	if r.Closing {
		dst = appendPair(dst, closingKey, "1")
	}
	for (len(dst)-header)%4 != 0 {
		dst = append(dst, padding)
	}
	order.PutUint16(dst[at+prefix-2:], uint16((len(dst)-header)/4))
	dst = append(dst, 0, 0, 0, 0)
	dst = order.AppendUint16(dst, messageMagic)
	dst = order.AppendUint16(dst, uint16(kind))
	dst = order.AppendUint32(dst, uint32(len(r.Method)))
	dst = append(dst, r.Method...)
	return order.AppendUint32(dst, r.Number)
}

// Finish sets the sizes of a frame that has its message. One that the protocol cannot
// carry, of 4 GiB or more, is ResourceExhausted.
func Finish(frame []byte) error {
	order := binary.BigEndian
	if size := uint64(len(frame) - 4); size > math.MaxUint32 {
		return sampan.Errorf(sampan.ResourceExhausted, "a frame of %d bytes, want at most %d", size, uint32(math.MaxUint32))
	}
	order.PutUint32(frame, uint32(len(frame)-4))
	within := prefix + 4*int(order.Uint16(frame[prefix-2:]))
	order.PutUint32(frame[within:], uint32(len(frame)-within-4))
	return nil
}

func appendPair(dst []byte, key, value string) []byte {
	dst = append(binary.BigEndian.AppendUint16(dst, uint16(len(key))), key...)
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(value))), value...)
}

// cut makes a text one that fits.
func cut(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
