package client

import (
	"context"
	"sync"
	"sync/atomic"
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
	set := settingsOf(opts)
	r, err := c.request(feed, fetch, set)
	if err != nil {
		return nil, err
	}
	return c.predict(ctx, r, set.key)
}

func (c *Client) predict(ctx context.Context, r *sampan.Request, k key) (*Result, error) {
	p := parcels.Get().(*parcel)
	p.hold()
	defer p.release()
	var err error
	if p.body, err = encode(p.body[:0], r); err != nil {
		return nil, err
	}
	return c.send(ctx, p, k, r.Outputs)
}

// Packed is an encoded call. It is safe for concurrent use.
type Packed struct {
	parcel  parcel
	outputs []string
}

// Pack encodes a request, as [Client.Request] makes it, to be sent many times with
// [Client.Send]. The feed is not needed any more.
func Pack(r *sampan.Request) (*Packed, error) {
	p := &Packed{outputs: r.Outputs}
	var err error
	if p.parcel.body, err = encode(nil, r); err != nil {
		return nil, err
	}
	// It is never given back.
	p.parcel.hold()
	return p, nil
}

// Bytes is the size of the encoded call.
func (p *Packed) Bytes() int { return len(p.parcel.body) }

// Send is [Client.Predict] for a packed call.
func (c *Client) Send(ctx context.Context, p *Packed) (*Result, error) {
	return c.send(ctx, &p.parcel, key{}, p.outputs)
}

func (c *Client) send(ctx context.Context, p *parcel, k key, outputs []string) (*Result, error) {
	s, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.calls.Done()
	v := s.choose()
	if len(p.body) > v.config.MaxMessageBytes {
		return nil, sampan.Errorf(sampan.ResourceExhausted, "a request of %d bytes, want at most %d", len(p.body), v.config.MaxMessageBytes)
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(v.config.Timeout)
		if v.config.Transport == GRPC || v.config.Transport == HTTP {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline)
			defer cancel()
		}
	}
	if ctx.Err() != nil {
		return nil, sampan.ContextError(ctx)
	}
	a := v.call(ctx, k, p, deadline)
	if a.err != nil {
		return nil, locate(a.err, a.endpoint.Address)
	}
	r, err := newResult(a.message, outputs)
	if err != nil {
		return nil, err
	}
	r.variant, r.endpoint = v.tag, a.endpoint.Address
	return r, nil
}

// parcel is an encoded request in the hands of those who send it.
type parcel struct {
	body    []byte
	holders atomic.Int32
}

// parcels wait for the next call.
var parcels = sync.Pool{New: func() any { return new(parcel) }}

// maxKept bounds, in bytes, the parcels that wait.
const maxKept = 4 << 20

func (p *parcel) hold() { p.holders.Add(1) }

// release gives the parcel back when nobody reads it any more.
func (p *parcel) release() {
	if p.holders.Add(-1) == 0 && cap(p.body) <= maxKept {
		parcels.Put(p)
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
