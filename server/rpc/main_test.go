package rpc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/klog"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// Kitex and netpoll keep these for the life of the process.
var processWide = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
}

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	goleak.VerifyTestMain(m, append(processWide, goleak.Cleanup(func(code int) {
		// Every call has given its memory back.
		if n := loan.Out(); n != 0 {
			fmt.Printf("%d bytes are still lent\n", n)
			code = 1
		}
		os.Exit(code)
	}))...)
}

// predictor is what a test's server does with a call.
type predictor func(context.Context, *sampan.Request) (*sampan.Reply, error)

func (p predictor) Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	return p(ctx, req)
}

// echo answers with the inputs, as the server did from which the echo_* recordings are.
func echo(_ context.Context, req *sampan.Request) (*sampan.Reply, error) {
	return &sampan.Reply{Outputs: []sampan.Output{{Engine: "GeneralInferOp_0", Tensors: req.Inputs}}, Profile: []int64{1, 2}}, nil
}

// front is a server under test.
type front struct {
	*Server
	t       testing.TB
	address string
	stop    func() error
}

// listen runs a server on a free port of the loopback until the test ends.
func listen(t testing.TB, p predictor, o Options) *front {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = 64 << 20
	}
	if o.Drain == 0 {
		o.Drain = 10 * time.Second
	}
	o.MaxConnections = 5000
	s, err := New(ln, p, o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	f := &front{Server: s, t: t, address: ln.Addr().String()}
	f.stop = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return s.Shutdown(ctx)
	}
	t.Cleanup(func() {
		if err := f.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	f.dial().answers()
	return f
}

// line is a connection to a server under test.
type line struct {
	net.Conn
	t  testing.TB
	in *bufio.Reader
}

func (f *front) dial() *line {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	return &line{conn, f.t, bufio.NewReader(conn)}
}

func (l *line) send(frame []byte) {
	l.t.Helper()
	if _, err := l.Write(frame); err != nil {
		l.t.Fatal(err)
	}
}

// receive returns one frame as it came.
func (l *line) receive() ([]byte, error) {
	if err := l.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	header := make([]byte, baidu.HeaderSize)
	if _, err := io.ReadFull(l.in, header); err != nil {
		return nil, err
	}
	h, err := baidu.ParseHeader(header, 1<<30)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Body)
	_, err = io.ReadFull(l.in, body)
	return append(header, body...), err
}

// reply returns one frame, taken apart.
func (l *line) reply() *baidu.Frame {
	l.t.Helper()
	raw, err := l.receive()
	if err != nil {
		l.t.Fatal(err)
	}
	return parse(l.t, raw)
}

func parse(t testing.TB, raw []byte) *baidu.Frame {
	t.Helper()
	h, err := baidu.ParseHeader(raw, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	f, err := h.Split(raw[baidu.HeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// answers makes one good call and checks its reply.
func (l *line) answers() {
	l.t.Helper()
	const id = 1 << 40
	l.send(frame(l.t, callMeta(id), floats(13)))
	f := l.reply()
	if code := f.Meta.GetResponse().GetErrorCode(); code != 0 || f.Meta.GetCorrelationId() != id {
		l.t.Fatalf("a good call: error %d %q, correlation id %d", code, f.Meta.GetResponse().GetErrorText(), f.Meta.GetCorrelationId())
	}
	var got generalmodel.Response
	if err := proto.Unmarshal(f.Payload, &got); err != nil || len(got.GetOutputs()) != 1 || len(got.Outputs[0].Tensor[0].FloatData) != 13 {
		l.t.Fatalf("a good call: %v %v", &got, err)
	}
}

// closed waits until the server has closed the connection without another word.
func (l *line) closed() {
	l.t.Helper()
	if raw, err := l.receive(); err == nil {
		l.t.Fatalf("the server answered %q, want the connection closed", raw)
	} else if e, ok := err.(net.Error); ok && e.Timeout() {
		l.t.Fatal("the connection is still open")
	}
}

func callMeta(id int64) *baidurpc.RpcMeta {
	return &baidurpc.RpcMeta{
		Request:       &baidurpc.RpcRequestMeta{ServiceName: proto.String(generalModelService), MethodName: proto.String("inference")},
		CorrelationId: proto.Int64(id),
	}
}

// floats is a request with one tensor of n elements in one row.
func floats(n int) *generalmodel.Request {
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(i)
	}
	return &generalmodel.Request{Tensor: []*generalmodel.Tensor{{FloatData: data, ElemType: 1, Name: "x", AliasName: "x", Shape: []int32{1, int32(n)}}}}
}

// frame makes a request's bytes; the message is compressed as the meta says.
func frame(t testing.TB, meta *baidurpc.RpcMeta, m *generalmodel.Request) []byte {
	t.Helper()
	plain, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	message, err := baidu.Compression(meta.GetCompressType()).Compress(nil, plain)
	if err != nil {
		t.Fatal(err)
	}
	return rawFrame(t, meta, message)
}

// rawFrame puts any bytes in a message's place.
func rawFrame(t testing.TB, meta *baidurpc.RpcMeta, message []byte) []byte {
	t.Helper()
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
