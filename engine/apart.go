package engine

import (
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/sampanml/sampan"
)

// longRun is how long a run takes that may leave its caller: a runtime that is told to
// stop ends between two operators, and one operator can take as long as the run.
const longRun = 50 * time.Millisecond

// executeApart is execute for a model whose runs take long: on copies of the inputs, in a
// goroutine of its own, which has the place until the run has ended. The caller gets its
// answer when its context ends.
func (s *scheduler) executeApart(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	lent := make([]sampan.Tensor, len(inputs))
	for i, t := range inputs {
		lent[i] = sampan.Tensor{DType: t.DType, Shape: slices.Clone(t.Shape), Data: slices.Clone(t.Data), LoD: cloneLoD(t.LoD)}
	}
	made := make([]sampan.Tensor, len(outputs))
	done := make(chan error, 1)
	s.batches.Go(func() {
		var fault error = sampan.Errorf(sampan.Internal, "the run failed: internal error")
		defer func() {
			if v := recover(); v != nil {
				slog.Error("a run panicked", "model", s.name, "panic", v, "stack", string(debug.Stack()))
			}
			done <- fault
		}()
		fault = s.executeHere(ctx, lent, made, true)
	})
	select {
	case err := <-done:
		copy(outputs, made)
		return err
	case <-ctx.Done():
		return sampan.ContextError(ctx)
	}
}
