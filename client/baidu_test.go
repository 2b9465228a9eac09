package client

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// brpcServer answers each connection with a function of the test's; it plays servers
// that misbehave.
func brpcServer(t *testing.T, serve func(conn net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return ln.Addr().String()
}

func readFrame(conn net.Conn) (*baidu.Frame, error) {
	head := make([]byte, baidu.HeaderSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil, err
	}
	h, err := baidu.ParseHeader(head, 1<<30)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Body)
	if _, err := io.ReadFull(conn, body); err != nil {
		return nil, err
	}
	return h.Split(body)
}

// TestBaiduRequest compares a request of ours with that of Paddle Serving's own client
// for the same call, field by field.
func TestBaiduRequest(t *testing.T) {
	frames := make(chan *baidu.Frame, 1)
	address := brpcServer(t, func(conn net.Conn) {
		if f, err := readFrame(conn); err == nil {
			frames <- f
		}
	})
	c := connect(t, Config{Transport: BaiduStd, Retries: -1}, address)
	x := []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}
	_, err := c.Predict(t.Context(), Feed{"x": x}, []string{"price"})
	wantError(t, err, sampan.Unavailable, address+": the connection broke before the answer came")
	got := <-frames

	raw, err := os.ReadFile(fixture.Shared(t, "wire", "paddle_client_0.9.0", "single_batch_true.bin"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := baidu.ParseHeader(raw, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want, err := h.Split(raw[baidu.HeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	if ms := got.Meta.Request.GetTimeoutMs(); ms <= 0 || ms > 20000 {
		t.Errorf("timeout_ms %d, want what is left of 20 s", ms)
	}
	if got.Meta.GetCorrelationId() < 1<<32 {
		t.Errorf("correlation id %d, want more than 32 bits as brpc's", got.Meta.GetCorrelationId())
	}
	// The old client has no timeout_ms; the number is any.
	got.Meta.Request.TimeoutMs, got.Meta.CorrelationId = nil, want.Meta.CorrelationId
	if !proto.Equal(&got.Meta, &want.Meta) {
		t.Errorf("meta %v, want %v", &got.Meta, &want.Meta)
	}
	var ours, theirs generalmodel.Request
	if err := errors.Join(proto.Unmarshal(got.Payload, &ours), proto.Unmarshal(want.Payload, &theirs)); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(&ours, &theirs) {
		t.Errorf("request %v, want %v", &ours, &theirs)
	}
}

// respond makes a reply's frame.
func respond(t *testing.T, number int64, change func(*baidurpc.RpcMeta), message []byte) []byte {
	t.Helper()
	meta := &baidurpc.RpcMeta{Response: &baidurpc.RpcResponseMeta{ErrorCode: proto.Int32(0)}, CorrelationId: proto.Int64(number)}
	if change != nil {
		change(meta)
	}
	out, err := baidu.Start(nil, meta)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, message...)
	if err := baidu.Finish(out); err != nil {
		t.Fatal(err)
	}
	return out
}

func priceMessage(t *testing.T) []byte {
	t.Helper()
	message, err := proto.Marshal(&generalmodel.Response{Outputs: []*generalmodel.ModelOutput{{
		Tensor: []*generalmodel.Tensor{{AliasName: "price", ElemType: 1, FloatData: []float32{18.9}, Shape: []int32{1, 1}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// TestBaiduReplies: what a server may answer, well or badly.
func TestBaiduReplies(t *testing.T) {
	zipped, err := baidu.Gzip.Compress(nil, priceMessage(t))
	if err != nil {
		t.Fatal(err)
	}
	bomb, err := baidu.Gzip.Compress(nil, make([]byte, 2<<20))
	if err != nil {
		t.Fatal(err)
	}
	compressed := func(m *baidurpc.RpcMeta) { m.CompressType = proto.Int32(2) }
	failed := func(number int32, text string) func(*baidurpc.RpcMeta) {
		return func(m *baidurpc.RpcMeta) {
			m.Response.ErrorCode, m.Response.ErrorText, m.CompressType = &number, &text, proto.Int32(2)
		}
	}
	for name, c := range map[string]struct {
		reply func(number int64) []byte
		// code and text of the error, 0 for a result. The text after the address.
		code sampan.Code
		text string
	}{
		"plain": {func(n int64) []byte { return respond(t, n, nil, priceMessage(t)) }, 0, ""},
		"gzip":  {func(n int64) []byte { return respond(t, n, compressed, zipped) }, 0, ""},
		"another's reply first": {func(n int64) []byte {
			return append(respond(t, n+1, nil, priceMessage(t)), respond(t, n, nil, priceMessage(t))...)
		}, 0, ""},
		"attachment": {func(n int64) []byte {
			return respond(t, n, func(m *baidurpc.RpcMeta) { m.AttachmentSize = proto.Int32(3) }, append(priceMessage(t), "abc"...))
		}, 0, ""},
		"op failed": {func(n int64) []byte {
			return respond(t, n, failed(-5100, "[127.0.0.1:29292][E-5100]InferService inference failed!"), nil)
		}, sampan.Internal, "InferService inference failed!"},
		"logged off":   {func(n int64) []byte { return respond(t, n, failed(2003, "stopping"), nil) }, sampan.Unavailable, "stopping"},
		"bomb":         {func(n int64) []byte { return respond(t, n, compressed, bomb) }, sampan.ResourceExhausted, ": reply: a message of more than 1048576 bytes once expanded"},
		"broken gzip":  {func(n int64) []byte { return respond(t, n, compressed, zipped[:20]) }, sampan.Internal, ": reply: the message is not gzip: unexpected EOF"},
		"not protobuf": {func(n int64) []byte { return respond(t, n, nil, []byte("\xff\xff")) }, sampan.Internal, ": the reply is not a baidu.paddle_serving.predictor.general_model.Response"},
		"large":        {func(n int64) []byte { return respond(t, n, nil, make([]byte, 2<<20)) }, sampan.ResourceExhausted, "a reply of 2097162 bytes, want at most 1048576"},
		"garbage":      {func(int64) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }, sampan.Unavailable, ": the connection broke before the answer came"},
		"half a frame": {func(n int64) []byte { return respond(t, n, nil, priceMessage(t))[:20] }, sampan.Unavailable, ": the connection broke before the answer came"},
		"4 GiB":        {func(int64) []byte { return []byte("PRPC\xff\xff\xff\xff\xff\xff\xff\xff") }, sampan.Unavailable, ": the connection broke before the answer came"},
		"bad meta":     {func(int64) []byte { return []byte("PRPC\x00\x00\x00\x02\x00\x00\x00\x02\xff\xff") }, sampan.Unavailable, ": the connection broke before the answer came"},
		"large meta":   {func(int64) []byte { return binary.BigEndian.AppendUint32([]byte("PRPC\x7f\xff\xff\xff"), 1<<30) }, sampan.Unavailable, ": the connection broke before the answer came"},
		"bad attachment": {func(n int64) []byte {
			return respond(t, n, func(m *baidurpc.RpcMeta) { m.AttachmentSize = proto.Int32(9) }, nil)
		}, sampan.Internal, ": reply: attachment_size=9 is larger than request_size=0"},
		"nothing at all": {func(int64) []byte { return nil }, sampan.Unavailable, ": the connection broke before the answer came"},
	} {
		t.Run(name, func(t *testing.T) {
			address := brpcServer(t, func(conn net.Conn) {
				for {
					f, err := readFrame(conn)
					if err != nil {
						return
					}
					reply := c.reply(f.Meta.GetCorrelationId())
					if _, err := conn.Write(reply); err != nil || strings.Contains(c.text, "broke") {
						return
					}
				}
			})
			client := connect(t, Config{Transport: BaiduStd, MaxMessageBytes: 1 << 20, MaxConns: 1}, address)
			// Twice: a connection that is still good goes on, a broken one is made anew.
			for range 2 {
				out, err := client.Predict(t.Context(), Feed{"x": thirteen}, nil)
				if c.code == 0 {
					if err != nil {
						t.Fatal(err)
					}
					continue
				}
				text := c.text
				if strings.HasPrefix(text, ":") {
					text = address + text
				}
				if out != nil {
					t.Error("a result beside the error")
				}
				wantError(t, err, c.code, text)
			}
		})
	}
}

// TestBaiduCompression: requests and replies of some size travel compressed.
func TestBaiduCompression(t *testing.T) {
	address, _ := serve(t, sums)
	rows := make([]float32, 13*1000)
	rows[12999] = 5
	for _, compression := range []Compression{NoCompression, Snappy, Gzip, Zlib} {
		c := connect(t, Config{Transport: BaiduStd, Compression: compression}, address)
		out, err := c.Predict(t.Context(), Feed{"x": tensorOf(sampan.Shape{1000, 13}, rows...)}, nil, Batch())
		if err != nil {
			t.Fatalf("compression %d: %v", compression, err)
		}
		if price, err := out.Float32s("price"); err != nil || len(price) != 1000 || price[999] != 5 {
			t.Errorf("compression %d: %d prices %v", compression, len(price), err)
		}
	}
	err := load(t, "testdata/uci").ConnectWith(t.Context(), Config{Compression: Gzip}, address)
	wantError(t, err, sampan.InvalidArgument, "connect: Compression is not done over ttheader, want BaiduStd")
	err = load(t, "testdata/uci").ConnectWith(t.Context(), Config{Transport: BaiduStd, Compression: 4}, address)
	wantError(t, err, sampan.InvalidArgument, "connect: Compression is 4, want NoCompression, Snappy, Gzip or Zlib")
}

// FuzzReplies: whatever a server sends is taken apart within its bounds.
func FuzzReplies(f *testing.F) {
	f.Add([]byte("PRPC\x00\x00\x00\x04\x00\x00\x00\x02\x20\x05ab"))
	f.Add([]byte("PRPC\x00\x10\x00\x00\x00\x00\x00\x02\x20\x05"))
	f.Add([]byte("\x00\x00\x00\x0a\x10\x00\x00\x01\x00\x00\x00\x07ab"))
	const most = 1 << 16
	t := &baiduTransport{config: Config{MaxMessageBytes: most}}
	f.Fuzz(func(test *testing.T, raw []byte) {
		in := bufio.NewReader(bytes.NewReader(raw))
		for {
			_, got, err := t.read(in)
			if err != nil {
				break
			}
			if got.err == nil {
				if len(got.reply.Payload) > most+frame {
					test.Fatalf("a payload of %d bytes is let through", len(got.reply.Payload))
				}
				_, _ = t.response("server:1", got.reply)
			}
		}
		in.Reset(bytes.NewReader(raw))
		for {
			_, got, err := muxFraming(most).read(in)
			if err != nil {
				break
			}
			if len(got.reply) > most {
				test.Fatalf("a frame of %d bytes is let through", len(got.reply))
			}
		}
	})
}
