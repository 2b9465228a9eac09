package engine

import (
	"fmt"
	"slices"
	"time"
)

// Batching says which requests of a model run together. Requests that wait are merged
// along their rows; one that finds a free place never waits for others unless Delay
// says so.
type Batching struct {
	// MaxRows of a merged run; required.
	MaxRows int64
	// Delay is how long a request may wait for others to fill its run; 0 merges only
	// what waits anyway.
	Delay time.Duration
	// Preferred are numbers of rows that the model runs best with, such as those it was
	// tuned for: the largest that the queue can fill ends the wait.
	Preferred []int64
	// KeepWhole runs a request of more than MaxRows rows in one piece. Otherwise it is
	// split into several.
	KeepWhole bool
	// Overrun lets the last request that is merged exceed MaxRows.
	Overrun bool
	// Padding allows requests to be merged whose inputs differ in sizes other than the
	// first, by alias: the value fills the smaller ones up. What the model makes of it
	// is not cut off.
	Padding map[string]float64
	// PadAll pads every input that is not in Padding with zeros, as Paddle Serving
	// does.
	PadAll bool
}

// waits says that requests wait for others although they could run.
func (b *Batching) waits() bool { return b != nil && b.Delay > 0 }

// full says that so many rows need not wait for more.
func (b *Batching) full(rows int64) bool {
	return rows >= b.MaxRows || slices.ContainsFunc(b.Preferred, func(n int64) bool { return rows >= n })
}

// target is the number of rows to merge of those that wait.
func (b *Batching) target(rows int64) int64 {
	best := int64(0)
	for _, n := range b.Preferred {
		if n <= rows && n > best {
			best = n
		}
	}
	if best == 0 || rows >= b.MaxRows {
		return b.MaxRows
	}
	return best
}

// pad returns the value that fills an input up.
func (b *Batching) pad(alias string) (float64, bool) {
	if v, ok := b.Padding[alias]; ok {
		return v, true
	}
	return 0, b.PadAll
}

// check finds what is wrong with the settings for a model of that signature.
func (b *Batching) check(sig *Signature) error {
	switch {
	case b.MaxRows < 1:
		return fmt.Errorf("batching: %d rows at most, want 1 or more", b.MaxRows)
	case b.Delay < 0:
		return fmt.Errorf("batching: delay %v, want 0 or more", b.Delay)
	}
	for _, n := range b.Preferred {
		if n < 1 || n > b.MaxRows {
			return fmt.Errorf("batching: %d rows are preferred, want 1 to %d", n, b.MaxRows)
		}
	}
	for alias := range b.Padding {
		if !slices.ContainsFunc(sig.Inputs, func(f Field) bool { return f.Alias == alias }) {
			return fmt.Errorf("batching: padding for input %q, want one of %s", alias, Aliases(sig.Inputs))
		}
	}
	return nil
}
