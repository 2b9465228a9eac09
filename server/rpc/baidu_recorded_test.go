package rpc

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// Frames that a brpc 1.0.0-rc01 client and server wrote, and Paddle Serving's client.
const (
	fromBRPC   = "brpc_1.0.0-rc01"
	fromPaddle = "paddle_client_0.9.0"
)

func recorded(t *testing.T, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(fixture.Shared(t, append([]string{"wire"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// brpc's own server had this address when the errors were recorded.
const recordedAddress = "127.0.0.1:29292"

func TestRecordedErrors(t *testing.T) {
	f := listen(t, echo, Options{})
	for _, name := range []string{
		"error_1001_short_name", "error_1002_method", "error_1002_service", "error_1003_attachment",
		"error_1003_compress_9", "error_1003_garbage", "error_1003_snappy",
	} {
		t.Run(name, func(t *testing.T) {
			l := f.dial()
			l.send(recorded(t, fromBRPC, name+".req.bin"))
			got, err := l.receive()
			if err != nil {
				t.Fatal(err)
			}
			want := bytes.Replace(recorded(t, fromBRPC, name+".rep.bin"), []byte(recordedAddress), []byte(f.address), 1)
			if !bytes.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			l.answers()
		})
	}
}

// TestRecordedEchoes: the replies are brpc's byte for byte, apart from the two stamps of
// time in the message.
func TestRecordedEchoes(t *testing.T) {
	f := listen(t, echo, Options{})
	for _, name := range []string{"fp16", "int32", "int64", "lod", "nan", "string", "uint8", "two_tensors"} {
		t.Run(name, func(t *testing.T) {
			l := f.dial()
			l.send(recorded(t, fromBRPC, "echo_"+name+".req.bin"))
			raw, err := l.receive()
			if err != nil {
				t.Fatal(err)
			}
			got, want := parse(t, raw), parse(t, recorded(t, fromBRPC, "echo_"+name+".rep.bin"))
			if name == "two_tensors" {
				// That server compressed its reply, though it is small.
				want.Meta.CompressType = proto.Int32(0)
				plain, err := baidu.Gzip.Expand(want.Payload, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				want.Payload = plain
			}
			if !proto.Equal(&got.Meta, &want.Meta) {
				t.Errorf("meta %v, want %v", &got.Meta, &want.Meta)
			}
			if got, want := untimed(t, got.Payload), untimed(t, want.Payload); !bytes.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// untimed is an encoded response without its stamps of time.
func untimed(t *testing.T, message []byte) []byte {
	t.Helper()
	var m generalmodel.Response
	if err := proto.Unmarshal(message, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.ProfileTime) != 2 {
		t.Errorf("%d stamps of time, want 2", len(m.ProfileTime))
	}
	m.ProfileTime = nil
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRecordedClient: what Paddle Serving's client sends comes back as it was.
func TestRecordedClient(t *testing.T) {
	f := listen(t, echo, Options{})
	files, err := filepath.Glob(filepath.Join(fixture.Shared(t, "wire", fromPaddle), "*.bin"))
	if err != nil || len(files) != 18 {
		t.Fatalf("%d recordings, want 18 (%v)", len(files), err)
	}
	l := f.dial()
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bin"), func(t *testing.T) {
			raw := recorded(t, fromPaddle, filepath.Base(file))
			l.t = t
			l.send(raw)
			sent, came := parse(t, raw), l.reply()
			if code := came.Meta.GetResponse().GetErrorCode(); code != 0 {
				t.Fatalf("error %d %s", code, came.Meta.GetResponse().GetErrorText())
			}
			if got, want := came.Meta.GetCorrelationId(), sent.Meta.GetCorrelationId(); got != want || want < 1<<32 {
				t.Errorf("correlation id %d, want %d, above 32 bits", got, want)
			}
			var req generalmodel.Request
			var resp generalmodel.Response
			if err := proto.Unmarshal(sent.Payload, &req); err != nil {
				t.Fatal(err)
			}
			if err := proto.Unmarshal(came.Payload, &resp); err != nil {
				t.Fatal(err)
			}
			if resp.LogId != req.LogId {
				t.Errorf("log id %d, want %d", resp.LogId, req.LogId)
			}
			for i, want := range req.Tensor {
				if got := resp.Outputs[0].Tensor[i]; !proto.Equal(got, want) {
					t.Errorf("tensor %d: %v, want %v", i, got, want)
				}
			}
		})
	}
}

// TestRecordedAttachments: the attachment comes back behind the message, as that server
// did.
func TestRecordedAttachments(t *testing.T) {
	f := listen(t, echo, Options{})
	l := f.dial()
	raw := recorded(t, fromBRPC, "attachment_both_ways.req.bin")
	l.send(raw)
	_, want, err := parse(t, raw).Cut()
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := l.reply().Cut()
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != 5000 || !bytes.Equal(got, want) {
		t.Errorf("an attachment of %d bytes, want the %d sent", len(got), len(want))
	}
}

// TestRecordedTwenty: twenty frames in one write have twenty replies, each with its
// caller's number.
func TestRecordedTwenty(t *testing.T) {
	f := listen(t, echo, Options{})
	l := f.dial()
	l.send(recorded(t, fromBRPC, "twenty_in_one_write.req.bin"))
	seen := map[int64]bool{}
	for range 20 {
		r := l.reply()
		id := r.Meta.GetCorrelationId()
		var m generalmodel.Response
		if err := proto.Unmarshal(r.Payload, &m); err != nil {
			t.Fatal(err)
		}
		// Request 100+n has n+1 rows.
		if rows := m.Outputs[0].Tensor[0].Shape[0]; int64(rows) != id-99 {
			t.Errorf("call %d is answered with %d rows", id, rows)
		}
		seen[id] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 calls are answered", len(seen))
	}
}
