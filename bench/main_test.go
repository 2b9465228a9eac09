package bench

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	// Kitex, netpoll and Hertz keep these for the life of the process. The ticker's
	// count of its users can end one too high.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc.preallocateForStream"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"))
}

const uci = "testdata/uci.prototxt"

// protocols runs a test over all three.
func protocols(t *testing.T, f func(*testing.T, Protocol)) {
	for _, p := range Protocols {
		t.Run(string(p), func(t *testing.T) { f(t, p) })
	}
}

// encoded is a reply with a price of 18.9 in the protocol's form.
func encoded(t testing.TB, p Protocol) []byte {
	t.Helper()
	price, err := sampan.Of(sampan.Shape{1, 1}, []float32{18.9})
	if err != nil {
		t.Fatal(err)
	}
	reply := &sampan.Reply{Outputs: []sampan.Output{{Engine: "net", Tensors: []sampan.Named{{Name: "fc_0.tmp_1", Alias: "price", Tensor: price}}}}, Profile: []int64{1, 2}}
	if p == HTTP {
		text, err := wire.AppendResult(nil, reply)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	m, err := wire.ToResponse(reply, nil)
	if err != nil {
		t.Fatal(err)
	}
	message, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// start runs an echo server in this process, as a command would in another.
func start(ctx context.Context, p Protocol, reply []byte) (endpoint string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- ServeEcho(ctx, listener, p, reply) }()
	return listener.Addr().String(), func() error { cancel(); return <-done }, nil
}

// serve runs an echo server until the test ends or stop is called.
func serve(t testing.TB, p Protocol) (endpoint string, stop func()) {
	t.Helper()
	endpoint, end, err := start(context.Background(), p, encoded(t, p))
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := end(); err != nil {
			t.Errorf("echo server: %v", err)
		}
	}
	t.Cleanup(stop)
	return endpoint, stop
}

// deaf is an address at which nobody listens.
func deaf(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
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
