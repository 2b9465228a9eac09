package rpc

import (
	"context"
	"testing"

	"github.com/sampanml/sampan"
)

// TestBounded: one call more than the bound is refused, and its place is free again.
func TestBounded(t *testing.T) {
	b := &bounded{service: predictor(echo)}
	b.underWay.Store(maxCalls)
	_, err := b.Predict(context.Background(), &sampan.Request{})
	if sampan.CodeOf(err) != sampan.ResourceExhausted || err.Error() != "Reached server's max_concurrency=16384" {
		t.Errorf("%v, want ResourceExhausted", err)
	}
	b.underWay.Add(-1)
	if _, err := b.Predict(context.Background(), &sampan.Request{}); err != nil {
		t.Error(err)
	}
	if n := b.underWay.Load(); n != maxCalls-1 {
		t.Errorf("%d calls are under way, want %d", n, maxCalls-1)
	}
}
