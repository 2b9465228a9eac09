package client

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	kitexnetpoll "github.com/cloudwego/kitex/pkg/remote/trans/netpoll"
	"github.com/cloudwego/kitex/pkg/remote/transmeta"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan"
)

// outOfOrder is the flag in a TTHeader which says that replies may come in any order.
const outOfOrder codec.HeaderFlags = 1

// muxPool lends shared connections to Kitex's calls.
type muxPool struct{ pool *sharedPool[[]byte] }

func newMuxPool(config Config) *muxPool {
	return &muxPool{newSharedPool[[]byte](config, muxFraming(config.MaxMessageBytes+frame))}
}

// Get lends a connection to a call.
func (p *muxPool) Get(ctx context.Context, _, address string, _ remote.ConnOption) (net.Conn, error) {
	c := ctx.(*live).call
	conn, err := p.pool.get(c.ctx, address, c.deadline)
	if err != nil {
		return nil, err
	}
	return &muxCall{Conn: conn.conn, shared: conn, call: c}, nil
}

// Put takes a connection back that others may use too.
func (p *muxPool) Put(conn net.Conn) error {
	p.pool.done(conn.(*muxCall).shared)
	return nil
}

// Discard leaves the connection to the other calls. One that is broken is not lent
// again.
func (p *muxPool) Discard(conn net.Conn) error { return p.Put(conn) }

// Close ends all connections.
func (p *muxPool) Close() error {
	p.pool.close()
	return nil
}

// muxCall is a shared connection in the hands of one call.
type muxCall struct {
	net.Conn
	shared *shared[[]byte]
	call   *call
	number int64
	wait   <-chan outcome[[]byte]
}

// muxFactory makes Kitex's handler for shared connections.
type muxFactory struct{}

func (muxFactory) NewTransHandler(o *remote.ClientOption) (remote.ClientTransHandler, error) {
	return &muxHandler{options: o}, nil
}

// muxHandler stands between Kitex's codec and a shared connection.
type muxHandler struct{ options *remote.ClientOption }

// usualHeader is more than a TTHeader takes, in bytes, when nothing is added to it.
const usualHeader = 1 << 10

// Write sends a request.
func (h *muxHandler) Write(ctx context.Context, conn net.Conn, request remote.Message) (context.Context, error) {
	request.Tags()[codec.HeaderFlagsKey] = outOfOrder
	request.SetPayloadCodec(h.options.PayloadCodec)
	c := conn.(*muxCall)
	// In one piece, as long as the header has no more than it usually has.
	out := netpoll.NewLinkBuffer(len(c.call.body) + usualHeader)
	if err := h.options.Codec.Encode(ctx, request, kitexnetpoll.NewWriterByteBuffer(out)); err != nil {
		return ctx, err
	}
	if err := out.Flush(); err != nil {
		return ctx, err
	}
	c.number = int64(request.RPCInfo().Invocation().SeqID())
	var err error
	c.wait, err = c.shared.begin(c.number, func(to []byte) ([]byte, error) {
		return append(to, out.Bytes()...), out.Close()
	})
	return ctx, err
}

// Read waits for the reply.
func (h *muxHandler) Read(ctx context.Context, conn net.Conn, reply remote.Message) (context.Context, error) {
	c := conn.(*muxCall)
	frame, err := c.shared.await(c.call.ctx, c.call.deadline, c.number, c.wait)
	if err != nil {
		return ctx, err
	}
	reply.SetPayloadCodec(h.options.PayloadCodec)
	err = h.options.Codec.Decode(ctx, reply, remote.NewReaderBuffer(frame))
	if _, stopping := reply.TransInfo().TransStrInfo()[transmeta.HeaderConnectionReadyToReset]; stopping {
		c.shared.retire()
	}
	return ctx, err
}

func (h *muxHandler) OnMessage(ctx context.Context, _, _ remote.Message) (context.Context, error) {
	return ctx, nil
}
func (h *muxHandler) OnInactive(context.Context, net.Conn)     {}
func (h *muxHandler) OnError(context.Context, error, net.Conn) {}
func (h *muxHandler) SetPipeline(*remote.TransPipeline)        {}

// muxFraming cuts the stream into TTHeader frames of so many bytes at most.
type muxFraming int

// muxPrefix is the length, the magic, the flags and the call's number.
const muxPrefix = 12

func (most muxFraming) read(in *bufio.Reader) (int64, outcome[[]byte], error) {
	var got outcome[[]byte]
	head, err := in.Peek(muxPrefix)
	if err != nil {
		return 0, got, err
	}
	if !codec.IsTTHeader(head) {
		return 0, got, errBroken
	}
	number := int64(int32(binary.BigEndian.Uint32(head[8:])))
	// The length does not count itself.
	size := int64(binary.BigEndian.Uint32(head)) + 4
	if size > int64(most) {
		got.err = sampan.Errorf(sampan.ResourceExhausted, "a reply of %d bytes, want at most %d", size, most)
		_, err = io.CopyN(io.Discard, in, size)
		return number, got, err
	}
	got.reply, err = readBody(in, int(size))
	return number, got, err
}
