package engine

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/sampanml/sampan"
)

// Runtime says how a backend sets a session up. The zero Runtime leaves all to the
// backend.
type Runtime struct {
	// Optimisation of the graph: "none", "basic", "extended" or "all"; empty means "all".
	Optimisation string
	// InterThreads is how many branches of the graph may run at once; 0 means 1.
	InterThreads int
	// NoArena gives memory back after each run instead of keeping it for the next.
	NoArena bool
	// Providers run what they can of the graph, the first first, and the CPU runs the
	// rest; empty means the CPU alone. One that the runtime does not have is
	// FailedPrecondition.
	Providers []Provider
}

// Provider is a part of the runtime that executes on a kind of device.
type Provider struct {
	// Name such as "CUDA", "TensorRT" or "OpenVINO".
	Name string
	// Options by the names that the runtime has for them, such as "device_id".
	Options map[string]string
}

// CUDA is NVIDIA's provider on a device.
func CUDA(device string) Provider {
	return Provider{Name: "CUDA", Options: map[string]string{"device_id": device}}
}

// OnGPUs are sessions on the devices, one on each; none for no devices.
func OnGPUs(devices []int) (out []Runtime) {
	for _, d := range devices {
		out = append(out, Runtime{Providers: []Provider{CUDA(strconv.Itoa(d))}})
	}
	return out
}

// sessions are several of the same model; a run takes the one with the fewest under way.
type sessions struct {
	all  []Session
	busy []atomic.Int32
}

// loadSessions makes a session for each runtime, or one without any.
func loadSessions(ctx context.Context, b Backend, a Artifact, runtimes []Runtime) (Session, error) {
	if len(runtimes) == 0 {
		return b.Load(ctx, a)
	}
	s := &sessions{busy: make([]atomic.Int32, len(runtimes))}
	for _, r := range runtimes {
		a.Runtime = r
		one, err := b.Load(ctx, a)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.all = append(s.all, one)
	}
	if len(s.all) == 1 {
		return s.all[0], nil
	}
	return s, nil
}

// Signature is that of each.
func (s *sessions) Signature() Signature { return s.all[0].Signature() }

// Run runs the model once.
func (s *sessions) Run(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	best := 0
	for i := range s.busy {
		if s.busy[i].Load() < s.busy[best].Load() {
			best = i
		}
	}
	s.busy[best].Add(1)
	defer s.busy[best].Add(-1)
	return s.all[best].Run(ctx, inputs, outputs)
}

// Close frees all.
func (s *sessions) Close() error {
	var errs []error
	for _, one := range s.all {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
