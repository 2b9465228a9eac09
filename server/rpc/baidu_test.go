package rpc

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// TestCompression: a reply of some size travels as its request did.
func TestCompression(t *testing.T) {
	l := listen(t, echo, Options{}).dial()
	for _, c := range []baidu.Compression{baidu.None, baidu.Snappy, baidu.Gzip, baidu.Zlib} {
		t.Run(c.String(), func(t *testing.T) {
			l.t = t
			for _, size := range []int{13, 4000} {
				meta := callMeta(7)
				meta.CompressType = proto.Int32(int32(c))
				l.send(frame(t, meta, floats(size)))
				f := l.reply()
				want := c
				if size == 13 {
					want = baidu.None
				}
				if got := baidu.Compression(f.Meta.GetCompressType()); got != want {
					t.Errorf("%d floats: the reply is %v, want %v", size, got, want)
				}
				plain, err := want.Expand(f.Payload, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				var m generalmodel.Response
				if err := proto.Unmarshal(plain, &m); err != nil || len(m.Outputs[0].Tensor[0].FloatData) != size {
					t.Errorf("%d floats come back as %v (%v)", size, &m, err)
				}
			}
		})
	}
}

// TestErrorNumbers: every code of ours has its number of brpc's, and the address of the
// server stands before the text.
func TestErrorNumbers(t *testing.T) {
	f := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		if req.LogID != 0 {
			return nil, sampan.Errorf(sampan.Code(req.LogID), "a fault of the test\xff")
		}
		return echo(ctx, req)
	}, Options{})
	l := f.dial()
	for code, number := range map[sampan.Code]int32{
		sampan.InvalidArgument: 1003, sampan.FailedPrecondition: 1003, sampan.NotFound: 1002, sampan.Unimplemented: 1002,
		sampan.ResourceExhausted: 2004, sampan.DeadlineExceeded: 1008, sampan.Unavailable: 2003, sampan.Internal: -5100,
	} {
		failing := floats(13)
		failing.LogId = uint64(code)
		l.send(frame(t, callMeta(1), failing))
		r := l.reply()
		if got, text := r.Meta.GetResponse().GetErrorCode(), r.Meta.GetResponse().GetErrorText(); got != number || text != baidu.Text(f.address, number, "a fault of the test\uFFFD") {
			t.Errorf("%v: %d %q, want %d", code, got, text, number)
		}
		if len(r.Payload) != 0 {
			t.Errorf("%v: the reply has a message of %d bytes", code, len(r.Payload))
		}
	}
	l.answers()
}

// TestBadFrames: what is wrong inside a frame has an answer, and the connection goes on.
func TestBadFrames(t *testing.T) {
	f := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		if req.LogID == 13 {
			panic("a secret of the inside")
		}
		return echo(ctx, req)
	}, Options{MaxMessage: 1 << 20})
	compressedAs := func(c int32) *baidurpc.RpcMeta {
		meta := callMeta(9)
		meta.CompressType = proto.Int32(c)
		return meta
	}
	attached := func(size int32) *baidurpc.RpcMeta {
		meta := callMeta(9)
		meta.AttachmentSize = proto.Int32(size)
		return meta
	}
	cut, err := baidu.Snappy.Compress(nil, bytes.Repeat([]byte("sampan"), 100))
	if err != nil {
		t.Fatal(err)
	}
	panicking := floats(13)
	panicking.LogId = 13
	for name, c := range map[string]struct {
		frame  []byte
		number int32
		text   string
	}{
		"no request":           {rawFrame(t, &baidurpc.RpcMeta{CorrelationId: proto.Int64(9)}, nil), 1001, "Fail to find service="},
		"long name":            {rawFrame(t, &baidurpc.RpcMeta{Request: &baidurpc.RpcRequestMeta{ServiceName: proto.String(strings.Repeat("n", 9999))}}, nil), 1001, "Fail to find service=nnn"},
		"gzip bomb":            {rawFrame(t, compressedAs(2), zipped(t, 100<<20)), 2004, "a message of more than 1048576 bytes once expanded"},
		"snappy bomb":          {rawFrame(t, compressedAs(1), []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}), 2004, "more than 1048576 bytes"},
		"snappy claims":        {rawFrame(t, compressedAs(1), []byte{0x80, 0x80, 0x3f, 0, 'a'}), 1003, "Fail to parse request message, CompressType=snappy, request_size=5"},
		"truncated snappy":     {rawFrame(t, compressedAs(1), cut[:len(cut)-3]), 1003, "CompressType=snappy"},
		"truncated gzip":       {rawFrame(t, compressedAs(2), zipped(t, 1000)[:20]), 1003, "CompressType=gzip, request_size=20"},
		"not zlib":             {rawFrame(t, compressedAs(3), []byte("sampan")), 1003, "CompressType=zlib, request_size=6"},
		"unknown compression":  {rawFrame(t, compressedAs(-7), nil), 1003, "CompressType=unknown, request_size=0"},
		"negative attachment":  {rawFrame(t, attached(-1), nil), 1003, "attachment_size=-1 is larger than request_size=0"},
		"message not protobuf": {rawFrame(t, callMeta(9), []byte("\xff\xff\xff")), 1003, "CompressType=none, request_size=3"},
		"bad tensor":           {frame(t, callMeta(9), &generalmodel.Request{Tensor: []*generalmodel.Tensor{{ElemType: 1, Name: "x", Shape: []int32{5}}}}), 1003, `tensor "x"`},
		"panic":                {frame(t, callMeta(9), panicking), -5100, "internal error"},
	} {
		t.Run(name, func(t *testing.T) {
			l := f.dial()
			l.t = t
			l.send(c.frame)
			r := l.reply().Meta.GetResponse()
			if r.GetErrorCode() != c.number || !strings.Contains(r.GetErrorText(), c.text) || len(r.GetErrorText()) > 1000 {
				t.Errorf("%d %q, want %d with %q", r.GetErrorCode(), r.GetErrorText(), c.number, c.text)
			}
			l.answers()
		})
	}
}

func zipped(t *testing.T, zeros int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(make([]byte, zeros)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBadConnections: after what is no frame, nobody knows where the next one begins.
func TestBadConnections(t *testing.T) {
	f := listen(t, echo, Options{MaxMessage: 1 << 20})
	head := func(body, meta uint32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("PRPC"), body), meta)
	}
	for name, bytes := range map[string][]byte{
		"4 GiB":               head(1<<32-1, 100),
		"above the bound":     head(1<<20+1, 100),
		"meta above its body": append(head(4, 5), "abcd"...),
		"meta not protobuf":   append(head(4, 4), "\xff\xff\xff\xff"...),
		"another magic":       []byte("PRPX\x00\x00\x00\x04\x00\x00\x00\x04abcd"),
	} {
		t.Run(name, func(t *testing.T) {
			l := f.dial()
			l.t = t
			l.answers()
			l.send(bytes)
			l.closed()
			f.dial().answers()
		})
	}
}
