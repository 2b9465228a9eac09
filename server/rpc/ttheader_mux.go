package rpc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/cloudwego/kitex/pkg/endpoint"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	kitexnetpoll "github.com/cloudwego/kitex/pkg/remote/trans/netpoll"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/netpoll"
)

// ttheaderMux answers TTHeader whose header says that replies may come in any order.
// Kitex's own handler for it bounds neither the calls in flight nor what lies ready for
// a caller who does not read; codec and pipeline are Kitex's here too.
type ttheaderMux struct {
	*multiplexer
	kitex    *remote.ServerOption
	pipeline *remote.TransPipeline
	invoke   endpoint.Endpoint
	// infos are used again, as Kitex does for each connection.
	infos sync.Pool
	// stopping is put into the replies' headers.
	stopping atomic.Bool
}

// ttheaderMuxFront makes the handler.
type ttheaderMuxFront struct{ options Options }

// NewTransHandler is called once, when the server starts.
func (f *ttheaderMuxFront) NewTransHandler(o *remote.ServerOption) (remote.ServerTransHandler, error) {
	m := &ttheaderMux{kitex: o}
	m.multiplexer = newMultiplexer(m, f.options)
	return m, nil
}

const (
	// ttheaderPrefix is the length, the magic and the flags.
	ttheaderPrefix = 8
	// outOfOrder is the flag that callers set.
	outOfOrder = 1
	// ttheaderRoom is for TTHeader's own bytes, which count in a frame's length.
	ttheaderRoom = 64 << 10
)

func (m *ttheaderMux) matches(r netpoll.Reader) bool {
	first, err := r.Peek(ttheaderPrefix)
	return err == nil && codec.IsTTHeader(first) && first[ttheaderPrefix-1]&outOfOrder != 0
}

func (m *ttheaderMux) header() int { return ttheaderPrefix }

func (m *ttheaderMux) size(header []byte) (int, error) {
	if !codec.IsTTHeader(header) {
		return 0, errOther
	}
	size := binary.BigEndian.Uint32(header)
	if most := m.options.MaxMessage + ttheaderRoom; uint64(size) > uint64(most) {
		return 0, tooLarge(uint64(size), most)
	}
	return 4 + int(size), nil
}

func (m *ttheaderMux) answer(ctx context.Context, conn net.Conn, in *buffer) (out *buffer, err error) {
	defer in.give()
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a TTHeader call panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	used, _ := m.infos.Get().(rpcinfo.RPCInfo)
	info := m.kitex.InitOrResetRPCInfoFunc(used, conn.RemoteAddr())
	defer m.infos.Put(info)
	ctx = rpcinfo.NewCtxWithRPCInfo(remote.WithServiceSearcher(ctx, m.kitex.SvcSearcher), info)
	request := remote.NewMessage(nil, info, remote.Call, remote.Server)
	defer remote.RecycleMessage(request)
	ctx, response, err := m.handle(ctx, request, in.bytes)
	if err != nil {
		return nil, err
	}
	defer remote.RecycleMessage(response)
	if to := rpcinfo.AsTaggable(info.To()); m.stopping.Load() && to != nil {
		to.SetTag(rpcinfo.ConnResetTag, "1")
	}
	response.SetPayloadCodec(m.kitex.PayloadCodec)
	w := &written{Conn: conn}
	if _, err := m.pipeline.Write(ctx, w, response); err != nil {
		return nil, err
	}
	return &buffer{w.frame}, nil
}

// handle decodes a request and calls the service. A fault that the protocol has a reply
// for is a response too.
func (m *ttheaderMux) handle(ctx context.Context, request remote.Message, frame []byte) (context.Context, remote.Message, error) {
	info := request.RPCInfo()
	if err := m.kitex.Codec.Decode(ctx, request, remote.NewReaderBuffer(frame)); err != nil {
		var fault *remote.TransError
		if !errors.As(err, &fault) {
			return ctx, nil, err
		}
		response := remote.NewMessage(fault, info, remote.Exception, remote.Server)
		// What the header says has yet to reach info; for an exception nothing is called.
		ctx, err = m.pipeline.OnMessage(ctx, request, response)
		return ctx, response, err
	}
	if request.MessageType() == remote.Heartbeat {
		return ctx, remote.NewMessage(nil, info, remote.Heartbeat, remote.Server), nil
	}
	response := remote.NewMessage(info.Invocation().MethodInfo().NewResult(), info, remote.Reply, remote.Server)
	ctx, err := m.pipeline.OnMessage(ctx, request, response)
	if err != nil {
		remote.RecycleMessage(response)
		response = remote.NewMessage(remote.NewTransError(remote.InternalError, err), info, remote.Exception, remote.Server)
	}
	return ctx, response, nil
}

// written takes what the pipeline writes for one call.
type written struct {
	net.Conn
	frame []byte
}

// Write is the pipeline's end: it encodes a response.
func (m *ttheaderMux) Write(ctx context.Context, conn net.Conn, response remote.Message) (context.Context, error) {
	out := netpoll.NewLinkBuffer()
	if err := m.kitex.Codec.Encode(ctx, response, kitexnetpoll.NewWriterByteBuffer(out)); err != nil {
		return ctx, err
	}
	if err := out.Flush(); err != nil {
		return ctx, err
	}
	conn.(*written).frame = out.Bytes()
	return ctx, nil
}

// OnMessage is the pipeline's end: it calls the service.
func (m *ttheaderMux) OnMessage(ctx context.Context, request, response remote.Message) (context.Context, error) {
	return ctx, m.invoke(ctx, request.Data(), response.Data())
}

// SetInvokeHandleFunc is given the service.
func (m *ttheaderMux) SetInvokeHandleFunc(invoke endpoint.Endpoint) { m.invoke = invoke }

// SetPipeline is given what stands between the codec and the service.
func (m *ttheaderMux) SetPipeline(p *remote.TransPipeline) { m.pipeline = p }

// stop makes replies say that the connection is about to end. Kitex has a control frame
// for it too, over which its clients of v0.16 fall.
func (m *ttheaderMux) stop() { m.stopping.Store(true) }
