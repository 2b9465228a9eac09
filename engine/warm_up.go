package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sampanml/sampan"
)

// maxWarmUp bounds the time of all runs that warm a model up.
const maxWarmUp = 10 * time.Second

const (
	// moreRuns is how often a model may be run again whose runs seem to take long, as the
	// machine may have been busy with something else.
	moreRuns = 3
	// surelyLong is how long a run takes that is not run again for that.
	surelyLong = 10 * cheapRun
)

// warmUp runs the model with zeros, with 1 for every size that is not fixed, and returns
// the time of the fastest run; 0 for a model that does not take zeros.
func (m *Model) warmUp(ctx context.Context, runs int) (fastest time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, maxWarmUp)
	defer cancel()
	inputs := make([]sampan.Tensor, len(m.signature.Inputs))
	for i, f := range m.signature.Inputs {
		zeros, err := f.zeros()
		if err != nil {
			slog.Debug("no warm-up", "model", m.name, "input", f.Alias, "reason", err)
			return 0
		}
		inputs[i] = zeros
	}
	for i := 0; i < runs || i < runs+moreRuns && fastest > cheapRun && fastest < surelyLong; i++ {
		start := time.Now()
		if _, err := m.Run(ctx, inputs); err != nil {
			slog.Debug("the warm-up ended early", "model", m.name, "reason", err)
			return fastest
		}
		took := max(1, time.Since(start))
		if m.scheduler.mean = took; fastest == 0 || took < fastest {
			fastest = took
		}
	}
	return fastest
}

// Recorded is a request that a model is warmed up with.
type Recorded struct {
	// Where it was read, such as "warmup.jsonl:3".
	Where string
	// Inputs in the order of the signature.
	Inputs []sampan.Tensor
}

// maxReplay bounds the time of all recorded requests.
const maxReplay = time.Minute

// replay runs what was recorded beside the model.
func (m *Model) replay(ctx context.Context, read func(path string, s *Signature) ([]Recorded, error)) error {
	if read == nil {
		return nil
	}
	requests, err := read(m.dir, &m.signature)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, maxReplay)
	defer cancel()
	for _, r := range requests {
		if _, err := m.Run(ctx, r.Inputs); err != nil {
			return fmt.Errorf("%s: %w", r.Where, err)
		}
	}
	return nil
}

// zeros makes a tensor that fits the field.
func (f *Field) zeros() (sampan.Tensor, error) {
	shape := make(sampan.Shape, len(f.Shape))
	for i, d := range f.Shape {
		shape[i] = d
		if d < 0 {
			shape[i] = 1
		}
	}
	if f.DType != sampan.String {
		return sampan.New(f.DType, shape)
	}
	n, _ := shape.Elements()
	return sampan.OfStrings(shape, make([]string, n))
}
