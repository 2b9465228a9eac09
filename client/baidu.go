package client

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/cluster"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// baiduService is the service's full name, which all servers know.
const baiduService = "baidu.paddle_serving.predictor.general_model.GeneralModelService"

// baiduTransport is brpc's own protocol, which Paddle Serving speaks.
type baiduTransport struct {
	config Config
	pool   *sharedPool[*baidu.Frame]
	// number is the last call's. Those of brpc's clients are above 32 bits too.
	number atomic.Int64
}

func newBaidu(config Config) *baiduTransport {
	t := &baiduTransport{config: config}
	t.pool = newSharedPool[*baidu.Frame](config, t)
	t.number.Store(1 << 33)
	return t
}

func (t *baiduTransport) send(ctx context.Context, e *endpoint, body []byte, deadline time.Time) (*generalmodel.Response, error) {
	compression := baidu.Compression(t.config.Compression)
	if compression != baidu.None {
		var err error
		if body, err = compression.Compress(nil, body); err != nil {
			return nil, err
		}
	}
	conn, err := t.pool.get(ctx, e.address, deadline)
	if err != nil {
		return nil, err
	}
	defer t.pool.done(conn)
	number := t.number.Add(1)
	wait, err := conn.begin(number, func(out []byte) ([]byte, error) {
		return appendRequest(out, cmp.Or(t.config.Model, baiduService), number, left(deadline), compression, body)
	})
	if err != nil {
		return nil, faultOf(ctx, e.address, err)
	}
	frame, err := conn.await(ctx, deadline, number, wait)
	if err != nil {
		return nil, faultOf(ctx, e.address, err)
	}
	return t.response(e.address, frame)
}

// appendRequest makes a frame with the fields that Paddle Serving's client sends, and the
// time that is left for the call. A model is asked by its name in place of the service's.
func appendRequest(out []byte, service string, number int64, left time.Duration, compression baidu.Compression, body []byte) ([]byte, error) {
	at := len(out)
	out, err := baidu.Start(out, &baidurpc.RpcMeta{
		Request: &baidurpc.RpcRequestMeta{
			ServiceName: proto.String(service),
			MethodName:  proto.String(method),
			LogId:       proto.Int64(0),
			TimeoutMs:   proto.Int32(int32(min(left.Milliseconds(), math.MaxInt32))),
		},
		CompressType:  proto.Int32(int32(compression)),
		CorrelationId: proto.Int64(number),
	})
	if err != nil {
		return out, err
	}
	out = append(out, body...)
	return out, baidu.Finish(out[at:])
}

// read takes one reply off a connection.
func (t *baiduTransport) read(in *bufio.Reader) (int64, outcome[*baidu.Frame], error) {
	var got outcome[*baidu.Frame]
	head, err := in.Peek(baidu.HeaderSize)
	if err != nil {
		return 0, got, err
	}
	h, err := baidu.ParseHeader(head, math.MaxUint32)
	if err != nil {
		return 0, got, err
	}
	if _, err := in.Discard(baidu.HeaderSize); err != nil {
		return 0, got, err
	}
	size := h.Body
	if size > t.config.MaxMessageBytes+frame {
		// The meta says whose reply it is.
		if h.Meta > frame {
			return 0, got, errBroken
		}
		size = h.Meta
		got.err = sampan.Errorf(sampan.ResourceExhausted, "a reply of %d bytes, want at most %d", h.Body, t.config.MaxMessageBytes)
	}
	body, err := readBody(in, size)
	if err != nil {
		return 0, got, err
	}
	if got.reply, err = h.Split(body); err != nil {
		return 0, got, err
	}
	_, err = io.CopyN(io.Discard, in, int64(h.Body-size))
	return got.reply.Meta.GetCorrelationId(), got, err
}

// growth is how much room is made for a reply at a time, so that memory grows with what
// came and not with what was claimed.
const growth = 4 << 20

func readBody(in io.Reader, size int) ([]byte, error) {
	if size <= growth {
		body := make([]byte, size)
		_, err := io.ReadFull(in, body)
		return body, err
	}
	var body bytes.Buffer
	_, err := io.CopyN(&body, in, int64(size))
	return body.Bytes(), err
}

// response reads a reply.
func (t *baiduTransport) response(address string, frame *baidu.Frame) (*generalmodel.Response, error) {
	if r := frame.Meta.GetResponse(); r.GetErrorCode() != 0 {
		fault := errors.New(baidu.Plain(r.GetErrorText()))
		if r.GetErrorCode() == baidu.LogOff && fault.Error() == baidu.Stopping {
			fault = cluster.Mark(cluster.Refused, fault)
		}
		return nil, sampan.Errorf(baidu.Code(r.GetErrorCode()), "%w", fault)
	}
	message, _, err := frame.Cut()
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "%s: reply: %w", address, err)
	}
	plain, err := baidu.Compression(frame.Meta.GetCompressType()).Expand(message, t.config.MaxMessageBytes)
	if err != nil {
		code := sampan.CodeOf(err)
		if code == sampan.InvalidArgument {
			code = sampan.Internal
		}
		return nil, sampan.Errorf(code, "%s: reply: %w", address, err)
	}
	m := new(generalmodel.Response)
	if err := proto.Unmarshal(plain, m); err != nil {
		return nil, sampan.Errorf(sampan.Internal, "%s: the reply is not a %s", address, m.ProtoReflect().Descriptor().FullName())
	}
	return m, nil
}

func (t *baiduTransport) close() error {
	t.pool.close()
	return nil
}
