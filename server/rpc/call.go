package rpc

import (
	"context"
	"sync"

	"github.com/sampanml/sampan/internal/wire"
)

// call is a call of the general model service, from the bytes of its request to those
// of its reply, whatever the transport.
type call struct {
	in  wire.Incoming
	out wire.Outgoing
}

var calls = sync.Pool{New: func() any { return new(call) }}

// newCall makes a call, which has to be ended.
func newCall() *call { return calls.Get().(*call) }

// predict runs the request that came in, of a model if the call names one, and holds its
// reply ready to go out.
func (c *call) predict(ctx context.Context, service Service, model string) error {
	req, err := c.in.Request()
	if err != nil {
		return err
	}
	req.Model = model
	reply, err := service.Predict(ctx, req)
	if err != nil {
		return err
	}
	return c.out.Set(reply, req)
}

// end gives the request's memory back. It is called when the reply is written or nobody
// wants it; nobody may use the call any more.
func (c *call) end() {
	c.in.Release()
	c.out.Release()
	calls.Put(c)
}
