package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sampanml/sampan"
)

// Model is a live model: a signature and a session behind a scheduler that bounds what
// runs and what waits. Safe for concurrent use.
type Model struct {
	name, version string
	dir           string
	signature     Signature
	session       Session
	scheduler     *scheduler

	// Positions in the session's lists of the signature's inputs and outputs; nil
	// where they are the same, which is nearly always.
	inputs, outputs []int
	sessionOutputs  int
	took            LoadTime
	limits          Limits
	memory          *Share

	// open is held shared by every call and exclusively by Close.
	open   sync.RWMutex
	closed bool
}

// LoadTime is how long the parts of loading a model took.
type LoadTime struct {
	// Translate is 0 for an ONNX model.
	Translate, Session time.Duration
}

// Open loads a model: an .onnx file, or a directory that holds one or a format that
// one of the translators reads. The signature comes from the model and, for names,
// aliases and LoD, from the signature file beside it; a contradiction is an error.
func Open(ctx context.Context, path string, o Options) (*Model, error) {
	given := o
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := open(ctx, path, o, given)
	if err != nil {
		return nil, fmt.Errorf("load model %q: %w", o.Name, err)
	}
	return m, nil
}

// open loads a model; given are the options without their defaults.
func open(ctx context.Context, path string, o, given Options) (*Model, error) {
	s := source{from: path}
	if err := s.read(o); err != nil {
		return nil, err
	}
	var m *Model
	var err error
	if given.decidesThreads() {
		m, err = s.measure(ctx, o, given)
	} else {
		m, err = s.start(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	if err := m.replay(ctx, o.Recorded); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	// The first run is measured.
	m.scheduler.runs = 0
	if o.Observe != nil {
		m.scheduler.observer = o.Observe(o.Name, o.Version)
	}
	return m, nil
}

// sessionFields returns the session's inputs, those that the signature has under its
// aliases.
func (m *Model) sessionFields(all []Field) []Field {
	out := slices.Clone(all)
	for i, f := range m.signature.Inputs {
		at := i
		if m.inputs != nil {
			at = m.inputs[i]
		}
		out[at] = f
	}
	return out
}

// Name under which the model is served.
func (m *Model) Name() string { return m.name }

// Version of the model.
func (m *Model) Version() string { return m.version }

// Dir is the path that the model was loaded from.
func (m *Model) Dir() string { return m.dir }

// Took is how long loading took.
func (m *Model) Took() LoadTime { return m.took }

// Limits are what the model runs within.
func (m *Model) Limits() Limits { return m.limits }

// Signature is what the model takes and gives. It must not be changed.
func (m *Model) Signature() *Signature { return &m.signature }

// Run takes one tensor for each input, in the signature's order, and returns one for
// each output. An input that is sequences to the model and comes without LoD is one
// sequence. The inputs are checked against the signature before they wait for
// their turn; what does not fit is InvalidArgument and names the input. With the queue
// full, or no memory left, it fails at once with ResourceExhausted.
func (m *Model) Run(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	// The lock is refused only while Close waits, which can be for longer than ctx.
	if !m.open.TryRLock() {
		return nil, m.notLoaded()
	}
	defer m.open.RUnlock()
	if m.closed {
		return nil, m.notLoaded()
	}
	if err := m.check(inputs); err != nil {
		return nil, err
	}
	bytes := size(inputs)
	if err := m.memory.Take(bytes); err != nil {
		return nil, err
	}
	defer m.memory.Give(bytes)
	inputs = m.withLoD(inputs)
	if m.inputs != nil {
		inputs = place(inputs, m.inputs, len(inputs))
	}
	outputs, err := m.scheduler.call(ctx, inputs, m.sessionOutputs)
	if err != nil {
		return nil, err
	}
	if m.outputs != nil {
		outputs = gather(outputs, m.outputs)
	}
	m.passLoD(inputs, outputs)
	return outputs, nil
}

// ErrClosed is what the errors of a closed model are. Nothing was run.
var ErrClosed = errors.New("the model is closed")

// closedError is ErrClosed for a model of that name.
type closedError string

func (e closedError) Error() string { return fmt.Sprintf("model %q is not loaded", string(e)) }

func (closedError) Is(target error) bool { return target == ErrClosed }

func (m *Model) notLoaded() error {
	return &sampan.Error{Code: sampan.FailedPrecondition, Err: closedError(m.name)}
}

func (m *Model) check(inputs []sampan.Tensor) error {
	if len(inputs) != len(m.signature.Inputs) {
		return sampan.Errorf(sampan.InvalidArgument, "%d inputs, want %d: %s",
			len(inputs), len(m.signature.Inputs), Aliases(m.signature.Inputs))
	}
	for i := range inputs {
		if err := m.signature.Inputs[i].Check(inputs[i]); err != nil {
			return err
		}
	}
	return nil
}

// passLoD hands the sequences of the only input that has some on to the outputs that
// the signature flags and that have as many rows, as Paddle's operators do. An output
// whose model computes its sequences keeps them.
func (m *Model) passLoD(inputs, outputs []sampan.Tensor) {
	var from *sampan.Tensor
	for i := range inputs {
		if inputs[i].LoD == nil {
			continue
		}
		if from != nil {
			return
		}
		from = &inputs[i]
	}
	if from == nil {
		return
	}
	for i := range outputs {
		f := &m.signature.Outputs[i]
		if o := &outputs[i]; f.LoD && f.Levels == 0 && o.LoD == nil && o.Rows() == from.Rows() {
			o.LoD = cloneLoD(from.LoD)
		}
	}
}

func cloneLoD(l sampan.LoD) sampan.LoD {
	out := make(sampan.LoD, len(l))
	for i, level := range l {
		out[i] = slices.Clone(level)
	}
	return out
}

// Close waits for the calls under way, those in the queue too, and frees the session.
// Idempotent.
func (m *Model) Close() error {
	m.open.Lock()
	defer m.open.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	m.scheduler.batches.Wait()
	return m.session.Close()
}

// place puts each tensor at its position in a list of n.
func place(tensors []sampan.Tensor, at []int, n int) []sampan.Tensor {
	out := make([]sampan.Tensor, n)
	for i, to := range at {
		out[to] = tensors[i]
	}
	return out
}

// gather takes the tensors at the given positions.
func gather(tensors []sampan.Tensor, at []int) []sampan.Tensor {
	out := make([]sampan.Tensor, len(at))
	for i, from := range at {
		out[i] = tensors[from]
	}
	return out
}
