package rpc

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/streaming"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/internal/metrics"
)

const (
	// Windows of HTTP/2's flow control: with the default of 64 KiB an image takes
	// several round trips.
	grpcWindow     = 1 << 20
	grpcConnWindow = 4 << 20
	// grpcMaxStreams bounds the calls in flight on one connection.
	grpcMaxStreams = 1024
	// grpcChunk is how much of a message is read at a time: memory grows with what
	// came, not with what was claimed.
	grpcChunk = 4 << 20
)

// grpcFront dispatches gRPC calls.
type grpcFront struct {
	service    Service
	pipeline   Pipeline
	calls      *metrics.Calls
	health     *health
	maxMessage int
	// methods by service and method: "/package.Service/method".
	methods map[string]func(ctx context.Context, s *grpcStream) error
}

// The general model service's names: older clients know the short one only.
const (
	generalModelPackage = "baidu.paddle_serving.predictor.general_model"
	shortService        = "GeneralModelService"
	generalModelService = generalModelPackage + "." + shortService
)

// register fills the table of methods.
func (g *grpcFront) register() {
	g.methods = map[string]func(context.Context, *grpcStream) error{
		"/grpc.health.v1.Health/Check": g.health.check,
		"/grpc.health.v1.Health/Watch": g.health.watch,
	}
	if g.service != nil {
		for _, name := range []string{generalModelService, shortService} {
			g.methods["/"+name+"/inference"] = g.inference
			g.methods["/"+name+"/debug"] = g.inference
		}
	}
	if g.pipeline != nil {
		g.methods["/"+pipelineService+"/inference"] = g.pipelineInference
	}
	reflect := newReflection()
	for _, version := range []string{"v1", "v1alpha"} {
		g.methods["/grpc.reflection."+version+".ServerReflection/ServerReflectionInfo"] = reflect.info
	}
}

// serve handles one call; it is Kitex's handler for services that it does not know,
// which here are all of them.
func (g *grpcFront) serve(ctx context.Context, method string, stream streaming.Stream) error {
	ri := rpcinfo.GetRPCInfo(ctx)
	err := g.call(ctx, ri, method, stream)
	if err != nil {
		// As a status of our own: what the handler returns, Kitex decorates and logs.
		biz := kerrors.NewGRPCBizStatusError(int32(sampan.CodeOf(err)), err.Error())
		biz.(kerrors.GRPCStatusIface).SetGRPCStatus(grpcStatus(err))
		ri.Invocation().(rpcinfo.InvocationSetter).SetBizStatusErr(biz)
	}
	return nil
}

func (g *grpcFront) call(ctx context.Context, ri rpcinfo.RPCInfo, method string, stream streaming.Stream) (err error) {
	service := ri.Invocation().ServiceName()
	if p := ri.Invocation().PackageName(); p != "" {
		service = p + "." + service
	}
	handle, ok := g.methods["/"+service+"/"+method]
	if !ok {
		return sampan.Errorf(sampan.Unimplemented, "method %q of service %q is not known", method, service)
	}
	//lint:ignore SA1019 the proxies that it is deprecated for do not check a message's size either
	conn, err := nphttp2.GetServerConn(stream)
	if err != nil {
		return sampan.Errorf(sampan.Internal, "no connection behind the call")
	}
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a gRPC call panicked", "method", method, "panic", p, "stack", string(debug.Stack()))
			err = sampan.Errorf(sampan.Internal, "internal error")
		}
	}()
	return handle(ctx, &grpcStream{conn: conn, encoding: remote.GetRecvCompressor(ri), max: g.maxMessage})
}

func (g *grpcFront) inference(ctx context.Context, s *grpcStream) error {
	began := metrics.Now()
	err := g.infer(ctx, s)
	g.calls.Done(began, err)
	return err
}

func (g *grpcFront) infer(ctx context.Context, s *grpcStream) error {
	body, err := s.readOnly()
	if err != nil {
		return callError(ctx, err)
	}
	c := newCall()
	defer c.end()
	err = c.in.Decode(body.Bytes)
	body.Give()
	if err != nil {
		return sampan.Errorf(sampan.InvalidArgument, "the message is not a %s: %w", generalModelPackage+".Request", err)
	}
	if err := c.predict(ctx, g.service, modelOf(ctx)); err != nil {
		return err
	}
	frame := make([]byte, grpcHeader, grpcHeader+c.out.Size())
	return callError(ctx, s.write(c.out.Append(frame)))
}

// callError says why the transport failed: mostly because the call's context ended.
func callError(ctx context.Context, err error) error {
	var known *sampan.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if ctx.Err() != nil {
		return sampan.ContextError(ctx)
	}
	return sampan.Errorf(sampan.Canceled, "the connection broke: %w", err)
}

// grpcStream reads and writes the messages of one call.
type grpcStream struct {
	conn nphttp2.GRPCConn
	// encoding is the name of the compression that compressed messages use.
	encoding string
	max      int
}

const grpcHeader = 5

// receive reads one message; io.EOF when the caller has sent all.
func (s *grpcStream) receive(m proto.Message) error {
	body, err := s.read()
	if err != nil {
		return err
	}
	defer body.Give()
	if err := proto.Unmarshal(body.Bytes, m); err != nil {
		return sampan.Errorf(sampan.InvalidArgument, "the message is not a %s: %w", m.ProtoReflect().Descriptor().FullName(), plainProto(err))
	}
	return nil
}

// read reads the bytes of one message; io.EOF when the caller has sent all.
func (s *grpcStream) read() (*loan.Memory, error) {
	var header [grpcHeader]byte
	if n, err := s.conn.Read(header[:]); err != nil {
		return nil, within(err, n, grpcHeader)
	}
	if header[0] > 1 {
		return nil, sampan.Errorf(sampan.Internal, "a message with the flag %d, want 0 or 1", header[0])
	}
	size := binary.BigEndian.Uint32(header[1:])
	if uint64(size) > uint64(s.max) {
		return nil, tooLarge(uint64(size), s.max)
	}
	body := loan.Take(min(int(size), grpcChunk))
	for read := 0; read < int(size); {
		if read == len(body.Bytes) {
			grown := loan.Take(min(int(size), 2*read))
			copy(grown.Bytes, body.Bytes)
			body.Give()
			body = grown
		}
		n, err := s.conn.Read(body.Bytes[read:min(len(body.Bytes), read+grpcChunk)])
		if read += n; err != nil {
			body.Give()
			return nil, within(err, read, int(size))
		}
	}
	if header[0] == 0 {
		return body, nil
	}
	defer body.Give()
	plain, err := s.uncompress(body.Bytes)
	return loan.Of(plain), err
}

// readOnly reads the bytes of the message of a call that has one.
func (s *grpcStream) readOnly() (*loan.Memory, error) {
	body, err := s.read()
	return body, missing(err)
}

// receiveOnly reads the message of a call that has one.
func (s *grpcStream) receiveOnly(m proto.Message) error { return missing(s.receive(m)) }

// missing says that a call ended without a message, if that is the error.
func missing(err error) error {
	if errors.Is(err, io.EOF) {
		return sampan.Errorf(sampan.InvalidArgument, "the call has no message")
	}
	return err
}

// within says that a message ends too early, if that is the error: io.EOF is the end of
// messages only before the first byte of one.
func within(err error, read, want int) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) && want != grpcHeader {
		return sampan.Errorf(sampan.InvalidArgument, "the call ends within a message, after %d of %d bytes", read, want)
	}
	return err
}

// uncompress bounds what comes out, not only what went in.
func (s *grpcStream) uncompress(body []byte) ([]byte, error) {
	var z io.Reader
	var err error
	switch s.encoding {
	case "gzip":
		z, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		z, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil, sampan.Errorf(sampan.Unimplemented, "grpc-encoding %q is not known; known are \"gzip\" and \"deflate\"", s.encoding)
	}
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "the message is not %s: %w", s.encoding, err)
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(s.max)+1))
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "the message is not %s: %w", s.encoding, err)
	}
	if len(out) > s.max {
		return nil, tooLarge(uint64(len(out)), s.max)
	}
	return out, nil
}

// send writes one message.
func (s *grpcStream) send(m proto.Message) error {
	frame := make([]byte, grpcHeader, grpcHeader+proto.Size(m))
	frame, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(frame, m)
	if err != nil {
		return sampan.Errorf(sampan.Internal, "encode the reply: %w", err)
	}
	return s.write(frame)
}

// write sends a message behind room for its header. The transport keeps the memory until
// it is on the wire.
func (s *grpcStream) write(frame []byte) error {
	if size := len(frame) - grpcHeader; size > s.max {
		return tooLarge(uint64(size), s.max)
	}
	binary.BigEndian.PutUint32(frame[1:], uint32(len(frame)-grpcHeader))
	_, err := s.conn.WriteFrame(frame[:grpcHeader], frame[grpcHeader:])
	return err
}

func tooLarge(size uint64, most int) error {
	return sampan.Errorf(sampan.ResourceExhausted, "a message of %d bytes is too large, the most is %d (--max_body_size)", size, most)
}

// plainProto drops the library's prefix, which has an invisible character in it.
func plainProto(err error) error {
	_, text, ok := strings.Cut(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto: ")
	if !ok {
		return err
	}
	return fmt.Errorf("%s", text)
}
