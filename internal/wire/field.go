package wire

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// What makes bytes no message. The texts are protobuf's own.
var (
	errFormat = errors.New("cannot parse invalid wire-format data")
	errText   = errors.New("string field contains invalid UTF-8")
)

// field is one field of a message as it lies in the bytes.
type field struct {
	number protowire.Number
	kind   protowire.Type
	// bits are those of a varint or of a value of fixed size.
	bits uint64
	// bytes are those of a field with a length.
	bytes []byte
}

// next reads the field that b begins with and returns what follows it. A group is read
// over.
func (f *field) next(b []byte) (rest []byte, err error) {
	tag, n := varint(b)
	number := tag >> 3
	if n < 0 || number < uint64(protowire.MinValidNumber) || number > uint64(protowire.MaxValidNumber) {
		return nil, errFormat
	}
	f.number, f.kind = protowire.Number(number), protowire.Type(tag&7)
	b = b[n:]
	switch f.kind {
	case protowire.VarintType:
		f.bits, n = varint(b)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(b)
	case protowire.Fixed32Type:
		var bits uint32
		bits, n = protowire.ConsumeFixed32(b)
		f.bits = uint64(bits)
	case protowire.Fixed64Type:
		f.bits, n = protowire.ConsumeFixed64(b)
	default:
		n = protowire.ConsumeFieldValue(f.number, f.kind, b)
	}
	if n < 0 {
		return nil, errFormat
	}
	return b[n:], nil
}

// varint reads a number; most have one byte.
func varint(b []byte) (v uint64, n int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return protowire.ConsumeVarint(b)
}

// encoding is how the elements of a repeated field travel.
type encoding uint8

const (
	// asVarint, and the sizes of others in bytes.
	asVarint encoding = 0
	asFixed4 encoding = 4
	asFixed8 encoding = 8
	asText   encoding = 255
)

// kind is the type of the field of one element.
func (e encoding) kind() protowire.Type {
	switch e {
	case asFixed4:
		return protowire.Fixed32Type
	case asFixed8:
		return protowire.Fixed64Type
	case asText:
		return protowire.BytesType
	}
	return protowire.VarintType
}

// count counts the elements in a field: one, or as many as are packed in it. A field of
// another kind is not known, and has none. Varints are not looked at closely.
func (e encoding) count(f *field) (n int, err error) {
	switch {
	case f.kind == e.kind():
		return 1, nil
	case f.kind != protowire.BytesType:
		return 0, nil
	case e != asVarint:
		if len(f.bytes)%int(e) != 0 {
			return 0, errFormat
		}
		return len(f.bytes) / int(e), nil
	}
	for _, b := range f.bytes {
		if b < 0x80 {
			n++
		}
	}
	return n, nil
}

// run counts the fields of fixed size that b begins with and that have the tag, as
// callers send elements that are not packed. A tag of several bytes, of which this is the
// first, has none.
func (e encoding) run(tag byte, b []byte) (n int) {
	if tag >= 0x80 {
		return 0
	}
	for size := int(e) + 1; len(b) >= size && b[0] == tag; b = b[size:] {
		n++
	}
	return n
}
