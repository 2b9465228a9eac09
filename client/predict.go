package client

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
)

// Predict runs the model on a feed and returns the wanted outputs, by alias; none
// stands for all that the config knows.
//
// A fault in the feed or the names is InvalidArgument and nothing is sent. Without a
// deadline in ctx the call takes [Config].Timeout at most. The deadline travels to the
// server, which can drop the call when it passes.
func (c *Client) Predict(ctx context.Context, feed Feed, fetch []string, opts ...Option) (*Result, error) {
	r, err := c.Request(feed, fetch, opts...)
	if err != nil {
		return nil, err
	}
	buffer := buffers.Get().(*[]byte)
	defer keep(buffer)
	if *buffer, err = encode((*buffer)[:0], r); err != nil {
		return nil, err
	}
	return c.send(ctx, *buffer, r.Outputs)
}

// Packed is an encoded call. It is safe for concurrent use.
type Packed struct {
	body    []byte
	outputs []string
}

// Pack encodes a request, as [Client.Request] makes it, to be sent many times with
// [Client.Send]. The feed is not needed any more.
func Pack(r *sampan.Request) (*Packed, error) {
	body, err := encode(nil, r)
	if err != nil {
		return nil, err
	}
	return &Packed{body, r.Outputs}, nil
}

// Bytes is the size of the encoded call.
func (p *Packed) Bytes() int { return len(p.body) }

// Send is [Client.Predict] for a packed call.
func (c *Client) Send(ctx context.Context, p *Packed) (*Result, error) {
	return c.send(ctx, p.body, p.outputs)
}

func (c *Client) send(ctx context.Context, body []byte, outputs []string) (*Result, error) {
	s, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.calls.Done()
	if len(body) > s.config.MaxMessageBytes {
		return nil, sampan.Errorf(sampan.ResourceExhausted, "a request of %d bytes, want at most %d", len(body), s.config.MaxMessageBytes)
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(s.config.Timeout)
		if s.config.Transport == GRPC {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline)
			defer cancel()
		}
	}
	if ctx.Err() != nil {
		return nil, sampan.ContextError(ctx)
	}
	m, err := s.do(ctx, body, deadline)
	if err != nil {
		return nil, err
	}
	return newResult(m, outputs)
}

// buffers hold encoded requests. Once Kitex has answered nobody reads them any more.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxKept bounds the buffers that wait for the next call.
const maxKept = 4 << 20

func keep(buffer *[]byte) {
	if cap(*buffer) <= maxKept {
		buffers.Put(buffer)
	}
}

func encode(buffer []byte, r *sampan.Request) ([]byte, error) {
	m, err := wire.ToRequest(r)
	if err != nil {
		return buffer, err
	}
	buffer, err = proto.MarshalOptions{}.MarshalAppend(buffer, m)
	if err != nil {
		return buffer, sampan.Errorf(sampan.InvalidArgument, "encode the request: %w", err)
	}
	return buffer, nil
}
