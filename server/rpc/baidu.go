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
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
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

func (b *baiduFront) answer(ctx context.Context, conn net.Conn, in *loan.Memory) (*loan.Memory, error) {
	h, err := baidu.ParseHeader(in.Bytes, b.maxMessage)
	if err != nil {
		in.Give()
		return nil, err
	}
	frame, err := h.Split(in.Bytes[baidu.HeaderSize:])
	if err != nil {
		in.Give()
		return nil, err
	}
	began := metrics.Now()
	c := newCall()
	defer c.end()
	attachment, err := b.call(ctx, frame, in, c)
	b.calls.Done(began, err)
	if err == nil {
		var out *loan.Memory
		if out, err = reply(frame, &c.out, attachment); err == nil {
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
func (b *baiduFront) call(ctx context.Context, frame *baidu.Frame, in *loan.Memory, c *call) (attachment []byte, err error) {
	method := frame.Meta.GetRequest().GetMethodName()
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a baidu_std call panicked", "method", method, "log_id", frame.Meta.GetRequest().GetLogId(), "panic", p, "stack", string(debug.Stack()))
			err = sampan.Errorf(sampan.Internal, "internal error")
		}
	}()
	attachment, err = b.request(frame, c)
	in.Give()
	if err != nil {
		return nil, err
	}
	model := frame.Meta.GetRequest().GetServiceName()
	if isGeneral(model) {
		model = ""
	}
	if timeout := frame.Meta.GetRequest().GetTimeoutMs(); timeout > 0 {
		var cancel func()
		ctx, cancel = deadline.WithTimeout(ctx, time.Duration(timeout)*time.Millisecond)
		defer cancel()
	}
	return attachment, c.predict(ctx, b.service, model)
}

// request reads what is asked, and returns the attachment. Nothing of it shares the
// frame's memory.
func (b *baiduFront) request(frame *baidu.Frame, c *call) ([]byte, error) {
	if b.stopping.Load() {
		return nil, sampan.Errorf(sampan.Unavailable, baidu.Stopping)
	}
	if err := b.find(frame.Meta.GetRequest()); err != nil {
		return nil, err
	}
	message, attachment, err := frame.Cut()
	if err != nil {
		return nil, err
	}
	compression := baidu.Compression(frame.Meta.GetCompressType())
	plain, err := compression.Expand(message, b.maxMessage)
	if err != nil && sampan.CodeOf(err) == sampan.ResourceExhausted {
		return nil, err
	}
	if err == nil {
		err = c.in.Decode(plain)
	}
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "Fail to parse request message, CompressType=%v, request_size=%d", compression, len(message))
	}
	return append([]byte(nil), attachment...), nil
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
func reply(to *baidu.Frame, resp *wire.Outgoing, attachment []byte) (*loan.Memory, error) {
	meta := &baidurpc.RpcMeta{
		Response:      &baidurpc.RpcResponseMeta{ErrorCode: proto.Int32(0)},
		CompressType:  proto.Int32(int32(baidu.None)),
		CorrelationId: to.Meta.CorrelationId,
	}
	if len(attachment) > 0 {
		meta.AttachmentSize = proto.Int32(int32(len(attachment)))
	}
	size := resp.Size()
	if c := baidu.Compression(to.Meta.GetCompressType()); c != baidu.None && size >= smallReply {
		return compressed(c, meta, resp, attachment)
	}
	out := forReply(baidu.HeaderSize + proto.Size(meta) + size + len(attachment))
	var err error
	if out.Bytes, err = baidu.Start(out.Bytes, meta); err != nil {
		return nil, err
	}
	out.Bytes = append(resp.Append(out.Bytes), attachment...)
	return out, baidu.Finish(out.Bytes)
}

func compressed(c baidu.Compression, meta *baidurpc.RpcMeta, resp *wire.Outgoing, attachment []byte) (*loan.Memory, error) {
	meta.CompressType = proto.Int32(int32(c))
	out := forReply(resp.Size() + len(attachment))
	var err error
	if out.Bytes, err = baidu.Start(out.Bytes, meta); err != nil {
		return nil, err
	}
	if out.Bytes, err = c.Compress(out.Bytes, resp.Append(make([]byte, 0, resp.Size()))); err != nil {
		return nil, err
	}
	out.Bytes = append(out.Bytes, attachment...)
	return out, baidu.Finish(out.Bytes)
}

// refusal makes a failed call's frame, which has no message.
func refusal(to *baidu.Frame, number int32, text string) (*loan.Memory, error) {
	out := forReply(baidu.HeaderSize + len(text))
	var err error
	out.Bytes, err = baidu.Start(out.Bytes, &baidurpc.RpcMeta{
		Response:      &baidurpc.RpcResponseMeta{ErrorCode: proto.Int32(number), ErrorText: proto.String(strings.ToValidUTF8(text, "\uFFFD"))},
		CompressType:  proto.Int32(int32(baidu.None)),
		CorrelationId: to.Meta.CorrelationId,
	})
	return out, err
}
