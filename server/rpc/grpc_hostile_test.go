package rpc

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// frames is a raw HTTP/2 connection to a server under test.
type frames struct {
	*http2.Framer
	conn  net.Conn
	t     testing.TB
	hpack *hpack.Encoder
	block bytes.Buffer
}

func (f *front) http2() *frames {
	f.t.Helper()
	w := f.preface()
	if err := w.WriteSettings(); err != nil {
		f.t.Fatal(err)
	}
	return w
}

// preface is a connection that has said nothing but that it speaks HTTP/2.
func (f *front) preface() *frames {
	f.t.Helper()
	l := f.dial()
	if err := l.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		f.t.Fatal(err)
	}
	l.send([]byte(http2.ClientPreface))
	w := &frames{Framer: http2.NewFramer(l.Conn, l.Conn), conn: l.Conn, t: f.t}
	w.hpack = hpack.NewEncoder(&w.block)
	w.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	return w
}

const inferencePath = "/" + generalModelService + "/inference"

// open sends the headers of a call; more are names and values in turn.
func (w *frames) open(stream uint32, path string, end bool, more ...string) {
	w.t.Helper()
	w.block.Reset()
	fields := append([]string{":method", "POST", ":scheme", "http", ":path", path, ":authority", "h", "content-type", "application/grpc", "te", "trailers"}, more...)
	for i := 0; i < len(fields); i += 2 {
		if err := w.hpack.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: w.block.Bytes(), EndHeaders: true, EndStream: end}); err != nil {
		w.t.Fatal(err)
	}
}

// message puts gRPC's header before a body, with the length that it claims.
func message(flag byte, claimed int, body []byte) []byte {
	out := append([]byte{flag}, binary.BigEndian.AppendUint32(nil, uint32(claimed))...)
	return append(out, body...)
}

// ends reads until the call's status.
func (w *frames) ends(stream uint32) (code, text string) {
	w.t.Helper()
	for {
		frame, err := w.ReadFrame()
		if err != nil {
			return "closed", err.Error()
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range f.Fields {
				switch field.Name {
				case "grpc-status":
					code = field.Value
				case "grpc-message":
					text = field.Value
				}
			}
			if f.StreamID == stream && f.StreamEnded() {
				return code, text
			}
		case *http2.RSTStreamFrame:
			return "reset " + f.ErrCode.String(), ""
		case *http2.GoAwayFrame:
			return "goaway " + f.ErrCode.String(), string(f.DebugData())
		}
	}
}

func TestGRPCMessages(t *testing.T) {
	const most = 1 << 20
	f := listen(t, echo, Options{MaxMessage: most})
	goodMessage, err := proto.Marshal(floats(13))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data   []byte
		header []string
		want   string
		text   string
	}{
		"good":                      {message(0, len(goodMessage), goodMessage), nil, "0", ""},
		"no message":                {nil, nil, "3", "the call has no message"},
		"half a header":             {[]byte{0, 0, 0}, nil, "3", "ends within"},
		"less than claimed":         {message(0, 1000, goodMessage), nil, "3", "ends within"},
		"far less than claimed":     {message(0, most, goodMessage), nil, "3", "ends within"},
		"more than the limit":       {message(0, most+1, goodMessage), nil, "8", "the most is 1048576"},
		"4 GiB":                     {message(0, 1<<32-1, goodMessage), nil, "8", "the most is 1048576"},
		"garbage":                   {message(0, 4, []byte("\xff\xff\xff\xff")), nil, "3", "general_model.Request"},
		"an unknown flag":           {message(7, len(goodMessage), goodMessage), nil, "13", "flag 7"},
		"compressed, says nobody":   {message(1, len(goodMessage), goodMessage), nil, "12", "grpc-encoding"},
		"compressed as snappy":      {message(1, len(goodMessage), goodMessage), []string{"grpc-encoding", "snappy"}, "12", `"snappy" is not known`},
		"gzip, and is not":          {message(1, len(goodMessage), goodMessage), []string{"grpc-encoding", "gzip"}, "3", "not gzip"},
		"a timeout that is none":    {message(0, len(goodMessage), goodMessage), []string{"grpc-timeout", "soon"}, "reset", ""},
		"a timeout that has passed": {message(0, len(goodMessage), goodMessage), []string{"grpc-timeout", "1n"}, "4", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := (&front{f.Server, t, f.address, nil}).http2()
			w.open(1, inferencePath, false, c.header...)
			if err := w.WriteData(1, true, c.data); err != nil {
				t.Fatal(err)
			}
			code, text := w.ends(1)
			if code != c.want && !(c.want == "reset" && strings.HasPrefix(code, "reset")) || !strings.Contains(text, c.text) {
				t.Errorf("status %s %q, want %s with %q", code, text, c.want, c.text)
			}
			f.dial().answers()
		})
	}
	for path, want := range map[string]string{
		"/nobody.Nothing/inference": "12", "/" + generalModelService + "/destroy": "12", "/": "13", "no slash": "13", "": "13",
	} {
		w := f.http2()
		w.open(1, path, true)
		if code, text := w.ends(1); code != want && !strings.HasPrefix(code, want+" ") {
			t.Errorf("path %q: %s %s, want %s", path, code, text, want)
		}
	}
}

// TestHTTP2 has connections that break the protocol or wear it out: each ends, or
// goes on, and takes no more memory than it sends.
func TestHTTP2(t *testing.T) {
	f := listen(t, echo, Options{MaxMessage: 1 << 20, Keepalive: time.Second})
	before := runtime.NumGoroutine()
	for name, attack := range map[string]func(w *frames) error{
		"a frame too large": func(w *frames) error {
			w.open(1, inferencePath, false)
			return w.WriteData(1, false, make([]byte, 1<<20))
		},
		"a lying frame length": func(w *frames) error {
			_, err := w.conn.Write([]byte("\xff\xff\xff\x00\x00\x00\x00\x00\x01abc"))
			return err
		},
		"an unknown frame":     func(w *frames) error { return w.WriteRawFrame(0xee, 0xff, 7, []byte("what?")) },
		"data without headers": func(w *frames) error { return w.WriteData(9, true, []byte("hello")) },
		"headers on stream 0": func(w *frames) error {
			_, err := w.conn.Write([]byte("\x00\x00\x00\x01\x04\x00\x00\x00\x00"))
			return err
		},
		"garbage headers": func(w *frames) error {
			return w.WriteRawFrame(http2.FrameHeaders, 4, 1, []byte("\xff\xff\xff\xff\xff\xff"))
		},
		"even stream":          func(w *frames) error { w.open(2, inferencePath, true); return nil },
		"a window of 2^31":     func(w *frames) error { return w.WriteWindowUpdate(0, 1<<31-1) },
		"a priority on itself": func(w *frames) error { return w.WritePriority(1, http2.PriorityParam{StreamDep: 1}) },
		"a bad setting":        func(w *frames) error { return w.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1}) },
		"headers without end": func(w *frames) error {
			w.open(1, inferencePath, false)
			if err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: []byte{0x40}, EndHeaders: false}); err != nil {
				return err
			}
			for range 2000 {
				if err := w.WriteContinuation(3, false, bytes.Repeat([]byte{1, 'x', 1, 'y', 0x40}, 1000)); err != nil {
					return err
				}
			}
			return nil
		},
		"headers that unpack large": func(w *frames) error {
			w.open(1, inferencePath, false, "x", strings.Repeat("y", 3000))
			// 0xbe is what was just put into the table.
			return w.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: bytes.Repeat([]byte{0xbe}, 16000), EndHeaders: true, EndStream: true})
		},
		"calls that are reset": func(w *frames) error {
			for i := range uint32(5000) {
				w.open(2*i+1, inferencePath, false)
				if err := w.WriteRSTStream(2*i+1, http2.ErrCodeCancel); err != nil {
					return err
				}
			}
			return nil
		},
		"pings": func(w *frames) error {
			for range 10000 {
				if err := w.WritePing(false, [8]byte{}); err != nil {
					return err
				}
			}
			return nil
		},
		"settings": func(w *frames) error {
			for i := range uint32(10000) {
				if err := w.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: i}); err != nil {
					return err
				}
			}
			return nil
		},
		"no settings": func(w *frames) error { return nil },
		"a lot of calls": func(w *frames) error {
			for i := range uint32(5000) {
				w.open(2*i+1, inferencePath, false)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := &front{f.Server, t, f.address, nil}
			runtime.GC()
			var start, end runtime.MemStats
			runtime.ReadMemStats(&start)
			w := g.http2()
			// What comes back has to be read, or the attack stops by itself.
			go io.Copy(io.Discard, w.conn)
			err := func() (err error) {
				defer func() {
					if p := recover(); p != nil {
						err = fmt.Errorf("%v", p)
					}
				}()
				inner := *w
				inner.t = broken{t}
				return attack(&inner)
			}()
			g.dial().answers()
			w.conn.Close()
			runtime.ReadMemStats(&end)
			if grew := int64(end.HeapAlloc) - int64(start.HeapAlloc); grew > 64<<20 {
				t.Errorf("the heap grew by %d MiB", grew>>20)
			}
			t.Log(err)
		})
	}
	for began := time.Now(); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
		}
	}
}

// broken lets an attack end when the server has closed the connection.
type broken struct{ testing.TB }

func (broken) Helper() {}

func (broken) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func TestGRPCCallerWhoLeaves(t *testing.T) {
	entered, ended := make(chan struct{}), make(chan error, 1)
	f := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		if req.LogID != 1 {
			return echo(ctx, req)
		}
		entered <- struct{}{}
		select {
		case <-ctx.Done():
			ended <- ctx.Err()
		case <-time.After(20 * time.Second):
			ended <- nil
		}
		return nil, sampan.ContextError(ctx)
	}, Options{})
	request := floats(13)
	request.LogId = 1
	body, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	for name, leave := range map[string]func(*frames) error{
		"by a reset":             func(w *frames) error { return w.WriteRSTStream(1, http2.ErrCodeCancel) },
		"by closing":             func(w *frames) error { return w.conn.Close() },
		"when its time was over": func(*frames) error { return nil },
	} {
		w := f.http2()
		w.open(1, inferencePath, false, "grpc-timeout", "500m")
		if err := w.WriteData(1, true, message(0, len(body), body)); err != nil {
			t.Fatal(err)
		}
		<-entered
		if err := leave(w); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Errorf("%s: the call went on", name)
		}
	}
}

func TestGRPCKeepalive(t *testing.T) {
	f := listen(t, echo, Options{})
	w := f.http2()
	if err := w.WritePing(false, [8]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	for {
		frame, err := w.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := frame.(*http2.PingFrame); ok && p.IsAck() && p.Data == [8]byte{1, 2, 3} {
			break
		}
	}
}

// asIs sends bytes as messages.
type asIs struct{}

func (asIs) Name() string { return "proto" }

func (asIs) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (asIs) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(data)
	return nil
}

// TestGRPCToTheLimit has messages of just as many bytes as are allowed, both ways.
func TestGRPCToTheLimit(t *testing.T) {
	request := floats(1 << 18)
	body, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := proto.Marshal(&generalmodel.Response{Outputs: []*generalmodel.ModelOutput{{Tensor: request.Tensor, EngineName: "GeneralInferOp_0"}}, ProfileTime: []int64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int]codes.Code{len(reply): codes.OK, len(reply) - 1: codes.ResourceExhausted, len(body) - 1: codes.ResourceExhausted} {
		f := listen(t, echo, Options{MaxMessage: most})
		conn, err := grpc.NewClient(f.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.ForceCodec(asIs{}), grpc.MaxCallRecvMsgSize(most)))
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		err = conn.Invoke(context.Background(), inferencePath, body, &got)
		if status.Code(err) != want || err == nil && len(got) != len(reply) {
			t.Errorf("%d bytes: %v, %d bytes came back", most, err, len(got))
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
