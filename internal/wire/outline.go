package wire

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
)

// Numbers of the fields behind those of the elements, see idl/general_model_service.proto.
const (
	elemTypeNumber protowire.Number = iota + protowire.Number(len(dataFields)) + 1
	shapeNumber
	lodNumber
	nameNumber
	aliasNumber
	contentNumber
)

// outline is what a first reading of a tensor's message finds: enough to know how much
// memory the tensor takes.
type outline struct {
	found
	// message and what follows are parts of the bytes that were read.
	message, name, alias, raw []byte
	// sizes and offsets are how many values shape and lod have.
	sizes, offsets int
	// texts is the size of all strings.
	texts int
}

// read finds the outline of a tensor's message.
func (o *outline) read(b []byte) (err error) {
	*o = outline{message: b}
	var f field
	for len(b) > 0 {
		tag := b[0]
		if b, err = f.next(b); err != nil {
			return err
		}
		n := 0
		switch f.number {
		case elemTypeNumber:
			if f.kind == protowire.VarintType {
				o.elemType = int32(f.bits)
			}
		case shapeNumber:
			n, err = asVarint.count(&f)
			o.sizes += n
		case lodNumber:
			n, err = asVarint.count(&f)
			o.offsets += n
		case nameNumber:
			err = text(&o.name, &f)
		case aliasNumber:
			err = text(&o.alias, &f)
		case contentNumber:
			if f.kind == protowire.BytesType {
				o.raw = f.bytes
			}
		default:
			if f.number > protowire.Number(len(dataFields)) {
				break
			}
			i := f.number - 1
			e := dataFields[i].encoding
			n, err = e.count(&f)
			if e == asText && n > 0 {
				o.texts += len(f.bytes)
			}
			if (e == asFixed4 || e == asFixed8) && f.kind == e.kind() {
				more := e.run(tag, b)
				n, b = n+more, b[more*(int(e)+1):]
			}
			o.values[i] += n
		}
		if err != nil {
			return err
		}
	}
	o.content = len(o.raw)
	return nil
}

// text takes a string, of which the last one counts.
func text(to *[]byte, f *field) error {
	if f.kind != protowire.BytesType {
		return nil
	}
	if !utf8.Valid(f.bytes) {
		return errText
	}
	*to = f.bytes
	return nil
}

// dtype is the type of the elements; Invalid for an elem_type that is not known.
func (o *outline) dtype() sampan.DType {
	d, _ := elemtype.ToDType(o.elemType)
	return d
}

// numbers is how many integers shape and lod take.
func (o *outline) numbers() int { return max(1, o.sizes) + o.offsets }

// size is how many bytes the elements take. Data in a field of another type, which is
// an error, takes none.
func (o *outline) size() int {
	d := o.dtype()
	switch d {
	case sampan.Invalid:
		return 0
	case sampan.String:
		return 4*o.values[len(dataFields)-1] + o.texts
	}
	for i := range dataFields {
		if n := o.values[i]; n > 0 && d == dataFields[i].dtype {
			return n * valueSize(i)
		}
	}
	return o.content
}

// lineSize is where elements begin: at multiples of it, in bytes.
const lineSize = 64

// place says where in a request's memory shape and lod go, and the elements, of a tensor
// that comes behind at bytes of others.
func (o *outline) place(at int) (numbers, data, end int) {
	numbers = upTo(at, 8)
	data = upTo(numbers+8*o.numbers(), lineSize)
	return numbers, data, data + o.size()
}

// upTo is the next multiple of a power of two.
func upTo(n, multiple int) int { return (n + multiple - 1) &^ (multiple - 1) }

// valueSize is the size in bytes of one value of a field of numbers in a tensor.
func valueSize(i int) int {
	switch d := dataFields[i].dtype; d {
	case sampan.Complex64, sampan.Complex128:
		return d.Bits() / 16
	default:
		return d.Bits() / 8
	}
}

// fill reads the message once more, and its elements into data, which has the size for
// them, and its shape and lod into numbers.
func (o *outline) fill(data []byte, numbers []int64) (err error) {
	sizes := max(1, o.sizes)
	o.shape, o.lod = numbers[:0:sizes], numbers[sizes:sizes]
	d := o.dtype()
	rest := data
	b := o.message
	var f field
	for len(b) > 0 && err == nil {
		tag := b[0]
		if b, err = f.next(b); err != nil {
			return err
		}
		switch {
		case f.number == shapeNumber:
			o.shape, err = appendVarints(o.shape, &f)
		case f.number == lodNumber:
			o.lod, err = appendVarints(o.lod, &f)
		case f.number > protowire.Number(len(dataFields)):
		case dataFields[f.number-1].dtype != d || d == sampan.Invalid:
			err = f.check(dataFields[f.number-1].encoding)
		case d == sampan.String:
			rest, err = putText(rest, &f)
		case dataFields[f.number-1].encoding == asVarint:
			rest, err = f.putVarints(rest, d)
		default:
			rest, b = f.putFixed(rest, dataFields[f.number-1].encoding, tag, b)
		}
	}
	if len(rest) > 0 && err == nil {
		copy(rest, o.raw)
	}
	o.data = data
	return err
}

// appendVarints appends the values of a field of int32.
func appendVarints(to []int64, f *field) ([]int64, error) {
	if f.kind == protowire.VarintType {
		return append(to, int64(int32(f.bits))), nil
	}
	if f.kind != protowire.BytesType {
		return to, nil
	}
	for b := f.bytes; len(b) > 0; {
		v, n := varint(b)
		if n < 0 {
			return nil, errFormat
		}
		to, b = append(to, int64(int32(v))), b[n:]
	}
	return to, nil
}

// check sees to it that a field whose values are not wanted has good ones.
func (f *field) check(e encoding) error {
	if f.kind != protowire.BytesType {
		return nil
	}
	switch e {
	case asText:
		if !utf8.Valid(f.bytes) {
			return errText
		}
	case asVarint:
		for b := f.bytes; len(b) > 0; {
			_, n := varint(b)
			if n < 0 {
				return errFormat
			}
			b = b[n:]
		}
	}
	return nil
}

// putText writes a string into data and returns what is left of it.
func putText(data []byte, f *field) ([]byte, error) {
	if f.kind != protowire.BytesType {
		return data, nil
	}
	if !utf8.Valid(f.bytes) {
		return nil, errText
	}
	binary.LittleEndian.PutUint32(data, uint32(len(f.bytes)))
	n := copy(data[4:], f.bytes)
	return data[4+n:], nil
}

// putVarints writes the integers of a field into data and returns what is left of it.
func (f *field) putVarints(data []byte, d sampan.DType) ([]byte, error) {
	if f.kind == protowire.VarintType {
		return putInteger(data, d, f.bits), nil
	}
	if f.kind != protowire.BytesType {
		return data, nil
	}
	for b := f.bytes; len(b) > 0; {
		v, n := varint(b)
		if n < 0 {
			return nil, errFormat
		}
		data, b = putInteger(data, d, v), b[n:]
	}
	return data, nil
}

func putInteger(data []byte, d sampan.DType, v uint64) []byte {
	switch d {
	case sampan.Int64:
		binary.LittleEndian.PutUint64(data, v)
		return data[8:]
	case sampan.Int32:
		binary.LittleEndian.PutUint32(data, uint32(v))
		return data[4:]
	}
	data[0] = 0
	if v != 0 {
		data[0] = 1
	}
	return data[1:]
}

// putFixed writes the numbers of fixed size of a field, and those of the fields like it
// that follow in b, into data: as many as run counts. It returns what is left of data and
// of b.
func (f *field) putFixed(data []byte, e encoding, tag byte, b []byte) (left, rest []byte) {
	if f.kind == protowire.BytesType {
		return data[copy(data, f.bytes):], b
	}
	if f.kind != e.kind() {
		return data, b
	}
	if e == asFixed8 {
		binary.LittleEndian.PutUint64(data, f.bits)
		for data = data[8:]; tag < 0x80 && len(b) >= 9 && b[0] == tag; data, b = data[8:], b[9:] {
			binary.LittleEndian.PutUint64(data, binary.LittleEndian.Uint64(b[1:]))
		}
		return data, b
	}
	binary.LittleEndian.PutUint32(data, uint32(f.bits))
	for data = data[4:]; tag < 0x80 && len(b) >= 5 && b[0] == tag; data, b = data[4:], b[5:] {
		binary.LittleEndian.PutUint32(data, binary.LittleEndian.Uint32(b[1:]))
	}
	return data, b
}

// kept is the text of bytes: the one that was there before where it is the same, as
// callers send the same names again and again.
func kept(before string, now []byte) string {
	if before == string(now) {
		return before
	}
	return string(now)
}

// grown is a slice of so many elements, in the memory of s if that is enough.
func grown[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }
