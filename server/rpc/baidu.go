package rpc

import (
	"context"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cloudwego/netpoll"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// baiduFront answers baidu_std. Codes and the form of the texts are those of brpc's
// servers.
type baiduFront struct {
	service Service
	calls   *metrics.Calls
	// isModel says that a model has the name; nil where calls name none.
	isModel    func(name string) bool
	maxMessage int
	stopping   atomic.Bool
}

func (b *baiduFront) matches(r netpoll.Reader) bool {
	first, err := r.Peek(len(baidu.Magic))
	return err == nil && string(first) == baidu.Magic
}

func (b *baiduFront) header() int { return baidu.HeaderSize }

func (b *baiduFront) size(header []byte) (int, error) {
	h, err := baidu.ParseHeader(header, b.maxMessage)
	return baidu.HeaderSize + h.Body, err
}

func (b *baiduFront) stop() { b.stopping.Store(true) }

// baiduError is a fault with brpc's code for it, where that says more than ours.
type baiduError struct {
	number int32
	error
}

func (e baiduError) Unwrap() error { return e.error }

func (b *baiduFront) answer(ctx context.Context, conn net.Conn, in *buffer) (*buffer, error) {
	h, err := baidu.ParseHeader(in.bytes, b.maxMessage)
	if err != nil {
		return nil, err
	}
	frame, err := h.Split(in.bytes[baidu.HeaderSize:])
	if err != nil {
		return nil, err
	}
	began := metrics.Now()
	resp, attachment, err := b.call(ctx, frame, in)
	b.calls.Done(began, err)
	if err == nil {
		var out *buffer
		if out, err = reply(frame, resp, attachment); err == nil {
			return out, nil
		}
	}
	number := baidu.Number(sampan.CodeOf(err))
	if e, ok := err.(baiduError); ok {
		number = e.number
	}
	return refusal(frame, number, baidu.Text(conn.LocalAddr().String(), number, err.Error()))
}

// call runs a request and gives the buffer back as soon as it is read. The attachment,
// if there is one, is returned to the caller.
func (b *baiduFront) call(ctx context.Context, frame *baidu.Frame, in *buffer) (resp *generalmodel.Response, attachment []byte, err error) {
	method := frame.Meta.GetRequest().GetMethodName()
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a baidu_std call panicked", "method", method, "log_id", frame.Meta.GetRequest().GetLogId(), "panic", p, "stack", string(debug.Stack()))
			err = sampan.Errorf(sampan.Internal, "internal error")
		}
	}()
	req, attachment, err := b.request(frame)
	in.give()
	if err != nil {
		return nil, nil, err
	}
	if name := frame.Meta.GetRequest().GetServiceName(); !isGeneral(name) {
		ctx = context.WithValue(ctx, serviceKey{}, name)
	}
	if timeout := frame.Meta.GetRequest().GetTimeoutMs(); timeout > 0 {
		var cancel func()
		ctx, cancel = deadline.WithTimeout(ctx, time.Duration(timeout)*time.Millisecond)
		defer cancel()
	}
	resp, err = predict(ctx, b.service, req)
	return resp, attachment, err
}

// request reads what is asked. Nothing of it shares the frame's memory.
func (b *baiduFront) request(frame *baidu.Frame) (*generalmodel.Request, []byte, error) {
	if b.stopping.Load() {
		return nil, nil, sampan.Errorf(sampan.Unavailable, baidu.Stopping)
	}
	if err := b.find(frame.Meta.GetRequest()); err != nil {
		return nil, nil, err
	}
	message, attachment, err := frame.Cut()
	if err != nil {
		return nil, nil, err
	}
	compression := baidu.Compression(frame.Meta.GetCompressType())
	plain, err := compression.Expand(message, b.maxMessage)
	if err != nil && sampan.CodeOf(err) == sampan.ResourceExhausted {
		return nil, nil, err
	}
	req := new(generalmodel.Request)
	if err == nil {
		err = proto.Unmarshal(plain, req)
	}
	if err != nil {
		return nil, nil, sampan.Errorf(sampan.InvalidArgument, "Fail to parse request message, CompressType=%v, request_size=%d", compression, len(message))
	}
	return req, append([]byte(nil), attachment...), nil
}

// isGeneral says that a service is the general model service.
func isGeneral(service string) bool {
	return service == generalModelService || service == shortService
}

// find looks for the method. As with brpc, a service is looked for alone only where its
// name comes without a package. A model's name stands for the general model service, asked
// for that model.
func (b *baiduFront) find(r *baidurpc.RpcRequestMeta) error {
	service, method := r.GetServiceName(), r.GetMethodName()
	switch known := isGeneral(service) || b.isModel != nil && b.isModel(service); {
	case known && (method == "inference" || method == "debug"):
		return nil
	case known || strings.Contains(service, "."):
		return sampan.Errorf(sampan.NotFound, "Fail to find method=%.200s/%.200s", service, method)
	}
	return baiduError{baidu.NoService, sampan.Errorf(sampan.NotFound, "Fail to find service=%.200s", service)}
}

// smallReply is the size, in bytes, below which compressing a reply gains nothing: it
// fits into one packet.
const smallReply = 1 << 10

// reply makes a good call's frame. It travels as it is; a caller who compressed its
// request gets it the same way, if it is not small.
func reply(to *baidu.Frame, resp *generalmodel.Response, attachment []byte) (*buffer, error) {
	meta := &baidurpc.RpcMeta{
		Response:      &baidurpc.RpcResponseMeta{ErrorCode: proto.Int32(0)},
		CompressType:  proto.Int32(int32(baidu.None)),
		CorrelationId: to.Meta.CorrelationId,
	}
	if len(attachment) > 0 {
		meta.AttachmentSize = proto.Int32(int32(len(attachment)))
	}
	size := proto.Size(resp)
	if c := baidu.Compression(to.Meta.GetCompressType()); c != baidu.None && size >= smallReply {
		return compressed(c, meta, resp, attachment)
	}
	out := take()
	if room := baidu.HeaderSize + proto.Size(meta) + size + len(attachment); cap(out.bytes) < room {
		out.bytes = make([]byte, 0, room)
	}
	var err error
	if out.bytes, err = baidu.Start(out.bytes, meta); err != nil {
		return nil, err
	}
	if out.bytes, err = (proto.MarshalOptions{UseCachedSize: true}).MarshalAppend(out.bytes, resp); err != nil {
		return nil, sampan.Errorf(sampan.Internal, "encode the reply: %w", plainProto(err))
	}
	out.bytes = append(out.bytes, attachment...)
	return out, baidu.Finish(out.bytes)
}

func compressed(c baidu.Compression, meta *baidurpc.RpcMeta, resp *generalmodel.Response, attachment []byte) (*buffer, error) {
	plain, err := proto.Marshal(resp)
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "encode the reply: %w", plainProto(err))
	}
	meta.CompressType = proto.Int32(int32(c))
	out := take()
	if out.bytes, err = baidu.Start(out.bytes, meta); err != nil {
		return nil, err
	}
	if out.bytes, err = c.Compress(out.bytes, plain); err != nil {
		return nil, err
	}
	out.bytes = append(out.bytes, attachment...)
	return out, baidu.Finish(out.bytes)
}

// refusal makes a failed call's frame, which has no message.
func refusal(to *baidu.Frame, number int32, text string) (*buffer, error) {
	out := take()
	var err error
	out.bytes, err = baidu.Start(out.bytes, &baidurpc.RpcMeta{
		Response:      &baidurpc.RpcResponseMeta{ErrorCode: proto.Int32(number), ErrorText: proto.String(strings.ToValidUTF8(text, "\uFFFD"))},
		CompressType:  proto.Int32(int32(baidu.None)),
		CorrelationId: to.Meta.CorrelationId,
	})
	return out, err
}
