package server_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server"
	"github.com/sampanml/sampan/server/rpc"
)

// paddleClientEnv names the python in which Paddle Serving 0.9.0's own client is
// installed, unmodified.
const paddleClientEnv = "SAMPAN_PADDLE_CLIENT"

// paddleClient prepares a scenario of testdata/paddle_client.py.
func paddleClient(t *testing.T, scenario, conf string, addresses ...string) *exec.Cmd {
	t.Helper()
	python := os.Getenv(paddleClientEnv)
	if python == "" {
		t.Skipf("SKIPPED: %s does not name a python with paddle_serving_client 0.9.0", paddleClientEnv)
	}
	script, err := filepath.Abs(filepath.Join("testdata", "paddle_client.py"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, python, append([]string{script, scenario, conf}, addresses...)...)
	// The client writes its log where it stands.
	cmd.Dir = t.TempDir()
	return cmd
}

func passes(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "ok\n") {
		t.Errorf("%v\n%s", err, out[max(0, len(out)-4000):])
	}
}

func uciClient() string {
	return fixture.Repo("examples", "fit_a_line", "uci_housing_client", "serving_client_conf.prototxt")
}

func TestPaddleClient(t *testing.T) {
	config := server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}}
	for _, scenario := range []string{"uci", "threads"} {
		t.Run(scenario, func(t *testing.T) {
			cmd := paddleClient(t, scenario, uciClient())
			cmd.Args = append(cmd.Args, serve(t, config).Addr().String())
			passes(t, cmd)
		})
	}
	t.Run("variants", func(t *testing.T) {
		cmd := paddleClient(t, "variants", uciClient())
		cmd.Args = append(cmd.Args, serve(t, config).Addr().String(), serve(t, config).Addr().String())
		passes(t, cmd)
	})
}

// TestPaddleClientTensors: sequences, several inputs and strings arrive as they were fed.
func TestPaddleClientTensors(t *testing.T) {
	for scenario, c := range map[string]struct {
		conf  string
		reply func(in map[string]sampan.Tensor) (alias string, row []float32, err error)
	}{
		"lod": {"imdb", func(in map[string]sampan.Tensor) (string, []float32, error) {
			words, err := sampan.View[int64](in["words"])
			var out []float32
			for _, w := range words {
				out = append(out, float32(w))
			}
			return "prediction", out, err
		}},
		"inputs": {"im", func(in map[string]sampan.Tensor) (string, []float32, error) {
			image, err := sampan.View[float32](in["image"])
			var sum float32
			for _, v := range image {
				sum += v
			}
			ids, _ := sampan.View[int32](in["ids"])
			big, _ := sampan.View[int64](in["big"])
			size, _ := sampan.View[float32](in["im_shape"])
			return "out", []float32{float32(len(image)), sum, float32(ids[0] + ids[1] + ids[2]), size[0] + size[1], float32(len(ids)), float32(len(big))}, err
		}},
		"strings": {"str", func(in map[string]sampan.Tensor) (string, []float32, error) {
			text, err := in["image"].Strings()
			return "texts", []float32{float32(len(text[0]))}, err
		}},
	} {
		t.Run(scenario, func(t *testing.T) {
			cmd := paddleClient(t, scenario, fixture.Shared(t, "wire", "paddle_client_0.9.0", "conf", c.conf+".prototxt"))
			cmd.Args = append(cmd.Args, listen(t, func(_ context.Context, req *sampan.Request) (*sampan.Reply, error) {
				in := map[string]sampan.Tensor{}
				for _, n := range req.Inputs {
					in[n.Public()] = n.Tensor
				}
				alias, values, err := c.reply(in)
				if err != nil {
					return nil, err
				}
				shape := map[string]sampan.Shape{
					"lod": {int64(len(values)), 1}, "inputs": {1, int64(len(values))}, "strings": {1},
				}[scenario]
				out, err := sampan.Of(shape, values)
				if lod := in["words"].LoD; err == nil && scenario == "lod" && (len(lod) != 1 || len(lod[0]) != 3 || lod[0][1] != 2) {
					err = sampan.Errorf(sampan.InvalidArgument, "lod %v, want [0 2 5]", lod)
				}
				return &sampan.Reply{Outputs: []sampan.Output{{Engine: "e", Tensors: []sampan.Named{{Name: alias, Alias: alias, Tensor: out}}}}, Profile: []int64{1, 2}}, err
			}))
			passes(t, cmd)
		})
	}
}

// answering is a service made of a function.
type answering func(context.Context, *sampan.Request) (*sampan.Reply, error)

func (a answering) Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	return a(ctx, req)
}

// listen serves a function on the RPC port until the test ends.
func listen(t *testing.T, a answering) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := rpc.New(ln, a, rpc.Options{MaxMessage: 64 << 20, MaxConnections: 100, Drain: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// TestPaddleClientRestarts: a client goes on with a server that is stopped and started
// again while it calls.
func TestPaddleClientRestarts(t *testing.T) {
	cmd := paddleClient(t, "restarts", uciClient())
	config := server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}}
	r := serve(t, config)
	address := r.Addr().String()
	cmd.Args = append(cmd.Args, address)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if config.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		time.Sleep(500 * time.Millisecond)
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		r = serve(t, config)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "ok\n") {
		t.Errorf("%v\n%s", err, out.String()[max(0, out.Len()-4000):])
	}
	t.Log(strings.TrimSpace(out.String()[max(0, out.Len()-60):]))
}

// TestPaddleClientReload: no call of a client fails while the model is loaded anew.
func TestPaddleClientReload(t *testing.T) {
	cmd := paddleClient(t, "reloads", uciClient())
	dir := copyModel(t)
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: dir}}, ReloadInterval: 10 * time.Millisecond})
	cmd.Args = append(cmd.Args, r.Addr().String())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		// The client needs a second to begin, and some time with each version.
		time.Sleep(2 * time.Second / time.Duration(1+i))
		if i > 0 {
			raise(t, dir, float32(i))
		}
	}
	time.Sleep(time.Second)
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "ok\n") {
		t.Errorf("%v\n%s", err, out.String()[max(0, out.Len()-4000):])
	}
	t.Log(strings.TrimSpace(out.String()[max(0, out.Len()-60):]))
}
