package server_test

import (
	"cmp"
	"context"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	sdk "github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
	"github.com/sampanml/sampan/server"
)

// addModel copies the tutorial's model into a repository, with its prices raised.
func addModel(t testing.TB, path string, by float32) {
	t.Helper()
	if err := os.CopyFS(path, os.DirFS(uci())); err != nil {
		t.Fatal(err)
	}
	raise(t, path, by)
}

// shelf is a repository with uci 1 and 2, whose prices are higher by as much, linear, an
// ONNX file, and broken, which is none.
func shelf(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	addModel(t, filepath.Join(dir, "uci", "1"), 1)
	addModel(t, filepath.Join(dir, "uci", "2"), 2)
	for _, name := range []string{"linear", "broken"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(fixture.Shared(t, "fit_a_line", "fit_a_line.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "linear", "linear.onnx"), data)
	replace(t, filepath.Join(dir, "broken", "model.onnx"), []byte("garbage"))
	return dir
}

// asks checks what a model answers, or says, over HTTP.
func (r *running) asks(model string, status int, want string) {
	r.t.Helper()
	if got, body := r.post("/"+model+"/prediction", "application/json", goodFeed(r.t)); got != status || !strings.Contains(body, want) {
		r.t.Errorf("%s: %d %s, want %d %s", model, got, body, status, want)
	}
}

func TestModelRepository(t *testing.T) {
	dir := shelf(t)
	r := serve(t, server.Config{Repository: dir, Policy: engine.VersionPolicy{All: true}, ReloadInterval: 10 * time.Millisecond})
	if err := r.Repository().Label("uci", "stable", "1"); err != nil {
		t.Fatal(err)
	}
	r.asks("uci", 200, `"price":[[20.90`)
	r.asks("uci:1", 200, `"price":[[19.90`)
	r.asks("uci:2", 200, `"price":[[20.90`)
	r.asks("uci:stable", 200, `"price":[[19.90`)
	r.asks("linear", 200, `"price":[[18.90`)
	r.asks("uci:3", 404, `model \"uci\" has no version \"3\", it has 1, 2`)
	r.asks("canoe", 404, `no model \"canoe\"; this server has [\"linear\" \"uci\"]`)
	r.asks("broken", 400, `model \"broken\" is not loaded`)
	list := r.models()
	for _, want := range []string{
		`"name":"broken","version":"1","state":"failed","reason":"load model \"broken\": `,
		`"name":"uci","version":"1","labels":["stable"],"state":"ready"`,
	} {
		if !strings.Contains(list, want) {
			t.Errorf("/v1/models has no %s: %s", want, list)
		}
	}
	if status := r.page("/status"); !strings.Contains(status, "\nmodel: broken version 1 failed: load model \"broken\": ") {
		t.Errorf("/status does not say what failed: %s", status)
	}

	// By hand.
	if err := r.Repository().Unload("linear"); err != nil {
		t.Fatal(err)
	}
	r.asks("linear", 400, "is not loaded")
	if list := r.models(); !strings.Contains(list, `"name":"linear","version":"","state":"unloaded"`) {
		t.Errorf("/v1/models: %s", list)
	}
	if err := r.Repository().Load(context.Background(), "linear"); err != nil {
		t.Fatal(err)
	}
	r.asks("linear", 200, "18.90")

	// By the files.
	addModel(t, filepath.Join(dir, "later"), 5)
	eventually(t, "the new model", func() bool {
		status, body := r.post("/later/prediction", "application/json", goodFeed(t))
		return status == 200 && strings.Contains(body, "23.90")
	})
	if err := os.RemoveAll(filepath.Join(dir, "later")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the model to leave", func() bool {
		status, _ := r.post("/later/prediction", "application/json", goodFeed(t))
		return status == 404
	})
	addModel(t, filepath.Join(dir, "mended"), 0)
	data, err := os.ReadFile(filepath.Join(dir, "linear", "linear.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "broken", "model.onnx"), data)
	eventually(t, "the mended model", func() bool {
		status, _ := r.post("/broken/prediction", "application/json", goodFeed(t))
		return status == 200
	})
}

// A call by RPC names its model beside the message.
func TestModelsByRPC(t *testing.T) {
	r := serve(t, server.Config{Repository: shelf(t), Policy: engine.VersionPolicy{All: true}, Name: "linear"})
	request, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(good())
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]string{"": "18.90", "uci": "20.90", "uci:1": "19.90", "canoe": `no model "canoe"`} {
		ctx := context.Background()
		for door, call := range map[string]func() (string, error){
			"HTTP": func() (string, error) {
				req, err := http.NewRequest(http.MethodPost, r.url("/GeneralModelService/inference"), strings.NewReader(string(request)))
				if err != nil {
					return "", err
				}
				if model != "" {
					req.Header.Set("Sampan-Model", model)
				}
				resp, err := httpClient.Do(req)
				if err != nil {
					return "", err
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				return string(body), err
			},
			"gRPC": func() (string, error) {
				ctx := ctx
				if model != "" {
					ctx = metadata.AppendToOutgoingContext(ctx, "sampan-model", model)
				}
				return r.grpc().call(ctx, inference, string(request))
			},
			"TTHeader": func() (string, error) {
				ctx := ctx
				if model != "" {
					ctx = metainfo.WithValue(ctx, "sampan-model", model)
				}
				resp, err := r.ttheader(ctx, good())
				return protojson.Format(resp), err
			},
		} {
			got, err := call()
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, want) {
				t.Errorf("model %q over %s: %s, want %s", model, door, got, want)
			}
		}
	}
	for _, transport := range []sdk.Transport{sdk.TTHeader, sdk.GRPC, sdk.BaiduStd, sdk.Mux, sdk.HTTP} {
		for model, want := range map[string]float64{"": 18, "uci": 20, "uci:1": 19} {
			if got := r.sdkPrice(sdk.Config{Transport: transport, Model: model}); math.Floor(got) != want {
				t.Errorf("model %q over the SDK's %v: %v, want %v and a bit", model, transport, got, want)
			}
		}
	}
	for model, want := range map[string]float64{"": 18, "uci": 20, "uci:1": 19} {
		if got := exchange(t, r.Addr().String(), baiduFrame(t, model)); len(got) != 1 || math.Floor(got[0]) != want {
			t.Errorf("model %q over baidu_std: %v, want %v and a bit", model, got, want)
		}
	}
}

// sdkPrice is the SDK's answer to the tutorial's request.
func (r *running) sdkPrice(config sdk.Config) float64 {
	r.t.Helper()
	c, err := sdk.Load(fixture.Repo("examples", "fit_a_line", "uci_housing_client"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	if err := c.ConnectWith(context.Background(), config, r.Addr().String()); err != nil {
		r.t.Fatal(err)
	}
	out, err := c.Predict(context.Background(), sdk.Feed{"x": sample}, []string{"price"})
	if err != nil {
		r.t.Error(err)
		return 0
	}
	got, err := out.Float32s("price")
	if err != nil || len(got) != 1 {
		r.t.Fatalf("%v %v", got, err)
	}
	return float64(got[0])
}

// baiduFrame is the tutorial's request to a model over baidu_std.
func baiduFrame(t testing.TB, model string) []byte {
	t.Helper()
	message, err := proto.Marshal(good())
	if err != nil {
		t.Fatal(err)
	}
	frame, err := baidu.Start(nil, &baidurpc.RpcMeta{Request: &baidurpc.RpcRequestMeta{
		ServiceName: proto.String(cmp.Or(model, "GeneralModelService")), MethodName: proto.String("inference")}})
	if err != nil {
		t.Fatal(err)
	}
	frame = append(frame, message...)
	if err := baidu.Finish(frame); err != nil {
		t.Fatal(err)
	}
	return frame
}

// Versions come, change and go under load: every call gets an answer of one of them. A
// version with another signature is one like others; files that change a version's
// signature stay out.
func TestRepositoryUnderLoad(t *testing.T) {
	dir := t.TempDir()
	addModel(t, filepath.Join(dir, "uci", "1"), 1)
	r := serve(t, server.Config{Repository: dir, ReloadInterval: 10 * time.Millisecond, CacheBytes: 1 << 20})
	var done atomic.Bool
	var latest atomic.Pointer[string]
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for !done.Load() {
				status, body := r.post("/uci/prediction", "application/json", goodFeed(t))
				if status != 200 {
					t.Errorf("%d %s", status, body)
					return
				}
				latest.Store(&body)
			}
		})
	}
	answers := func(want string) {
		t.Helper()
		eventually(t, want, func() bool { last := latest.Load(); return last != nil && strings.Contains(*last, want) })
	}
	answers("19.90")
	raise(t, filepath.Join(dir, "uci", "1"), 2)
	answers("20.90")
	addModel(t, filepath.Join(dir, "uci", "2"), 3)
	answers("21.90")
	if err := os.RemoveAll(filepath.Join(dir, "uci", "2")); err != nil {
		t.Fatal(err)
	}
	answers("20.90")
	done.Store(true)
	callers.Wait()

	data, err := os.ReadFile(fixture.Shared(t, "fit_a_line", "fit_a_line.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"serving_server_conf.prototxt", "serving_server_conf.stream.prototxt"} {
		if err := os.Remove(filepath.Join(dir, "uci", "1", name)); err != nil {
			t.Fatal(err)
		}
	}
	replace(t, filepath.Join(dir, "uci", "1", "model.onnx"), data)
	eventually(t, "the refusal", func() bool { return strings.Contains(r.models(), "another signature") })
	r.asks("uci", 200, "20.90")
	if err := os.Mkdir(filepath.Join(dir, "uci", "3"), 0o700); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "uci", "3", "model.onnx"), data)
	answersNow := func() bool {
		_, body := r.post("/uci/prediction", "application/json", goodFeed(t))
		return strings.Contains(body, "18.90")
	}
	eventually(t, "the version with another signature", answersNow)
}

// What lies beside a model says how it is served; what is wrong with it keeps the model
// as it is.
func TestOptionsBesideAModel(t *testing.T) {
	dir := t.TempDir()
	addModel(t, filepath.Join(dir, "uci", "1"), 1)
	addModel(t, filepath.Join(dir, "uci", "2"), 2)
	options := filepath.Join(dir, "uci", "sampan.yaml")
	replace(t, options, []byte("version_policy: all\nlabels: {stable: 1, canary: 2}\nthreads: 1\nconcurrency: 1\n"))
	requests := filepath.Join(dir, "uci", "warmup.jsonl")
	replace(t, requests, append(goodFeed(t), '\n'))
	r := serve(t, server.Config{Repository: dir, ReloadInterval: 10 * time.Millisecond})
	r.asks("uci:stable", 200, "19.90")
	r.asks("uci:canary", 200, "20.90")
	if got := r.Models()[0].Limits(); got.Runs != 1 || got.Threads != 1 {
		t.Errorf("limits %+v", got)
	}
	replace(t, options, []byte("version_policy: all\nlabels: {stable: 2}\nbatching: {max_rows: 4}\n"))
	eventually(t, "the other label", func() bool {
		_, body := r.post("/uci:stable/prediction", "application/json", goodFeed(t))
		return strings.Contains(body, "20.90")
	})
	replace(t, options, []byte("version_polices: all\n"))
	eventually(t, "the fault", func() bool {
		return strings.Contains(r.models(), "version_polices: the key is not known; did you mean version_policy?")
	})
	r.asks("uci:1", 200, "19.90")
	replace(t, requests, []byte("\n"+`{"feed":[{"x":[1]}],"fetch":[]}`+"\n"))
	replace(t, options, []byte("version_policy: all\nthreads: 2\n"))
	eventually(t, "the refused request", func() bool { return strings.Contains(r.models(), "warmup.jsonl:2: ") })
	r.asks("uci:1", 200, "19.90")
}
