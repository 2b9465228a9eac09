package rpc

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
)

// maxCalls bounds the calls of all connections: more than there are connections by
// default, and far more than models let wait.
const maxCalls = 16384

// bounded refuses calls beyond the bound, and those whose time is up before they begin:
// the timer of a context that has ended may yet have to fire.
type bounded struct {
	service  Service
	underWay atomic.Int64
}

// Predict runs one request. The refusal's text is brpc's.
func (b *bounded) Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	defer b.underWay.Add(-1)
	if b.underWay.Add(1) > maxCalls {
		return nil, sampan.Errorf(sampan.ResourceExhausted, "Reached server's max_concurrency=%d", maxCalls)
	}
	if at, ok := ctx.Deadline(); ok && !time.Now().Before(at) {
		return nil, sampan.Errorf(sampan.DeadlineExceeded, "the deadline passed before the call began")
	}
	return b.service.Predict(ctx, req)
}
