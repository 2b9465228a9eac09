package onnx

// #include <stdlib.h>
// #include "ort.h"
import "C"

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// session is a loaded model and the calls that are not in use. Their number is
// bounded by the runs at once, which the engine bounds.
type session struct {
	binding   *ort.DynamicAdvancedSession
	handle    unsafe.Pointer
	signature engine.Signature
	names     cNames
	// memory is asked before outputs are made.
	memory *engine.Share
	// guess holds for each output how its shape follows from the inputs'.
	guess []shapeRule
	// misled is set when a shape that the model declares turned out wrong, so that
	// outputs are left to the runtime from then on.
	misled atomic.Bool

	mu     sync.Mutex
	idle   []*call
	busy   []*call
	closed bool
	// watching says that the watch runs; watched ends with it.
	watching bool
	watched  sync.WaitGroup
}

// cNames are the names of inputs and outputs as C wants them.
type cNames struct{ inputs, outputs **C.char }

func newSession(binding *ort.DynamicAdvancedSession, memory *engine.Share) (*session, error) {
	s := &session{binding: binding, handle: handleOf(binding), memory: memory}
	var err error
	if s.signature.Inputs, err = s.fields(0); err != nil {
		return nil, err
	}
	if s.signature.Outputs, err = s.fields(1); err != nil {
		return nil, err
	}
	s.names = cNames{cStrings(s.signature.Inputs), cStrings(s.signature.Outputs)}
	for _, f := range s.signature.Outputs {
		s.guess = append(s.guess, ruleFor(f, s.signature.Inputs))
	}
	return s, nil
}

// handleOf reads the runtime's own pointer out of the binding, which has no accessor.
// A test loads a model through it, so that a change of layout cannot pass unseen.
func handleOf(s *ort.DynamicAdvancedSession) unsafe.Pointer {
	return reflect.ValueOf(s).Elem().FieldByName("s").Elem().FieldByName("ortSession").UnsafePointer()
}

// Signature is what the model declares.
func (s *session) Signature() engine.Signature { return s.signature }

// fields reads the declared inputs (output 0) or outputs (output 1).
func (s *session) fields(output C.int) ([]engine.Field, error) {
	kind := [...]string{"input", "output"}[output]
	var n C.int32_t
	if err := message(C.sampan_field_count(s.handle, output, &n)); err != nil {
		return nil, err
	}
	fields := make([]engine.Field, n)
	for i := range fields {
		var c C.sampan_field
		err := message(C.sampan_field_read(s.handle, output, C.int32_t(i), &c))
		f := goField(&c)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s %d: %w", kind, i, err)
		case c.kind != 1:
			return nil, sampan.Errorf(sampan.Unimplemented, "%s %q is not a tensor (a sequence, map or optional value)", kind, f.Name)
		case c.rank > C.SAMPAN_MAX_RANK:
			return nil, sampan.Errorf(sampan.Unimplemented, "%s %q has %d dimensions, the most is %d", kind, f.Name, c.rank, C.SAMPAN_MAX_RANK)
		case !f.DType.Valid():
			return nil, sampan.Errorf(sampan.Unimplemented, "%s %q has element type %d, which is not known", kind, f.Name, c.dtype)
		}
		fields[i] = f
	}
	return fields, nil
}

// goField copies a declaration and frees C's.
func goField(c *C.sampan_field) engine.Field {
	defer C.free(unsafe.Pointer(c.name))
	name := C.GoString(c.name)
	f := engine.Field{Name: name, Alias: name, DType: sampan.DType(c.dtype), Shape: sampan.Shape{}}
	for i := range min(int(c.rank), C.SAMPAN_MAX_RANK) {
		f.Shape = append(f.Shape, max(-1, int64(c.dims[i])))
		f.Dims = append(f.Dims, C.GoString(c.dim_names[i]))
		C.free(unsafe.Pointer(c.dim_names[i]))
	}
	return f
}

// Close frees the session and its calls.
func (s *session) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.watched.Wait()
	for _, c := range s.idle {
		c.free()
	}
	s.idle = nil
	freeStrings(s.names.inputs, len(s.signature.Inputs))
	freeStrings(s.names.outputs, len(s.signature.Outputs))
	return s.binding.Destroy()
}

func cStrings(fields []engine.Field) **C.char {
	list := (**C.char)(C.calloc(C.size_t(len(fields)+1), C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	for i, f := range fields {
		unsafe.Slice(list, len(fields))[i] = C.CString(f.Name)
	}
	return list
}

func freeStrings(list **C.char, n int) {
	for _, s := range unsafe.Slice(list, n) {
		C.free(unsafe.Pointer(s))
	}
	C.free(unsafe.Pointer(list))
}
