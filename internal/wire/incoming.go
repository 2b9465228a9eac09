package wire

import (
	"unicode/utf8"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/loan"
)

// Incoming is a request that came as a message. The zero value is ready for use, and
// after [Incoming.Release] for another request. It shares nothing with the bytes that it
// read.
type Incoming struct {
	request sampan.Request
	fault   error
	// memory has the elements, shapes and LoD of all tensors.
	memory *loan.Memory
	// inputs, outputs and outlines are used again.
	inputs   []sampan.Named
	outputs  []string
	outlines []outline
}

// Numbers of a request's fields.
const (
	tensorNumber protowire.Number = iota + 1
	outputsNumber
	profileNumber
	logIDNumber
)

// Decode reads a message; an error says that the bytes are none. The request is the one
// that proto.Unmarshal and [FromRequest] give. Memory for the tensors is taken once, when
// it is known how much they need.
func (in *Incoming) Decode(message []byte) error {
	tensors, outputs, err := count(message)
	if err != nil {
		return err
	}
	if tensors > maxTensors {
		in.fault = sampan.Errorf(sampan.InvalidArgument, "%d tensors, want at most %d", tensors, maxTensors)
		return nil
	}
	in.outlines, in.inputs, in.outputs = grown(in.outlines, tensors), grown(in.inputs, tensors), grown(in.outputs, outputs)
	if err := in.outline(message); err != nil {
		return err
	}
	size := 0
	for i := range in.outlines {
		_, _, size = in.outlines[i].place(size)
	}
	in.memory = loan.Take(size)
	at := 0
	for i := range in.outlines {
		o := &in.outlines[i]
		numbersAt, dataAt, end := o.place(at)
		numbers := unsafe.Slice((*int64)(unsafe.Pointer(&in.memory.Bytes[numbersAt])), o.numbers())
		if err := o.fill(in.memory.Bytes[dataAt:end:end], numbers); err != nil {
			return err
		}
		at = end
	}
	in.name()
	return nil
}

// count counts the tensors and the names of wanted outputs in a message.
func count(message []byte) (tensors, outputs int, err error) {
	var f field
	for b := message; len(b) > 0; {
		if b, err = f.next(b); err != nil {
			return 0, 0, err
		}
		switch {
		case f.kind != protowire.BytesType:
		case f.number == tensorNumber:
			tensors++
		case f.number == outputsNumber:
			outputs++
		}
	}
	return tensors, outputs, nil
}

// outline reads everything but the tensors' elements. The slices have the lengths that
// are needed.
func (in *Incoming) outline(b []byte) (err error) {
	in.request = sampan.Request{}
	tensors, outputs := in.outlines, in.outputs
	var f field
	for len(b) > 0 {
		// count has read it before.
		b, _ = f.next(b)
		switch {
		case f.number == tensorNumber && f.kind == protowire.BytesType:
			err = tensors[0].read(f.bytes)
			tensors = tensors[1:]
		case f.number == outputsNumber && f.kind == protowire.BytesType:
			if !utf8.Valid(f.bytes) {
				err = errText
			}
			outputs[0] = kept(outputs[0], f.bytes)
			outputs = outputs[1:]
		case f.number == profileNumber && f.kind == protowire.VarintType:
			in.request.Profile = f.bits != 0
		case f.number == logIDNumber && f.kind == protowire.VarintType:
			in.request.LogID = f.bits
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// name makes the request of what was read.
func (in *Incoming) name() {
	in.request.Inputs = in.inputs
	if len(in.outputs) > 0 {
		in.request.Outputs = in.outputs
	}
	for i := range in.outlines {
		o, n := &in.outlines[i], &in.inputs[i]
		n.Name, n.Alias = kept(n.Name, o.name), kept(n.Alias, o.alias)
		var err error
		if n.Tensor, err = o.tensor(); err != nil {
			in.fault = sampan.Errorf(sampan.InvalidArgument, "%s: %w", label("tensor", n.Name, n.Alias, i), err)
			return
		}
	}
}

// Request is what was read, until Release. A tensor that contradicts itself is
// InvalidArgument, as of [FromRequest].
func (in *Incoming) Request() (*sampan.Request, error) {
	if in.fault != nil {
		return nil, in.fault
	}
	return &in.request, nil
}

// Bounds of what is used again: the number of tensors and outputs, and the bytes of a
// name.
const (
	maxKept     = 64
	maxKeptName = 256
)

// Release gives the tensors' memory back. Nobody may use the request any more.
func (in *Incoming) Release() {
	in.memory.Give()
	if cap(in.inputs) > maxKept || cap(in.outputs) > maxKept {
		*in = Incoming{}
		return
	}
	for i := range in.inputs {
		n := &in.inputs[i]
		n.Tensor = sampan.Tensor{}
		if len(n.Name)+len(n.Alias) > maxKeptName {
			*n = sampan.Named{}
		}
	}
	for i := range in.outputs {
		if len(in.outputs[i]) > maxKeptName {
			in.outputs[i] = ""
		}
	}
	clear(in.outlines)
	in.memory, in.fault = nil, nil
}
