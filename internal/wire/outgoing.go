package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
)

// Outgoing is a reply that leaves as a message: the one that [ToResponse] and
// proto.Marshal make. The zero value is ready for use, and for one reply after the other.
// It reads the tensors where they lie, so they must not change until it is written.
type Outgoing struct {
	reply *sampan.Reply
	logID uint64
	// profile says that the request asked for one.
	profile bool
	size    int
	// outputs and tensors are the sizes of their messages, in bytes, and elements those of
	// the tensors' elements.
	outputs, tensors, elements []int
}

// Numbers of a response's fields, of an output's and, for its elements, of a tensor's.
const (
	outputNumber protowire.Number = iota + 1
	timesNumber
	echoedProfileNumber
	echoedLogIDNumber
)

const (
	outputTensorNumber protowire.Number = iota + 1
	engineNumber
)

// Set takes a reply, and the request for the marks to be echoed, which may be nil. Its
// errors are those of [ToResponse].
func (o *Outgoing) Set(reply *sampan.Reply, req *sampan.Request) error {
	*o = Outgoing{reply: reply, outputs: o.outputs[:0], tensors: o.tensors[:0], elements: o.elements[:0]}
	if req != nil {
		o.logID, o.profile = req.LogID, req.Profile
	}
	for i := range reply.Outputs {
		out, size := &reply.Outputs[i], 0
		for j := range out.Tensors {
			n := &out.Tensors[j]
			elements, tensor, err := sizeOf(n)
			if err != nil {
				return sampan.Errorf(sampan.CodeOf(err), "%s: %w", label("output", n.Name, n.Alias, j), err)
			}
			o.elements, o.tensors = append(o.elements, elements), append(o.tensors, tensor)
			size += 1 + protowire.SizeBytes(tensor)
		}
		if !utf8.ValidString(out.Engine) {
			return sampan.Errorf(sampan.Internal, "output %d: the name of its engine is not UTF-8, as this protocol wants", i)
		}
		size += sizeText(len(out.Engine))
		o.outputs = append(o.outputs, size)
		o.size += 1 + protowire.SizeBytes(size)
	}
	if n := len(reply.Profile); n > 0 {
		o.size += 1 + protowire.SizeBytes(sizeVarints(reply.Profile))
	}
	if o.profile {
		o.size += 2
	}
	if o.logID != 0 {
		o.size += 1 + protowire.SizeVarint(o.logID)
	}
	return nil
}

// Size of the message in bytes.
func (o *Outgoing) Size() int { return o.size }

// Append appends the message.
func (o *Outgoing) Append(b []byte) []byte {
	k := 0
	for i := range o.reply.Outputs {
		out := &o.reply.Outputs[i]
		b = appendPrefix(b, outputNumber, o.outputs[i])
		for j := range out.Tensors {
			b = appendPrefix(b, outputTensorNumber, o.tensors[k])
			b = appendTensor(b, &out.Tensors[j], o.elements[k])
			k++
		}
		b = appendString(b, engineNumber, out.Engine)
	}
	if len(o.reply.Profile) > 0 {
		b = appendPrefix(b, timesNumber, sizeVarints(o.reply.Profile))
		for _, at := range o.reply.Profile {
			b = protowire.AppendVarint(b, uint64(at))
		}
	}
	if o.profile {
		b = append(b, byte(echoedProfileNumber)<<3|byte(protowire.VarintType), 1)
	}
	if o.logID != 0 {
		b = append(b, byte(echoedLogIDNumber)<<3|byte(protowire.VarintType))
		b = protowire.AppendVarint(b, o.logID)
	}
	return b
}

// Release lets go of the reply.
func (o *Outgoing) Release() { o.reply = nil }

// sizeOf checks a tensor and measures its message and, by themselves, the elements.
func sizeOf(n *sampan.Named) (elements, size int, err error) {
	t := &n.Tensor
	elem, ok := elemtype.FromDType(t.DType)
	if !ok && t.DType.Valid() {
		return 0, 0, sampan.Errorf(sampan.Unimplemented, "%s elements have no elem_type in this protocol", t.DType)
	}
	if err := check(n); err != nil {
		return 0, 0, sampan.Errorf(sampan.Internal, "%w", err)
	}
	elements = sizeElements(t)
	switch {
	case t.DType == sampan.String:
		size = elements
	case elements > 0:
		size = 1 + protowire.SizeBytes(elements)
	}
	if elem != 0 {
		size += 1 + protowire.SizeVarint(uint64(elem))
	}
	if len(t.Shape) > 0 {
		size += 1 + protowire.SizeBytes(sizeVarints(t.Shape))
	}
	if n := sizeLoD(t.LoD); n > 0 {
		size += 1 + protowire.SizeBytes(n)
	}
	return elements, size + sizeText(len(n.Name)) + sizeText(len(n.Alias)), nil
}

// check sees to it that a tensor is whole and that the protocol has room for it.
func check(n *sampan.Named) error {
	t := &n.Tensor
	if err := t.Validate(); err != nil {
		return err
	}
	switch t.DType {
	case sampan.Bool:
		for i, b := range t.Data {
			if b > 1 {
				return fmt.Errorf("bool element %d is %d, want 0 or 1", i, b)
			}
		}
	case sampan.String:
		at := 0
		for text := range eachText(t.Data) {
			if !utf8.Valid(text) {
				return fmt.Errorf("string %d is not UTF-8, as this protocol wants", at)
			}
			at++
		}
	}
	for _, d := range t.Shape {
		if d > math.MaxInt32 {
			return fmt.Errorf("shape %v is beyond the protocol's 32 bits", t.Shape)
		}
	}
	for _, level := range t.LoD {
		for _, offset := range level {
			if offset > math.MaxInt32 {
				return fmt.Errorf("lod offset %d is beyond the protocol's 32 bits", offset)
			}
		}
	}
	if !utf8.ValidString(n.Name) || !utf8.ValidString(n.Alias) {
		return fmt.Errorf("its name is not UTF-8, as this protocol wants")
	}
	return nil
}

// eachText gives the elements of a valid string tensor.
func eachText(data []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			end := 4 + int(binary.LittleEndian.Uint32(data))
			if !yield(data[4:end]) {
				return
			}
			data = data[end:]
		}
	}
}

// sizeElements measures the elements of a tensor: those of strings with their tags and
// lengths, all others without.
func sizeElements(t *sampan.Tensor) (n int) {
	switch t.DType {
	case sampan.Int64:
		for b := t.Data; len(b) > 0; b = b[8:] {
			n += protowire.SizeVarint(binary.LittleEndian.Uint64(b))
		}
	case sampan.Int32:
		for b := t.Data; len(b) > 0; b = b[4:] {
			n += protowire.SizeVarint(uint64(int32(binary.LittleEndian.Uint32(b))))
		}
	case sampan.String:
		for text := range eachText(t.Data) {
			n += 1 + protowire.SizeBytes(len(text))
		}
	default:
		n = len(t.Data)
	}
	return n
}

// appendTensor appends the message of a tensor whose elements take so many bytes.
func appendTensor(b []byte, n *sampan.Named, elements int) []byte {
	t := &n.Tensor
	number := dataNumber(t.DType)
	switch {
	case elements == 0:
	case t.DType == sampan.String:
		for text := range eachText(t.Data) {
			b = append(appendPrefix(b, number, len(text)), text...)
		}
	case number != contentNumber:
		b = appendElements(appendPrefix(b, number, elements), t)
	}
	if elem, _ := elemtype.FromDType(t.DType); elem != 0 {
		b = append(b, byte(elemTypeNumber)<<3|byte(protowire.VarintType))
		b = protowire.AppendVarint(b, uint64(elem))
	}
	if len(t.Shape) > 0 {
		b = appendPrefix(b, shapeNumber, sizeVarints(t.Shape))
		for _, d := range t.Shape {
			b = protowire.AppendVarint(b, uint64(d))
		}
	}
	if n := sizeLoD(t.LoD); n > 0 {
		b = appendPrefix(b, lodNumber, n)
		for _, level := range t.LoD {
			for _, offset := range level {
				b = protowire.AppendVarint(b, uint64(offset))
			}
		}
	}
	b = appendString(b, nameNumber, n.Name)
	b = appendString(b, aliasNumber, n.Alias)
	if number == contentNumber && elements > 0 {
		b = append(appendPrefix(b, contentNumber, elements), t.Data...)
	}
	return b
}

// dataNumber is the field for elements of a type.
func dataNumber(d sampan.DType) protowire.Number {
	for i := range dataFields {
		if dataFields[i].dtype == d {
			return protowire.Number(i + 1)
		}
	}
	return contentNumber
}

func appendElements(b []byte, t *sampan.Tensor) []byte {
	switch t.DType {
	case sampan.Int64:
		for data := t.Data; len(data) > 0; data = data[8:] {
			b = protowire.AppendVarint(b, binary.LittleEndian.Uint64(data))
		}
		return b
	case sampan.Int32:
		for data := t.Data; len(data) > 0; data = data[4:] {
			b = protowire.AppendVarint(b, uint64(int32(binary.LittleEndian.Uint32(data))))
		}
		return b
	}
	return append(b, t.Data...)
}

// appendPrefix appends a tag and the length of what follows.
func appendPrefix(b []byte, n protowire.Number, length int) []byte {
	b = append(b, byte(n)<<3|byte(protowire.BytesType))
	return protowire.AppendVarint(b, uint64(length))
}

// appendString appends a text, unless it is empty.
func appendString(b []byte, n protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return append(appendPrefix(b, n, len(s)), s...)
}

// sizeText is the size of the field of a text of so many bytes.
func sizeText(length int) int {
	if length == 0 {
		return 0
	}
	return 1 + protowire.SizeBytes(length)
}

func sizeVarints(values []int64) (n int) {
	for _, v := range values {
		n += protowire.SizeVarint(uint64(v))
	}
	return n
}

func sizeLoD(lod sampan.LoD) (n int) {
	for _, level := range lod {
		n += sizeVarints(level)
	}
	return n
}
