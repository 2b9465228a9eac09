package client_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	sampanserver "github.com/sampanml/sampan/server"
	"github.com/sampanml/sampan/server/pipeline"
)

// foreignEnv names the folder that `./build.sh foreign` fills with other languages'
// clients.
const foreignEnv = "SAMPAN_FOREIGN"

var uciConfig = fixture.Repo("examples", "fit_a_line", "uci_housing_client", "serving_client_conf.prototxt")

// serveModel runs a whole server with the tutorial's model.
func serveModel(t *testing.T) (address string) {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sampanserver.New(t.Context(), sampanserver.Config{
		Name: "uci", Host: "127.0.0.1", Models: []sampanserver.ModelConfig{{Path: fixture.Repo("examples", "fit_a_line", "uci_housing_model")}},
		Backend: backend, Translators: []engine.Translator{paddle.Format{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	address = s.Addr().String()
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if reply, err := once.Get("http://" + address + "/readyz"); err == nil {
			reply.Body.Close()
			if reply.StatusCode == http.StatusOK {
				return address
			}
		}
		if time.Now().After(end) {
			t.Fatal("the server did not become ready")
		}
	}
}

// foreign runs a client of another language, which says ok in the end.
func foreign(t *testing.T, address, program, script string, args ...string) {
	home := os.Getenv(foreignEnv)
	if home == "" {
		t.Skipf("SKIPPED: %s does not name the folder that `./build.sh foreign` makes", foreignEnv)
	}
	if path := filepath.Join(home, program); filepath.Base(program) != program {
		program = path
	}
	file, err := filepath.Abs(filepath.Join("testdata", "foreign", script))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{file, address}, args...)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(home, "node_modules"), "PADDLE_SERVING_CLIENT="+filepath.Join(home, "paddle"),
		"PYTHONDONTWRITEBYTECODE=1")
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "ok\n") {
		t.Errorf("%v\n%s", err, out[max(0, len(out)-4000):])
	}
}

// What others wrote calls the server, each with the messages of idl/.
func TestForeignClients(t *testing.T) {
	address := serveModel(t)
	proto := fixture.Repo("idl", "general_model_service.proto")
	t.Run("Python gRPC", func(t *testing.T) { foreign(t, address, "python/bin/python", "grpc_client.py", proto) })
	t.Run("Python HTTP", func(t *testing.T) { foreign(t, address, "python/bin/python", "http_client.py") })
	t.Run("Paddle HttpClient", func(t *testing.T) { foreign(t, address, "python/bin/python", "paddle_http_client.py", uciConfig) })
	t.Run("Node gRPC", func(t *testing.T) { foreign(t, address, "node", "node_client.js", proto) })
}

// uciOp is the op of Paddle Serving's first pipeline.
type uciOp struct{ pipeline.Op }

func (uciOp) Preprocess(_ context.Context, in pipeline.Inputs) (pipeline.Feed, error) {
	v, err := in.Value("x")
	if err != nil {
		return pipeline.Feed{}, err
	}
	if x, ok := v.(sampan.Tensor); ok {
		return pipeline.Run(pipeline.Input("x", x)), nil
	}
	x, err := pipeline.Rows(v.(string))
	return pipeline.Run(pipeline.Input("x", x)), err
}

func (uciOp) Postprocess(_ context.Context, _ pipeline.Inputs, out pipeline.Fetch) (pipeline.Result, error) {
	price, err := out.Tensor("price")
	if err != nil {
		return nil, err
	}
	text, err := pipeline.Str(price)
	return pipeline.Result{pipeline.Text("price", text)}, err
}

// Paddle Serving's own client of pipelines calls one of ours.
func TestPaddlePipelineClient(t *testing.T) {
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	config := "rpc_port: 9998\nop: {uci: {local_service_conf: {model_config: ../examples/fit_a_line/uci_housing_model}}}"
	svc := pipeline.Parse("uci", []byte(config), pipeline.Options{
		Backend: backend, Translators: []engine.Translator{paddle.Format{}}, Host: "127.0.0.1", FreePorts: true,
	})
	svc.Respond(svc.Add("uci", uciOp{}, svc.Request()))
	s, err := svc.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	for !s.Ready() {
		time.Sleep(time.Millisecond)
	}
	foreign(t, s.RPCAddr().String(), "python/bin/python", "paddle_pipeline_client.py")
}

// The SDK against a whole server, over every transport: the same price, and the codes
// that a transport can carry.
func TestWholeServer(t *testing.T) {
	address := serveModel(t)
	sample := []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}
	for _, scheme := range []string{"ttheader", "mux", "grpc", "baidu_std", "http"} {
		t.Run(scheme, func(t *testing.T) {
			c, err := client.Load(uciConfig)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Connect(t.Context(), scheme+"://"+address); err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for range 3 {
				out, err := c.PredictRows(t.Context(), []client.Feed{{"x": sample}, {"x": sample}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				// As Paddle Serving's tutorial publishes it.
				if got, err := out.Float32s("price"); err != nil || len(got) != 2 || got[0] != got[1] || got[0] < 18.9011 || got[0] > 18.9012 {
					t.Errorf("got %v, %v", got, err)
				}
			}
			bad, err := sampan.Of(sampan.Shape{1, 12}, sample[:12])
			if err != nil {
				t.Fatal(err)
			}
			p, err := client.Pack(&sampan.Request{Inputs: []sampan.Named{{Name: "x", Alias: "x", Tensor: bad}}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Send(t.Context(), p)
			if sampan.CodeOf(err) != sampan.InvalidArgument || !strings.Contains(err.Error(), `shape [1 12], want [-1 13]`) {
				t.Errorf("got %v: %v", sampan.CodeOf(err), err)
			}
		})
	}
}
