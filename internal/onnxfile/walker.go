package onnxfile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds on what a file may have.
const (
	maxText  = 1 << 20
	maxDepth = 100
)

// walker goes through protobuf messages as they come from a file.
type walker struct {
	r *bufio.Reader
	// at is how many bytes have been read.
	at    int64
	depth int
}

// field is one field of a message.
type field struct {
	number protowire.Number
	// value of a number.
	value uint64
	// size of a text or message that follows; -1 for a number.
	size int64
}

// message visits the fields of a message of size bytes. What visit does not read of a
// field is passed over.
func (w *walker) message(size int64, visit func(field) error) error {
	if size < 0 {
		return fmt.Errorf("a number stands for a message")
	}
	if w.depth++; w.depth > maxDepth {
		return fmt.Errorf("messages lie more than %d deep", maxDepth)
	}
	defer func() { w.depth-- }()
	for end := w.at + size; w.at < end; {
		f, err := w.field()
		if err != nil {
			return err
		}
		if w.at > end || f.size > end-w.at {
			return fmt.Errorf("field %d is longer than its message", f.number)
		}
		next := w.at + max(0, f.size)
		if err := visit(f); err != nil {
			return err
		}
		if err := w.skip(next - w.at); err != nil {
			return err
		}
	}
	return nil
}

// field reads a field's tag, and its number or size.
func (w *walker) field() (field, error) {
	tag, err := w.varint()
	if err != nil {
		return field{}, err
	}
	number, kind := protowire.DecodeTag(tag)
	if number < protowire.MinValidNumber {
		return field{}, fmt.Errorf("field %d is not valid", number)
	}
	f := field{number: number, size: -1}
	switch kind {
	case protowire.VarintType:
		f.value, err = w.varint()
	case protowire.Fixed32Type:
		err = w.skip(4)
	case protowire.Fixed64Type:
		err = w.skip(8)
	case protowire.BytesType:
		var size uint64
		size, err = w.varint()
		f.size = int64(min(size, math.MaxInt64))
	default:
		err = fmt.Errorf("field %d has wire type %d", number, kind)
	}
	return f, err
}

// text reads a field that is a text.
func (w *walker) text(f field) (string, error) {
	if f.size < 0 || f.size > maxText {
		return "", fmt.Errorf("field %d is no text of at most %d bytes", f.number, maxText)
	}
	data := make([]byte, f.size)
	n, err := io.ReadFull(w.r, data)
	w.at += int64(n)
	return string(data), err
}

func (w *walker) skip(n int64) error {
	for n > 0 {
		step := min(n, 1<<30)
		done, err := w.r.Discard(int(step))
		w.at += int64(done)
		if err != nil {
			return err
		}
		n -= step
	}
	return nil
}

func (w *walker) varint() (uint64, error) { return binary.ReadUvarint(w) }

// ReadByte implements io.ByteReader for varint.
func (w *walker) ReadByte() (byte, error) {
	b, err := w.r.ReadByte()
	if err == nil {
		w.at++
	}
	return b, err
}
