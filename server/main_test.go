package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/kitex_gen/generalmodel/generalmodelservice"
	"github.com/sampanml/sampan/server"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.Cleanup(func(code int) {
			// Every call has given its memory back.
			if n := loan.Out(); n != 0 {
				fmt.Printf("%d bytes are still lent\n", n)
				code = 1
			}
			os.Exit(code)
		}),
		// Process-wide: netpoll's pollers, the date header's clock of Hertz, and what Kitex starts for the
		// clients of these tests.
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createTicker.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createWorker.func1"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc.preallocateForStream"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
	)
}

// sample is the tutorial's; the answer is the one that Paddle Serving publishes.
var sample = []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}

const price = 18.901151657104492

// uci is the example model that ships.
func uci() string { return fixture.Repo("examples", "fit_a_line", "uci_housing_model") }

// running is a server under test and clients to each of its doors.
type running struct {
	*server.Server
	t    testing.TB
	stop func() error
}

// serve runs a server on a free port of the loopback until the test ends.
func serve(t testing.TB, c server.Config) *running {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	c.Host, c.Backend, c.Translators = "127.0.0.1", backend, []engine.Translator{paddle.Format{}}
	s, err := server.New(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r := &running{Server: s, t: t}
	var ended bool
	var result error
	r.stop = func() error {
		cancel()
		if !ended {
			result, ended = <-done, true
		}
		return result
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	r.waitReady()
	return r
}

// waitReady polls readiness, as a cluster would.
func (r *running) waitReady() {
	r.t.Helper()
	for range 500 {
		if resp, err := httpClient.Get(r.url("/readyz")); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("the server did not become ready")
}

var httpClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}

func (r *running) url(path string) string { return "http://" + r.Addr().String() + path }

// post returns status and body.
func (r *running) post(path, contentType string, body []byte) (int, string) {
	r.t.Helper()
	resp, err := httpClient.Post(r.url(path), contentType, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// httpError checks the form of an error reply and returns its text.
func (r *running) httpError(body string) string {
	r.t.Helper()
	var reply map[string]string
	if err := json.Unmarshal([]byte(body), &reply); err != nil || len(reply) != 1 || reply["error"] == "" {
		r.t.Errorf("error reply %q is not {\"error\":\"…\"}", body)
	}
	return reply["error"]
}

// generalError checks the form of the general model service's error reply, for the code
// that comes with it, and returns its text.
func (r *running) generalError(body string, number int) string {
	r.t.Helper()
	text, ok := strings.CutPrefix(body, fmt.Sprintf("[%v][E%d]", r.Addr(), number))
	if !ok {
		r.t.Errorf("error reply %q does not begin with [%v][E%d]", body, r.Addr(), number)
	}
	return text
}

// errorText is the text of an error reply in the form that its path's dialect has;
// number is the code where there is one.
func (r *running) errorText(path, body string, number int) string {
	r.t.Helper()
	if strings.HasSuffix(path, "/prediction") {
		return r.httpError(body)
	}
	return r.generalError(body, number)
}

// ttheader calls over Kitex with the generated client.
func (r *running) ttheader(ctx context.Context, req *generalmodel.Request) (*generalmodel.Response, error) {
	r.t.Helper()
	c, err := generalmodelservice.NewClient("sampan", client.WithHostPorts(r.Addr().String()),
		client.WithTransportProtocol(transport.TTHeader), client.WithMetaHandler(transmeta.ClientTTHeaderHandler), client.WithShortConnection())
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Inference(ctx, req)
}

// kitexCode is the code that a Kitex client sees.
func kitexCode(err error) (sampan.Code, string) {
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		return sampan.Code(biz.BizStatusCode()), biz.BizMessage()
	}
	return 0, err.Error()
}

// foreign is a gRPC client by grpc-go with messages read from the .proto file.
type foreign struct {
	conn              *grpc.ClientConn
	request, response protoreflect.MessageDescriptor
}

func (r *running) grpc(options ...grpc.DialOption) *foreign {
	r.t.Helper()
	compiler := protocompile.Compiler{Resolver: &protocompile.SourceResolver{ImportPaths: []string{fixture.Repo("idl")}}}
	files, err := compiler.Compile(context.Background(), "general_model_service.proto")
	if err != nil {
		r.t.Fatal(err)
	}
	conn, err := grpc.NewClient(r.Addr().String(), append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	messages := files[0].Messages()
	return &foreign{conn, messages.ByName("Request"), messages.ByName("Response")}
}

const inference = "/baidu.paddle_serving.predictor.general_model.GeneralModelService/inference"

// call sends a request given as protojson and returns the reply as protojson.
func (f *foreign) call(ctx context.Context, method, request string, options ...grpc.CallOption) (string, error) {
	in, out := dynamicpb.NewMessage(f.request), dynamicpb.NewMessage(f.response)
	if err := protojson.Unmarshal([]byte(request), in); err != nil {
		return "", err
	}
	if err := f.conn.Invoke(ctx, method, in, out, options...); err != nil {
		return "", err
	}
	text, err := protojson.Marshal(out)
	return string(text), err
}

// grpcCode is the code that a gRPC client sees.
func grpcCode(err error) (sampan.Code, string) {
	s := grpcstatus.Convert(err)
	return sampan.Code(s.Code()), s.Message()
}

// copyModel copies the example model to a directory where a test may spoil it.
func copyModel(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "uci_housing_model")
	if err := os.CopyFS(dir, os.DirFS(uci())); err != nil {
		t.Fatal(err)
	}
	return dir
}

// onnxDirectory is a directory with an ONNX file and Paddle's signature beside it,
// which must name the model's own variables.
func onnxDirectory(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	data, err := os.ReadFile(fixture.Shared(t, "fit_a_line", "fit_a_line.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	conf := `feed_var { name: "x" alias_name: "x" feed_type: 1 shape: 13 } fetch_var { name: "price" alias_name: "price" fetch_type: 1 shape: 1 }`
	for name, content := range map[string][]byte{"linear.onnx": data, "serving_server_conf.prototxt": []byte(conf)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
