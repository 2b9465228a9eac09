package rpc

import (
	"context"
	"sync/atomic"

	"github.com/sampanml/sampan"
)

// maxCalls bounds the calls of all connections: more than there are connections by
// default, and far more than models let wait.
const maxCalls = 16384

// bounded refuses calls beyond the bound.
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
	return b.service.Predict(ctx, req)
}
