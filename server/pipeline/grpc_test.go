package pipeline_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving/pipelineservice"
	"github.com/sampanml/sampan/server/pipeline"
)

// rawCodec sends and receives bytes as they are.
type rawCodec struct{}

func (rawCodec) Name() string                    { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(d []byte, v any) error { *v.(*[]byte) = d; return nil }

const inference = "/baidu.paddle_serving.pipeline_serving.PipelineService/inference"

// dial connects grpc-go.
func dial(t testing.TB, r *running) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(r.RPCAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{}), grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func response(t *testing.T, bytes []byte) *pipelineserving.Response {
	t.Helper()
	m := &pipelineserving.Response{}
	if err := proto.Unmarshal(bytes, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// generous takes arrays as the recorded clients send them, and says what it got.
type generous struct{ pipeline.Op }

func (generous) Postprocess(_ context.Context, in pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	values, err := in.Only()
	return values, err
}

// TestRecordedBytes sends what the real PipelineClient sent, and compares the answers with
// those that the real server gave.
func TestRecordedBytes(t *testing.T) {
	r := serveUCI(t)
	conn := dial(t, r)
	files, err := filepath.Glob(filepath.Join(fixture.Shared(t, "wire/paddle_pipeline_0.9.0"), "*.req.bin"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	answered := 0
	for _, file := range files {
		req, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".req.bin")
		var got []byte
		if err := conn.Invoke(t.Context(), inference, &req, &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rep, err := os.ReadFile(strings.TrimSuffix(file, ".req.bin") + ".rep.bin")
		if err != nil {
			continue
		}
		answered++
		g, w := response(t, got), response(t, rep)
		switch {
		case strings.HasPrefix(name, "error_"), name == "array_as_text", name == "profile":
			// The number and the form; the texts say what went wrong in words of their own.
			if g.ErrNo != w.ErrNo || len(g.Key) != len(w.Key) || tail(g.ErrMsg) != tail(w.ErrMsg) {
				t.Errorf("%s: %v, want %v", name, g, w)
			}
		case !bytes.Equal(got, rep):
			t.Errorf("%s: %v, want %v", name, g, w)
		}
	}
	if answered < 10 {
		t.Errorf("%d answers were recorded, want 10 at least", answered)
	}
}

// tail is what a message ends with whatever went wrong.
func tail(message string) string {
	for _, mark := range []string{"  ClassName:", ". Please check"} {
		if i := strings.Index(message, mark); i >= 0 {
			return message[i:]
		}
	}
	return message
}

// TestTensorsOfEveryType sees what each recorded tensor is to an op.
func TestTensorsOfEveryType(t *testing.T) {
	r := serve(t, chain(t, "rpc_port: 9998", options(t), []string{"uci"}, generous{}))
	conn := dial(t, r)
	for name, want := range map[string]string{
		"bool": "array([[ True, False,  True]])", "float16": "array([[1., 0., 1.]], dtype=float16)", "float64": "array([[1., 0., 1.]])",
		"int16": "array([[1, 0, 1]], dtype=int16)", "int32": "array([[1, 0, 1]], dtype=int32)", "int64": "array([[1, 0, 1]])",
		"int8": "array([[1, 0, 1]], dtype=int8)", "uint16": "array([[1, 0, 1]], dtype=uint16)", "uint8": "array([[1, 0, 1]], dtype=uint8)",
		"str": "abc",
	} {
		req, err := os.ReadFile(fixture.Shared(t, "wire/paddle_pipeline_0.9.0", "tensor_"+name+".req.bin"))
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		if err := conn.Invoke(t.Context(), inference, &req, &got); err != nil {
			t.Fatal(err)
		}
		m := response(t, got)
		if len(m.Value) != 1 || m.Value[0] != want {
			t.Errorf("%s: %v, want %s", name, m, want)
		}
	}
}

func TestGRPCStatuses(t *testing.T) {
	r := serveUCI(t)
	conn := dial(t, r)
	good, err := proto.Marshal(&pipelineserving.Request{Key: []string{"x"}, Value: []string{sample}})
	if err != nil {
		t.Fatal(err)
	}
	call := func(method string, req []byte, opts ...grpc.CallOption) (*pipelineserving.Response, *status.Status) {
		var got []byte
		if err := conn.Invoke(t.Context(), method, &req, &got, opts...); err != nil {
			return nil, status.Convert(err)
		}
		return response(t, got), nil
	}
	for _, c := range []struct {
		name, method string
		req          []byte
		code         codes.Code
		message      string
	}{
		{"unknown method", "/baidu.paddle_serving.pipeline_serving.PipelineService/other", good, codes.Unimplemented, ""},
		{"unknown service", "/x.Y/inference", good, codes.Unimplemented, ""},
		{"short service", "/PipelineService/inference", good, codes.Unimplemented, ""},
		{"garbage", inference, []byte{0xff, 0xff, 0xff}, codes.Internal, "Exception deserializing request!"},
		{"not UTF-8", inference, []byte{0x0a, 0x01, 0xff}, codes.Internal, "Exception deserializing request!"},
	} {
		if _, s := call(c.method, c.req); s == nil || s.Code() != c.code || c.message != "" && s.Message() != c.message {
			t.Errorf("%s: %v, want %v %s", c.name, s, c.code, c.message)
		}
	}
	// The Java client has clientip as field 5 and logid as 6 of another wire type.
	strange := append(bytes.Clone(good), 0x28, 0x01, 0x32, 0x01, 'x')
	for name, req := range map[string][]byte{"plain": good, "mis-numbered fields": strange} {
		if m, s := call(inference, req); s != nil || m.GetErrNo() != 0 || m.Value[0] != "[[18.901152]]" {
			t.Errorf("%s: %v, %v", name, m, s)
		}
	}
	if m, s := call(inference, good, grpc.UseCompressor("gzip")); s != nil || m.GetErrNo() != 0 {
		t.Errorf("gzip: %v, %v", m, s)
	}
	big, err := proto.Marshal(&pipelineserving.Request{Key: []string{"x"}, Value: []string{strings.Repeat(sample+";", 60000) + sample}})
	if err != nil {
		t.Fatal(err)
	}
	if m, s := call(inference, big); s != nil || m.GetErrNo() != 0 || len(big) < 6<<20 {
		t.Errorf("%d bytes: %v, %v", len(big), m, s)
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	var got []byte
	if err := conn.Invoke(ctx, inference, &good, &got); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("a deadline that has passed: %v", err)
	}
}

// TestLargeReply is of more than the 4 MiB at which the original's gateway gave up.
func TestLargeReply(t *testing.T) {
	long := strings.Repeat("y", 5_000_000)
	skip := moody{modes: map[string]mode{"": {pre: skips, post: gives(pipeline.Text("a", long))}}}
	r := serve(t, chain(t, uciConfig, options(t), []string{"uci"}, skip))
	if got := r.post(); len(got.Value) != 1 || got.Value[0] != long {
		t.Errorf("HTTP: err_no %d, %d values", got.No, len(got.Value))
	}
	var got, req []byte
	if err := dial(t, r).Invoke(t.Context(), inference, &req, &got); err != nil || len(got) < len(long) {
		t.Errorf("gRPC: %v, %d bytes", err, len(got))
	}
}

// TestTTHeader is a call of Kitex's own client.
func TestTTHeader(t *testing.T) {
	r := serveUCI(t)
	c, err := pipelineservice.NewClient("PipelineService", client.WithHostPorts(r.RPCAddr().String()),
		client.WithTransportProtocol(transport.TTHeader), client.WithMetaHandler(transmeta.ClientTTHeaderHandler), client.WithShortConnection())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		m, err := c.Inference(t.Context(), &pipelineserving.Request{Key: []string{"x"}, Value: []string{sample}, Name: "uci"})
		if err != nil || m.ErrNo != 0 || m.Value[0] != "[[18.901152]]" {
			t.Errorf("%v, %v", m, err)
		}
	}
	if m, err := c.Inference(t.Context(), &pipelineserving.Request{Name: "foo"}); err != nil || m.ErrNo != 3002 {
		t.Errorf("another name: %v, %v", m, err)
	}
}

// TestNotReady is a call before the server runs.
func TestNotReady(t *testing.T) {
	s, err := chain(t, uciConfig, options(t), []string{"uci"}, uci{}).Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Answer(t.Context(), &pipelineserving.Request{}); sampan.CodeOf(err) != sampan.Unavailable {
		t.Errorf("%v, want Unavailable", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Error(err)
	}
}
