package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/sampanml/sampan"
)

// maxWarmUp bounds the time of all runs that warm a model up.
const maxWarmUp = 10 * time.Second

// warmUp runs the model with zeros, with 1 for every size that is not fixed, and notes
// how long that takes.
func (m *Model) warmUp(ctx context.Context, runs int) {
	ctx, cancel := context.WithTimeout(ctx, maxWarmUp)
	defer cancel()
	inputs := make([]sampan.Tensor, len(m.signature.Inputs))
	for i, f := range m.signature.Inputs {
		zeros, err := f.zeros()
		if err != nil {
			slog.Debug("no warm-up", "model", m.name, "input", f.Alias, "reason", err)
			return
		}
		inputs[i] = zeros
	}
	for range runs {
		start := time.Now()
		if _, err := m.Run(ctx, inputs); err != nil {
			slog.Debug("the warm-up ended early", "model", m.name, "reason", err)
			return
		}
		m.scheduler.mean = time.Since(start)
	}
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
