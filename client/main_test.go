package client

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/codes"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/status"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"go.uber.org/goleak"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/listener"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/kitex_gen/generalmodel/generalmodelservice"
	"github.com/sampanml/sampan/server/rpc"
)

// Kitex and netpoll keep these for the life of the process. The ticker's count of its
// users can end one too high.
var processWide = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc.preallocateForStream"),
	// The clock of Hertz's date header.
	goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
}

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	goleak.VerifyTestMain(m, processWide...)
}

// handler is what a test's server does with a call.
type handler func(context.Context, *sampan.Request) (*sampan.Reply, error)

// Inference maps errors as Sampan's server does.
func (h handler) Inference(ctx context.Context, m *generalmodel.Request) (*generalmodel.Response, error) {
	r, err := wire.FromRequest(m)
	if err != nil {
		return nil, bizError(err)
	}
	reply, err := h(ctx, r)
	if err != nil {
		return nil, bizError(err)
	}
	out, err := wire.ToResponse(reply, r)
	if err != nil {
		return nil, bizError(err)
	}
	return out, nil
}

func (h handler) Debug(ctx context.Context, m *generalmodel.Request) (*generalmodel.Response, error) {
	return h.Inference(ctx, m)
}

func bizError(err error) error {
	var plain errPlain
	if errors.As(err, &plain) {
		return plain.error
	}
	code := sampan.CodeOf(err)
	biz := kerrors.NewGRPCBizStatusError(int32(code), err.Error())
	biz.(kerrors.GRPCStatusIface).SetGRPCStatus(status.New(codes.Code(code), err.Error()))
	return biz
}

// errPlain leaves the handler as it is, which a careless server would do.
type errPlain struct{ error }

// serve runs a server until the test ends or stop is called.
func serve(t testing.TB, h handler) (address string, stop func()) {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", h)
}

func serveAt(t testing.TB, address string, h handler) (string, func()) {
	t.Helper()
	begin := start
	if _, ok := overHTTP.Load(t); ok {
		begin = startHTTP
	}
	address, stop, err := begin(address, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return address, stop
}

func start(address string, h handler) (bound string, stop func(), err error) {
	plain, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	s, err := rpc.New(plain, h, rpc.Options{MaxMessage: 64 << 20, MaxConnections: 1000, Drain: 50 * time.Millisecond})
	if err != nil {
		return "", nil, err
	}
	s.Start()
	if err := awaitServing(plain.Addr().String()); err != nil {
		return "", nil, err
	}
	return plain.Addr().String(), sync.OnceFunc(func() {
		// Its error tells of calls that the end of the test cuts off.
		_ = s.Shutdown(context.Background())
	}), nil
}

// cloned is a request to keep: the server's is lent until the handler returns.
func cloned(r *sampan.Request) *sampan.Request {
	out := *r
	out.Inputs, out.Outputs = slices.Clone(r.Inputs), slices.Clone(r.Outputs)
	for i := range out.Inputs {
		t := &out.Inputs[i].Tensor
		t.Shape, t.Data = slices.Clone(t.Shape), slices.Clone(t.Data)
	}
	return &out
}

// Predict makes the handler the server's service.
func (h handler) Predict(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
	return h(ctx, r)
}

// awaitServing waits until connections are read from: one with a frame that is too large
// is closed then. Kitex must not be stopped while it starts.
func awaitServing(address string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("PRPC\xff\xff\xff\xff\xff\xff\xff\xff")); err != nil {
		return err
	}
	if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		return err
	}
	return nil
}

// serveKitex runs a server of nothing but Kitex.
func serveKitex(t testing.TB, h handler) (address string) {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := listener.Once(plain)
	if err != nil {
		t.Fatal(err)
	}
	exit, started := make(chan error), make(chan struct{})
	s := server.NewServer(
		server.WithListener(listener),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithMetaHandler(transmeta.ServerHTTP2Handler),
		server.WithEnableContextTimeout(true),
		server.WithExitWaitTime(0),
		server.WithExitSignal(func() <-chan error { close(started); return exit }),
	)
	if err := generalmodelservice.RegisterService(s, &h); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Its error tells of the listener that the end of the test closed.
		_ = s.Run()
	}()
	<-started
	t.Cleanup(func() { close(exit); <-done })
	return listener.Addr().String()
}

// sums answers every row of the only input with the sum of its elements.
func sums(_ context.Context, r *sampan.Request) (*sampan.Reply, error) {
	in := r.Inputs[0].Tensor
	x, err := sampan.View[float32](in)
	if err != nil {
		return nil, err
	}
	rows := in.Rows()
	price := make([]float32, rows)
	for i, v := range x {
		price[i*int(rows)/len(x)] += v
	}
	out, err := sampan.Of(sampan.Shape{rows, 1}, price)
	return &sampan.Reply{
		Outputs: []sampan.Output{{Engine: "GeneralInferOp_0", Tensors: []sampan.Named{{Name: "fc_0.tmp_1", Alias: "price", Tensor: out}}}},
		Profile: []int64{100, 200},
	}, err
}

// connect loads the uci config and connects to the addresses.
func connect(t testing.TB, config Config, addresses ...string) *Client {
	t.Helper()
	c := load(t, "testdata/uci")
	if err := c.ConnectWith(t.Context(), config, addresses...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

func load(t testing.TB, paths ...string) *Client {
	t.Helper()
	c, err := Load(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loadText loads a config written in the test.
func loadText(t testing.TB, text string) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "conf.prototxt")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return load(t, path)
}

// wantError checks code and text.
func wantError(t testing.TB, err error, code sampan.Code, text string) {
	t.Helper()
	var e *sampan.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want a *sampan.Error", err, err)
	}
	if e.Code != code || e.Error() != text {
		t.Fatalf("got %v: %s\nwant %v: %s", e.Code, e, code, text)
	}
}

var thirteen = []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}

// transports runs a test over all.
func transports(t *testing.T, f func(*testing.T, Config)) {
	rpcTransports(t, f)
	t.Run(HTTP.String(), func(t *testing.T) {
		overHTTP.Store(t, true)
		defer overHTTP.Delete(t)
		f(t, Config{Transport: HTTP})
	})
}

// rpcTransports leaves out HTTP, which carries no deadlines.
func rpcTransports(t *testing.T, f func(*testing.T, Config)) {
	for _, tr := range []Transport{TTHeader, GRPC, BaiduStd, Mux} {
		t.Run(tr.String(), func(t *testing.T) { f(t, Config{Transport: tr}) })
	}
}
