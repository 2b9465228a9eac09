package onnx

// #include <stdlib.h>
// #include "ort.h"
import "C"

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"unsafe"

	"github.com/sampanml/sampan"
)

// call is the C side of one run. It is used by one goroutine at a time.
type call struct {
	c    *C.sampan_call
	pins runtime.Pinner

	// taken is what the run has of the session's memory, in bytes.
	taken int64

	// Guarded by the session's lock: the context of the run under way, if it can end,
	// and whether the run was told to stop.
	ctx     context.Context
	stopped bool
}

func newCall(s *session) (*call, error) {
	var c *C.sampan_call
	err := message(C.sampan_call_new(C.int32_t(len(s.signature.Inputs)), C.int32_t(len(s.signature.Outputs)), &c))
	if err != nil {
		return nil, err
	}
	c.input_names, c.output_names = s.names.inputs, s.names.outputs
	return &call{c: c}, nil
}

func (c *call) free() { C.sampan_call_free(c.c) }

// Run executes the model; see engine.Session. Outputs whose shape follows from the
// inputs' are allocated here and written in place, others are copied out once.
func (s *session) Run(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	if ctx.Err() != nil {
		return sampan.ContextError(ctx)
	}
	c, err := s.take(ctx)
	if err != nil {
		return sampan.Errorf(sampan.Internal, "onnxruntime: %w", err)
	}
	defer s.give(c)
	defer c.giveMemory(s)
	made, err := c.prepare(s, outputs, inputs)
	if err != nil {
		return err
	}
	err = c.run(s, inputs, outputs)
	if err != nil && made && ctx.Err() == nil && sampan.CodeOf(err) != sampan.ResourceExhausted {
		// Perhaps the declared shapes are wrong; the runtime's own outputs tell.
		for i := range outputs {
			outputs[i] = sampan.Tensor{}
		}
		c.giveMemory(s)
		if err = c.run(s, inputs, outputs); err == nil {
			s.misled.Store(true)
		}
	}
	if err != nil && ctx.Err() != nil {
		return sampan.ContextError(ctx)
	}
	return err
}

// takeMemory asks for the bytes of an output before it is made.
func (c *call) takeMemory(s *session, bytes int64) error {
	if err := s.memory.Take(bytes); err != nil {
		return err
	}
	c.taken += bytes
	return nil
}

// giveMemory returns what was taken; what the outputs have is the caller's from here on.
func (c *call) giveMemory(s *session) {
	s.memory.Give(c.taken)
	c.taken = 0
}

// prepare makes the buffers of outputs whose shapes are known beforehand and reports
// whether every output without data was left to it.
func (c *call) prepare(s *session, outputs, inputs []sampan.Tensor) (made bool, err error) {
	if s.misled.Load() {
		return false, nil
	}
	for i, rule := range s.guess {
		if outputs[i].Data != nil {
			return false, nil
		}
		if rule == nil {
			continue
		}
		d, shape := s.signature.Outputs[i].DType, rule.shape(inputs)
		n, _ := shape.Elements()
		size, ok := d.Size(n)
		if !ok || size == 0 {
			continue
		}
		if err := c.takeMemory(s, int64(size)); err != nil {
			return false, fmt.Errorf("output %q: %w", s.signature.Outputs[i].Alias, err)
		}
		if t, err := sampan.New(d, shape); err == nil {
			outputs[i], made = t, true
		}
	}
	return made, nil
}

// run makes one call of the runtime.
func (c *call) run(s *session, inputs, outputs []sampan.Tensor) error {
	defer c.pins.Unpin()
	ins := unsafe.Slice(c.c.inputs, len(inputs))
	for i := range inputs {
		if err := c.fill(&ins[i], &inputs[i]); err != nil {
			return err
		}
		if ins[i].in_room != 0 {
			copy(room(&ins[i]), inputs[i].Data)
		}
	}
	outs := unsafe.Slice(c.c.outputs, len(outputs))
	for i := range outputs {
		if outputs[i].Data == nil {
			outs[i].data, outs[i].in_room, outs[i].value = 0, 0, nil
		} else if err := c.fill(&outs[i], &outputs[i]); err != nil {
			return err
		}
	}
	if err := message(C.sampan_call_run(s.handle, c.c)); err != nil {
		return sampan.Errorf(sampan.Internal, "the model failed: %w", plain(err))
	}
	for i := range outputs {
		if outs[i].value != nil {
			return c.collect(s, outputs, outs)
		}
		if outs[i].in_room != 0 {
			copy(outputs[i].Data, room(&outs[i]))
		}
	}
	return nil
}

// collect takes all outputs over when the runtime has made some of them.
func (c *call) collect(s *session, outputs []sampan.Tensor, outs []C.sampan_tensor) (err error) {
	defer C.sampan_call_release(c.c)
	for i := range outputs {
		switch {
		case outs[i].in_room != 0:
			copy(outputs[i].Data, room(&outs[i]))
		case outs[i].value != nil:
			if err = c.takeMemory(s, sizeOf(&outs[i])); err != nil {
				return fmt.Errorf("output %q: %w", s.signature.Outputs[i].Alias, err)
			}
			if outputs[i], err = copyOut(&outs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// room is the tensor's memory in C.
func room(t *C.sampan_tensor) []byte { return unsafe.Slice((*byte)(t.room), t.size) }

// empty is where string tensors without elements point to.
var empty [16]byte

// fill describes a tensor to C. One of few bytes gets room in C's memory, any other is
// used where it is, and pinned.
func (c *call) fill(to *C.sampan_tensor, t *sampan.Tensor) error {
	if len(t.Shape) > C.SAMPAN_MAX_RANK {
		return sampan.Errorf(sampan.InvalidArgument, "shape %v has %d dimensions, the most is %d", t.Shape, len(t.Shape), C.SAMPAN_MAX_RANK)
	}
	to.data, to.size, to.in_room, to.value = 0, C.size_t(len(t.Data)), 0, nil
	to.rank, to.dtype = C.int32_t(len(t.Shape)), C.int32_t(t.DType)
	for i, d := range t.Shape {
		to.dims[i] = C.int64_t(d)
	}
	if t.DType != sampan.String && len(t.Data) <= C.SAMPAN_ROOM {
		to.in_room = 1
		return nil
	}
	p := unsafe.SliceData(t.Data)
	if len(t.Data) == 0 {
		p = &empty[0]
	}
	c.pins.Pin(p)
	to.data = C.uintptr_t(uintptr(unsafe.Pointer(p)))
	return nil
}

// sizeOf is what an output that the runtime made takes, in bytes; 0 for strings.
func sizeOf(c *C.sampan_tensor) int64 {
	n := int64(1)
	for _, d := range c.dims[:min(c.rank, C.SAMPAN_MAX_RANK)] {
		n *= int64(d)
	}
	size, _ := sampan.DType(c.dtype).Size(n)
	return int64(size)
}

// copyOut copies an output that the runtime made into Go's memory.
func copyOut(c *C.sampan_tensor) (sampan.Tensor, error) {
	if c.rank > C.SAMPAN_MAX_RANK {
		return sampan.Tensor{}, sampan.Errorf(sampan.Unimplemented, "an output has %d dimensions, the most is %d", c.rank, C.SAMPAN_MAX_RANK)
	}
	shape := make(sampan.Shape, c.rank)
	for i := range shape {
		shape[i] = int64(c.dims[i])
	}
	d := sampan.DType(c.dtype)
	if d == sampan.String {
		return copyStrings(c, shape)
	}
	t, err := sampan.New(d, shape)
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.Internal, "output: %w", err)
	}
	if len(t.Data) > 0 {
		copy(t.Data, unsafe.Slice((*byte)(c.made), len(t.Data)))
	}
	return t, nil
}

func copyStrings(c *C.sampan_tensor, shape sampan.Shape) (sampan.Tensor, error) {
	n, _ := shape.Elements()
	if n == 0 {
		return sampan.Tensor{DType: sampan.String, Shape: shape, Data: []byte{}}, nil
	}
	var size C.size_t
	if err := message(C.sampan_strings_size(c.value, &size)); err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.Internal, "output strings: %w", err)
	}
	text := make([]byte, size+1)
	offsets := make([]C.size_t, n)
	if err := message(C.sampan_strings_read(c.value, unsafe.Pointer(&text[0]), size, &offsets[0], C.size_t(n))); err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.Internal, "output strings: %w", err)
	}
	data := make([]byte, 0, int(size)+4*int(n))
	for i, from := range offsets {
		to := size
		if i+1 < len(offsets) {
			to = offsets[i+1]
		}
		data = binary.LittleEndian.AppendUint32(data, uint32(to-from))
		data = append(data, text[from:to]...)
	}
	return sampan.Tensor{DType: sampan.String, Shape: shape, Data: data}, nil
}

// noise is what the runtime's messages say of its own sources and codes.
var noise = regexp.MustCompile(`^Error creating C session( from file)?: |\S*/onnxruntime/\S+ .*?\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : |/\S*/onnxruntime/\S+ [^\[\]]*\] |\S*/onnxruntime/\S+:\d+ |\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : |Status Message: `)

// maxMessage bounds a message of the runtime, which can quote whole graphs.
const maxMessage = 400

// plain drops the noise from a message of the runtime.
func plain(err error) error {
	text := strings.TrimSpace(noise.ReplaceAllString(strings.TrimSpace(err.Error()), ""))
	if line, _, more := strings.Cut(text, "\n"); more {
		text = line
	}
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return errors.New(text)
}
