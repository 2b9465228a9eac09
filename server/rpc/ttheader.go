package rpc

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/internal/ttheader"
)

// ttheaderFront answers TTHeader. Kitex's own handlers take more than half of a small
// call, and the one for replies in any order bounds neither the calls in flight nor what
// lies ready for a caller who does not read.
type ttheaderFront struct {
	// multiplexed says whether it is for callers who take replies in any order, which they
	// say in the header.
	multiplexed bool

	// service is nil where the pipeline is served.
	service    Service
	pipeline   Pipeline
	calls      *metrics.Calls
	maxMessage int
	// stopping is put into the replies' headers.
	stopping atomic.Bool
}

const (
	// ttheaderPrefix is the length, the magic and the flags.
	ttheaderPrefix = 8
	// outOfOrder is the flag that callers set who take replies in any order.
	outOfOrder = 1
	// ttheaderRoom is for TTHeader's own bytes, which count in a frame's length.
	ttheaderRoom = 64 << 10
)

func (t *ttheaderFront) matches(r netpoll.Reader) bool {
	first, err := r.Peek(ttheaderPrefix)
	return err == nil && codec.IsTTHeader(first) && first[ttheaderPrefix-1]&outOfOrder != 0 == t.multiplexed
}

func (t *ttheaderFront) header() int { return ttheaderPrefix }

func (t *ttheaderFront) size(header []byte) (int, error) {
	if !codec.IsTTHeader(header) {
		return 0, errOther
	}
	size := binary.BigEndian.Uint32(header)
	if most := t.maxMessage + ttheaderRoom; uint64(size) > uint64(most) {
		return 0, tooLarge(uint64(size), most)
	}
	return 4 + int(size), nil
}

// stop makes replies say that the connection is about to end. Kitex has a control frame
// for it too, over which its clients of v0.16 fall.
func (t *ttheaderFront) stop() { t.stopping.Store(true) }

func (t *ttheaderFront) answer(ctx context.Context, _ net.Conn, in *loan.Memory) (*loan.Memory, error) {
	defer in.Give()
	asked, err := ttheader.Parse(in.Bytes)
	if err != nil {
		return nil, err
	}
	reply := ttheader.Reply{Number: asked.Number, Method: asked.Method, Closing: t.stopping.Load()}
	service, method := shortService, string(asked.Method) == "inference" || string(asked.Method) == "debug"
	if t.service == nil {
		service, method = shortPipeline, string(asked.Method) == "inference"
	}
	switch {
	case len(asked.Service) > 0 && string(asked.Service) != service:
		return exception(&reply, ttheader.UnknownService, fmt.Sprintf("unknown service %.200s, method %.200s", asked.Service, asked.Method)), nil
	case !method:
		return exception(&reply, ttheader.UnknownMethod, fmt.Sprintf("unknown method %.200s (service %s)", asked.Method, service)), nil
	case t.service == nil:
		return t.answerPipeline(ctx, &asked, &reply)
	}
	c := newCall()
	defer c.end()
	if err := c.in.Decode(asked.Message); err != nil {
		return exception(&reply, ttheader.ProtocolError, err.Error()), nil
	}
	err = t.call(ctx, asked.Timeout, func(ctx context.Context) error {
		return c.predict(ctx, t.service, string(asked.Model))
	})
	if err != nil {
		return refused(&reply, err)
	}
	out := forReply(ttheader.Room + len(asked.Method) + c.out.Size())
	out.Bytes = c.out.Append(reply.Append(out.Bytes))
	return out, ttheader.Finish(out.Bytes)
}

// refused is the reply to a call that failed.
func refused(reply *ttheader.Reply, err error) (*loan.Memory, error) {
	reply.Code, reply.Text = int32(sampan.CodeOf(err)), err.Error()
	out := forReply(ttheader.Room + len(reply.Method) + len(reply.Text))
	out.Bytes = reply.Append(out.Bytes)
	return out, ttheader.Finish(out.Bytes)
}

// exception is the reply to a call that was not begun.
func exception(reply *ttheader.Reply, number int32, text string) *loan.Memory {
	out := forReply(ttheader.Room + len(reply.Method) + len(text))
	out.Bytes = reply.AppendException(out.Bytes, number, text)
	return out
}

// call runs and counts a call; a timeout of 0 is none.
func (t *ttheaderFront) call(ctx context.Context, timeout time.Duration, run func(context.Context) error) (err error) {
	began := metrics.Now()
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a TTHeader call panicked", "panic", p, "stack", string(debug.Stack()))
			err = sampan.Errorf(sampan.Internal, "internal error")
		}
		t.calls.Done(began, err)
	}()
	if timeout > 0 {
		var cancel func()
		ctx, cancel = deadline.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return run(ctx)
}
