package rpc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"

	"github.com/cloudwego/kitex/pkg/endpoint"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	kitexnetpoll "github.com/cloudwego/kitex/pkg/remote/trans/netpoll"
	"github.com/cloudwego/kitex/pkg/remote/trans/netpollmux"
	"github.com/cloudwego/kitex/pkg/remote/transmeta"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/serviceinfo"
	"github.com/cloudwego/kitex/transport"
	"github.com/cloudwego/netpoll"
)

// ttheaderMux answers TTHeader whose header says that replies may come in any order.
// Kitex's own handler for it bounds neither the calls in flight nor what lies ready for
// a caller who does not read; codec and pipeline are Kitex's here too.
type ttheaderMux struct {
	multiplexer
	maxMessage int
	options    *remote.ServerOption
	pipeline   *remote.TransPipeline
	invoke     endpoint.Endpoint
}

// ttheaderMuxFront makes the handler, for messages of so many bytes at most.
type ttheaderMuxFront int

// NewTransHandler is called once, when the server starts.
func (f ttheaderMuxFront) NewTransHandler(o *remote.ServerOption) (remote.ServerTransHandler, error) {
	m := &ttheaderMux{maxMessage: int(f), options: o}
	m.dialect = m
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
	if most := m.maxMessage + ttheaderRoom; uint64(size) > uint64(most) {
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
	info := m.options.InitOrResetRPCInfoFunc(nil, conn.RemoteAddr())
	ctx = rpcinfo.NewCtxWithRPCInfo(remote.WithServiceSearcher(ctx, m.options.SvcSearcher), info)
	request := remote.NewMessage(nil, info, remote.Call, remote.Server)
	defer remote.RecycleMessage(request)
	ctx, response, err := m.handle(ctx, request, in.bytes)
	if err != nil {
		return nil, err
	}
	defer remote.RecycleMessage(response)
	response.SetPayloadCodec(m.options.PayloadCodec)
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
	if err := m.options.Codec.Decode(ctx, request, remote.NewReaderBuffer(frame)); err != nil {
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
	frame, err := m.encode(ctx, response)
	if err == nil {
		conn.(*written).frame = frame
	}
	return ctx, err
}

func (m *ttheaderMux) encode(ctx context.Context, message remote.Message) ([]byte, error) {
	out := netpoll.NewLinkBuffer()
	if err := m.options.Codec.Encode(ctx, message, kitexnetpoll.NewWriterByteBuffer(out)); err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// OnMessage is the pipeline's end: it calls the service.
func (m *ttheaderMux) OnMessage(ctx context.Context, request, response remote.Message) (context.Context, error) {
	return ctx, m.invoke(ctx, request.Data(), response.Data())
}

// SetInvokeHandleFunc is given the service.
func (m *ttheaderMux) SetInvokeHandleFunc(invoke endpoint.Endpoint) { m.invoke = invoke }

// SetPipeline is given what stands between the codec and the service.
func (m *ttheaderMux) SetPipeline(p *remote.TransPipeline) { m.pipeline = p }

// farewell is Kitex's control frame: it asks the other side to use the connection no
// more.
func (m *ttheaderMux) farewell() []byte {
	invocation := rpcinfo.NewInvocation("none", "none")
	invocation.SetSeqID(0)
	info := rpcinfo.NewRPCInfo(nil, nil, invocation, rpcinfo.NewRPCConfig(), nil)
	config := rpcinfo.AsMutableRPCConfig(info.Config())
	_ = config.SetTransportProtocol(transport.TTHeader)
	config.SetPayloadCodec(serviceinfo.Thrift)
	message := remote.NewMessage(netpollmux.NewControlFrame(), info, remote.Reply, remote.Server)
	message.TransInfo().TransStrInfo()[transmeta.HeaderConnectionReadyToReset] = "1"
	frame, err := m.encode(context.Background(), message)
	if err != nil {
		return nil
	}
	return frame
}
