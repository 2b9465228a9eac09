package baidu

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
)

func TestFrame(t *testing.T) {
	meta := &baidurpc.RpcMeta{
		Request:        &baidurpc.RpcRequestMeta{ServiceName: proto.String("S"), MethodName: proto.String("m")},
		CorrelationId:  proto.Int64(1<<62 + 1),
		AttachmentSize: proto.Int32(3),
	}
	raw, err := Start(nil, meta)
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, "messageabc"...)
	if err := Finish(raw); err != nil {
		t.Fatal(err)
	}
	h, err := ParseHeader(raw, len(raw))
	if err != nil || h.Body != len(raw)-HeaderSize {
		t.Fatalf("%+v %v", h, err)
	}
	f, err := h.Split(raw[HeaderSize:])
	if err != nil || !proto.Equal(&f.Meta, meta) {
		t.Fatalf("meta %v %v, want %v", &f.Meta, err, meta)
	}
	message, attachment, err := f.Cut()
	if err != nil || string(message) != "message" || string(attachment) != "abc" {
		t.Errorf("%q %q %v", message, attachment, err)
	}
}

func TestParseHeader(t *testing.T) {
	for _, c := range []struct {
		header string
		code   sampan.Code
		text   string
	}{
		{"HTTP\x00\x00\x00\x04\x00\x00\x00\x04", sampan.InvalidArgument, `a frame begins "HTTP", want "PRPC"`},
		{"PRPC\x00\x00\x00\x65\x00\x00\x00\x04", sampan.ResourceExhausted, "a frame of 101 bytes, want at most 100"},
		{"PRPC\xff\xff\xff\xff\xff\xff\xff\xff", sampan.ResourceExhausted, "a frame of 4294967295 bytes, want at most 100"},
		{"PRPC\x00\x00\x00\x04\x00\x00\x00\x05", sampan.InvalidArgument, "a meta of 5 bytes in a body of 4"},
	} {
		_, err := ParseHeader([]byte(c.header), 100)
		if err == nil || sampan.CodeOf(err) != c.code || err.Error() != c.text {
			t.Errorf("%q: %v, want %v: %s", c.header, err, c.code, c.text)
		}
	}
}

func FuzzFrame(f *testing.F) {
	good, err := Start(nil, &baidurpc.RpcMeta{CorrelationId: proto.Int64(5), CompressType: proto.Int32(1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("PRPC\x00\x00\x00\x04\x00\x00\x00\x04\x28\x05\x20\x01"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		const most = 1 << 16
		if len(raw) < HeaderSize {
			return
		}
		h, err := ParseHeader(raw, most)
		if err != nil {
			return
		}
		if h.Body > most || h.Meta > h.Body {
			t.Fatalf("%+v is let through", h)
		}
		if len(raw)-HeaderSize < h.Body {
			return
		}
		body := raw[HeaderSize : HeaderSize+h.Body]
		frame, err := h.Split(body)
		if err != nil {
			return
		}
		message, attachment, err := frame.Cut()
		if err != nil {
			return
		}
		if !bytes.Equal(append(bytes.Clone(message), attachment...), body[h.Meta:]) {
			t.Fatal("message and attachment are not the payload")
		}
		plain, err := Compression(frame.Meta.GetCompressType()).Expand(message, most)
		if err == nil && len(plain) > most {
			t.Fatalf("%d bytes, want at most %d", len(plain), most)
		}
	})
}
