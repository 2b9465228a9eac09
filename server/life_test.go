package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/transport"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/sampanml/sampan"
	sdk "github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/generalmodel/generalmodelservice"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server"
)

// slowOp passes tensors on when it is let go, or when its context ends.
type slowOp struct{}

var slow = struct {
	entered chan struct{}
	release chan struct{}
	// ended has room for the runs whose context ended.
	ended chan struct{}
}{make(chan struct{}, 64), make(chan struct{}), make(chan struct{}, 64)}

func (slowOp) Run(ctx context.Context, f *ops.Frame) error {
	slow.entered <- struct{}{}
	select {
	case <-slow.release:
		f.Output.Tensors = f.Inputs[0].Tensors
		return nil
	case <-ctx.Done():
		slow.ended <- struct{}{}
		return sampan.ContextError(ctx)
	}
}

type panicOp struct{}

func (panicOp) Run(context.Context, *ops.Frame) error { panic("a secret of the inside") }

func init() {
	ops.Register("TestSlowOp", func(ops.Config) (ops.Op, error) { return slowOp{}, nil })
	ops.Register("TestPanicOp", func(ops.Config) (ops.Op, error) { return panicOp{}, nil })
}

func slowServer(t *testing.T) *running {
	return serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, Ops: []string{"GeneralInferOp", "TestSlowOp:0"}})
}

func TestStopLetsCallsFinish(t *testing.T) {
	r := slowServer(t)
	type answer struct {
		door string
		err  error
	}
	answers := make(chan answer, 3)
	go func() {
		_, err := r.ttheader(context.Background(), good())
		answers <- answer{"TTHeader", err}
	}()
	go func() {
		resp, err := http.Post(r.url("/uci/prediction"), "application/json", strings.NewReader(string(goodFeed(t))))
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode != 200 {
				err = errors.New(resp.Status)
			}
		}
		answers <- answer{"HTTP", err}
	}()
	f := r.grpc()
	go func() {
		_, err := f.call(context.Background(), inference, `{"tensor":[{"floatData":[1,2,3,4,5,6,7,8,9,10,11,12,13],"elemType":1,"name":"x","shape":[1,13]}]}`)
		answers <- answer{"gRPC", err}
	}()
	for range 3 {
		<-slow.entered
	}
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	r.refusesSoon()
	select {
	case err := <-stopped:
		t.Fatalf("stopped with calls under way: %v", err)
	default:
	}
	for range 3 {
		slow.release <- struct{}{}
	}
	for range 3 {
		if a := <-answers; a.err != nil {
			t.Errorf("%s: the call under way failed: %v", a.door, a.err)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// refusesSoon waits until new connections are refused.
func (r *running) refusesSoon() {
	r.t.Helper()
	for range 500 {
		conn, err := net.Dial("tcp", r.Addr().String())
		if err != nil {
			return
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("the port still takes connections")
}

func TestIdleConnectionsDoNotHoldTheDrain(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	keep := &http.Client{Transport: &http.Transport{}}
	defer keep.CloseIdleConnections()
	var reused atomic.Int32
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if i.Reused {
			reused.Add(1)
		}
	}})
	for range 3 {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url("/uci/prediction"), strings.NewReader(string(goodFeed(t))))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := keep.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if reused.Load() != 2 {
		t.Errorf("%d of 3 requests came over the kept connection, want 2", reused.Load())
	}
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("an idle keep-alive connection holds the stop")
	}
}

func TestDeadlines(t *testing.T) {
	r := slowServer(t)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := r.grpc().call(ctx, inference, `{"tensor":[{"floatData":[1,2,3,4,5,6,7,8,9,10,11,12,13],"elemType":1,"name":"x","shape":[1,13]}]}`)
	if code, text := grpcCode(err); code != sampan.DeadlineExceeded {
		t.Errorf("gRPC: %s %s, want DeadlineExceeded", code, text)
	}
	<-slow.entered
}

func TestDeadlineOverTTHeader(t *testing.T) {
	r := slowServer(t)
	c, err := sdk.Load(fixture.Repo("examples", "fit_a_line", "uci_housing_client"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Connect(context.Background(), r.Addr().String()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Predict(ctx, sdk.Feed{"x": sample}, nil); sampan.CodeOf(err) != sampan.DeadlineExceeded {
		t.Errorf("got %v, want DeadlineExceeded", err)
	}
	<-slow.entered
	// The op ends with the deadline that travelled: without it, only with the server's
	// own, a minute later, and the drain of this test would show it.
}

// A caller who closes the connection ends the call, long before the server's deadline.
func TestCallerWhoLeaves(t *testing.T) {
	r := slowServer(t)
	for door, call := range map[string]func(context.Context) error{
		"TTHeader": func(ctx context.Context) error {
			// Without its meta handler Kitex keeps the timeout to itself.
			c, err := generalmodelservice.NewClient("sampan", client.WithHostPorts(r.Addr().String()),
				client.WithTransportProtocol(transport.TTHeader), client.WithShortConnection(), client.WithRPCTimeout(100*time.Millisecond))
			if err != nil {
				return err
			}
			_, err = c.Inference(ctx, good())
			return err
		},
		"HTTP": func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url("/uci/prediction"), strings.NewReader(string(goodFeed(t))))
			if err != nil {
				return err
			}
			resp, err := httpClient.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			return err
		},
		"gRPC": func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			_, err := r.grpc().call(ctx, inference, `{"tensor":[{"floatData":[1,2,3,4,5,6,7,8,9,10,11,12,13],"elemType":1,"name":"x","shape":[1,13]}]}`)
			return err
		},
	} {
		for len(slow.ended) > 0 {
			<-slow.ended
		}
		if err := call(context.Background()); err == nil {
			t.Errorf("%s: no error", door)
		}
		<-slow.entered
		select {
		case <-slow.ended:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: the op runs on for nobody", door)
		}
	}
}

func TestServerTimeout(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}},
		Ops: []string{"GeneralInferOp", "TestSlowOp:0"}, Timeout: 50 * time.Millisecond})
	status, body := r.post("/uci/prediction", "application/json", goodFeed(t))
	if text := r.httpError(body); status != 504 || !strings.Contains(text, "deadline") {
		t.Errorf("HTTP: %d %s, want 504", status, text)
	}
	<-slow.entered
	if _, err := r.ttheader(context.Background(), good()); err == nil {
		t.Error("TTHeader: no error")
	} else if code, _ := kitexCode(err); code != sampan.DeadlineExceeded {
		t.Errorf("TTHeader: %v, want DeadlineExceeded", err)
	}
	<-slow.entered
}

func TestPanicInAnOp(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, Ops: []string{"GeneralInferOp", "TestPanicOp:0"}})
	for range 2 {
		status, body := r.post("/uci/prediction", "application/json", goodFeed(t))
		if text := r.httpError(body); status != 500 || strings.Contains(text, "secret") {
			t.Errorf("HTTP: %d %s, want 500 without the panic's text", status, text)
		}
		_, err := r.ttheader(context.Background(), good())
		if code, text := kitexCode(err); code != sampan.Internal || strings.Contains(text, "secret") {
			t.Errorf("TTHeader: %s %s", code, text)
		}
	}
}

func TestHealthAndReflection(t *testing.T) {
	r := slowServer(t)
	conn := r.grpc().conn
	health := healthpb.NewHealthClient(conn)
	for _, service := range []string{"", "baidu.paddle_serving.predictor.general_model.GeneralModelService"} {
		resp, err := health.Check(context.Background(), &healthpb.HealthCheckRequest{Service: service})
		if err != nil || resp.Status != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("health of %q: %v %v", service, resp, err)
		}
	}
	if _, err := health.Check(context.Background(), &healthpb.HealthCheckRequest{Service: "nobody"}); err == nil {
		t.Error("health of an unknown service: no error")
	} else if code, _ := grpcCode(err); code != sampan.NotFound {
		t.Errorf("health of an unknown service: %v", err)
	}
	stream, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	names := func(req *reflectionpb.ServerReflectionRequest) *reflectionpb.ServerReflectionResponse {
		t.Helper()
		if err := stream.Send(req); err != nil {
			t.Fatal(err)
		}
		resp, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	list := names(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
	if n := len(list.GetListServicesResponse().GetService()); n != 3 {
		t.Errorf("reflection lists %d services, want 3: %v", n, list)
	}
	file := names(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{
		FileContainingSymbol: "baidu.paddle_serving.predictor.general_model.GeneralModelService"}})
	if len(file.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
		t.Errorf("reflection has no file for the service: %v", file)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the end of reflection: %v", err)
	}

	watch, err := health.Watch(context.Background(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := watch.Recv(); err != nil || resp.Status != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("watch: %v %v", resp, err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if resp, err := watch.Recv(); err != nil || resp.Status != healthpb.HealthCheckResponse_NOT_SERVING {
			t.Errorf("watch of a stopping server: %v %v", resp, err)
		}
	})
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

func TestGzipOverGRPC(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	f := r.grpc(grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	reply, err := f.call(context.Background(), inference, `{"tensor":[{"floatData":[1,2,3,4,5,6,7,8,9,10,11,12,13],"elemType":1,"name":"x","shape":[1,13]}]}`)
	if err != nil || !strings.Contains(reply, "price") {
		t.Errorf("%s %v", reply, err)
	}
}

func TestTwoPorts(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, HTTPPort: port})
	resp, err := httpClient.Post("http://"+r.HTTPAddr().String()+"/uci/prediction", "application/json", strings.NewReader(string(goodFeed(t))))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("the HTTP port: %s", resp.Status)
	}
	r.answers()
}

func TestPortTaken(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = server.New(context.Background(), server.Config{
		Host: "127.0.0.1", Port: r.Addr().(*net.TCPAddr).Port, Models: []server.ModelConfig{{Path: uci()}},
		Backend: backend, Translators: []engine.Translator{paddle.Format{}},
	})
	if err == nil || !strings.Contains(err.Error(), "is already used") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line", err)
	}
	r.answers()
}

func TestModelFaults(t *testing.T) {
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file, content, want string
	}{
		"empty program":          {"__model__", "", "__model__"},
		"text program":           {"__model__", "a text about houses", "__model__"},
		"corrupt program":        {"__model__", "\x0a\xff\xff\xff\xff\x0f", "__model__"},
		"truncated weights":      {"fc_0.w_0", "\x00\x00\x00\x00\x00\x00", "fc_0.w_0"},
		"unknown prototxt field": {"serving_server_conf.prototxt", `feed_var { name: "x" colour: 3 }`, "colour"},
		"prototxt with other dtype": {"serving_server_conf.prototxt", `feed_var { name: "x" feed_type: 0 shape: 13 } fetch_var { name: "fc_0.tmp_1" fetch_type: 1 shape: 1 }`,
			`feed_var "x": feed_type says int64, the model has float32`},
		"prototxt with other size": {"serving_server_conf.prototxt", `feed_var { name: "x" feed_type: 1 shape: 14 } fetch_var { name: "fc_0.tmp_1" fetch_type: 1 shape: 1 }`,
			`feed_var "x": shape [14]`},
		"prototxt with other name": {"serving_server_conf.prototxt", `feed_var { name: "y" feed_type: 1 shape: 13 } fetch_var { name: "fc_0.tmp_1" fetch_type: 1 shape: 1 }`,
			`feed_var "y" is not in the model, which has "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyModel(t)
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.content), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := server.New(context.Background(), server.Config{
				Host: "127.0.0.1", Models: []server.ModelConfig{{Path: dir}},
				Backend: backend, Translators: []engine.Translator{paddle.Format{}},
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestConfDirectory(t *testing.T) {
	dir := t.TempDir()
	model := uci()
	for name, text := range map[string]string{
		"infer_service.prototxt": `port: 0 services { name: "GeneralModelService" workflows: "workflow1" }`,
		"workflow.prototxt": `workflows { name: "workflow1" workflow_type: "Sequence"
			nodes { name: "general_reader_0" type: "GeneralReaderOp" }
			nodes { name: "general_infer_0" type: "GeneralInferOp" dependencies { name: "general_reader_0" mode: "RO" } }
			nodes { name: "general_response_0" type: "GeneralResponseOp" dependencies { name: "general_infer_0" mode: "RO" } } }`,
		"resource.prototxt":      `model_toolkit_path: "` + dir + `" model_toolkit_file: "model_toolkit.prototxt"`,
		"model_toolkit.prototxt": `engines { name: "general_infer_0" type: "PADDLE_INFER" reloadable_meta: "` + model + `/fluid_time_file" reloadable_type: "timestamp_ne" model_dir: "` + model + `" gpu_ids: -1 }`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := serve(t, server.Config{Name: "uci", ConfDir: dir})
	r.answers()
}
