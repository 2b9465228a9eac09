package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/onnxmodel"
	"github.com/sampanml/sampan/server"
)

// write puts a model and, where it is not empty, its options into a repository.
func write(t testing.TB, dir, name string, model []byte, options string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
		t.Fatal(err)
	}
	if options != "" {
		replace(t, filepath.Join(dir, name, "sampan.yaml"), []byte(options))
	}
	replace(t, filepath.Join(dir, name, "model.onnx"), model)
}

// feed asks a model with one sample, whose only input has the values.
func (r *running) feed(model, input string, value any) (int, string) {
	r.t.Helper()
	body, err := json.Marshal(map[string]any{"feed": []any{map[string]any{input: value}}, "fetch": []string{}})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.post("/"+model+"/prediction", "application/json", body)
}

// A gigabyte of output against a limit of less is refused, and the next request served.
func TestLargeOutput(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "filler", onnxmodel.Filler(), "arena: false\n")
	r := serve(t, server.Config{Repository: dir, MemoryLimit: 64 << 20})
	for range 2 {
		status, body := r.message("filler", `{"tensor":[{"name":"shape","elem_type":0,"shape":[2],"int64_data":[16384,16384]}]}`)
		if status != 503 || !strings.Contains(body, "1073741824 bytes are wanted, requests under way use 16, the limit is 67108864 (--memory_limit)") {
			t.Errorf("a gigabyte: %d %.300s", status, body)
		}
		status, body = r.message("filler", `{"tensor":[{"name":"shape","elem_type":0,"shape":[2],"int64_data":[1099511627776,1099511627776]}]}`)
		if status != 500 {
			t.Errorf("a shape that overflows: %d %.300s", status, body)
		}
		status, body = r.message("filler", `{"tensor":[{"name":"shape","elem_type":0,"shape":[2],"int64_data":[1,2]}]}`)
		if status != 200 || !strings.Contains(body, `"float_data":[0.0,0.0]`) {
			t.Errorf("the next request: %d %.300s", status, body)
		}
	}
	r.lines("/status", "memory of requests: 0 bytes, limit 67108864")
	r.lines("/metrics", `sampan_request_memory_bytes{model="filler"} 0`, "sampan_request_memory_limit_bytes 6.7108864e+07")
}

// message asks a model in the form of the general model service.
func (r *running) message(model, body string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.url("/GeneralModelService/inference"), strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Sampan-Model", model)
	resp, err := httpClient.Do(req)
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

// Requests that the model fails for harm none of those that run with them.
func TestBatchMates(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "lookup", onnxmodel.Lookup(100), "concurrency: 1\nbatching: {max_rows: 16, delay: 5ms}\n")
	r := serve(t, server.Config{Repository: dir})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 40 {
				n := (worker*40 + i) % 100
				want, status := fmt.Sprintf(`"square":[[%d.0]]`, n*n), 200
				if i%8 == 3 {
					n, want, status = 1000+i, "the model failed: ", 500
				}
				if got, body := r.feed("lookup", "n", []int{n}); got != status || !strings.Contains(body, want) {
					t.Errorf("%d: %d %s, want %d %s", n, got, body, status, want)
				}
			}
		})
	}
	all.Wait()
	if metrics := r.page("/metrics"); !strings.Contains(metrics, `sampan_batch_rows_count{model="lookup",version="1"}`) {
		t.Error("nothing ran together")
	}
}

// No rows are no fault, beside others neither.
func TestNoRows(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "lookup", onnxmodel.Lookup(100), "concurrency: 1\nbatching: {max_rows: 16, delay: 5ms, padding: zeros}\n")
	r := serve(t, server.Config{Repository: dir})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if i%2 == 0 {
				status, body := r.message("lookup", `{"tensor":[{"name":"n","elem_type":0,"shape":[0,1]}]}`)
				if status != 200 || !strings.Contains(body, `"shape":[0,1]`) {
					t.Errorf("no rows: %d %s", status, body)
				}
			} else if status, body := r.feed("lookup", "n", []int{i}); status != 200 || !strings.Contains(body, fmt.Sprintf("[[%d.0]]", i*i)) {
				t.Errorf("%d: %d %s", i, status, body)
			}
		})
	}
	all.Wait()
}

// A model that takes minutes holds its caller no longer than the deadline, and its place
// not much longer.
func TestSlowModel(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "slow", onnxmodel.Slow(256, 200_000), "warm_up: 0\nconcurrency: 1\n")
	r := serve(t, server.Config{Repository: dir, Timeout: 100 * time.Millisecond})
	rows := make([][]float32, 256)
	for i := range rows {
		rows[i] = make([]float32, 256)
	}
	// The first size is the batch: a sample is a row.
	samples := make([]any, len(rows))
	for i := range rows {
		samples[i] = map[string]any{"x": rows[i]}
	}
	body, err := json.Marshal(map[string]any{"feed": samples, "fetch": []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		start := time.Now()
		status, text := r.post("/slow/prediction", "application/json", body)
		if status != 504 {
			t.Errorf("%d %s, want 504", status, text)
		}
		took := time.Since(start)
		t.Logf("a deadline of 100ms: the reply came after %v", took.Round(time.Millisecond))
		if took > 10*time.Second {
			t.Errorf("the reply came after %v", took)
		}
	}
}

// A model whose time goes into one operator, within which it cannot be stopped, does not
// hold its caller either.
func TestSlowOperator(t *testing.T) {
	const size = 2048
	dir := t.TempDir()
	write(t, dir, "slow", onnxmodel.Slow(size, 3), "concurrency: 1\nthreads: 1\nwarm_up: 1\n")
	r := serve(t, server.Config{Repository: dir})
	m := r.Models()[0]
	x, err := sampan.New(sampan.Float32, sampan.Shape{size, size})
	if err != nil {
		t.Fatal(err)
	}
	cost := m.Limits().Cost
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		start := time.Now()
		_, err := m.Run(ctx, []sampan.Tensor{x})
		took := time.Since(start)
		cancel()
		if sampan.CodeOf(err) != sampan.DeadlineExceeded {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		t.Logf("a run takes %v, a deadline of 10ms: back after %v", cost.Round(time.Millisecond), took.Round(time.Millisecond))
	}
	if _, err := m.Run(context.Background(), []sampan.Tensor{x}); err != nil {
		t.Errorf("without a deadline: %v", err)
	}
}

// A thousand clients leave while their requests run: nothing of them stays.
func TestClientsThatAreKilled(t *testing.T) {
	dir := t.TempDir()
	addModel(t, filepath.Join(dir, "uci"), 0)
	r := serve(t, server.Config{Repository: dir})
	r.asks("uci", 200, "18.90")
	before := runtime.NumGoroutine()
	frame := baiduFrame(t, "uci")
	post := fmt.Appendf(nil, "POST /uci/prediction HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(goodFeed(t)), goodFeed(t))
	var all sync.WaitGroup
	for worker := range 10 {
		all.Go(func() {
			for i := range 100 {
				conn, err := net.Dial("tcp", r.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				request := frame
				if i%2 == 0 {
					request = post
				}
				// All of it, or a part.
				if i%5 == 4 {
					request = request[:(worker*100+i)*len(request)/1000]
				}
				if _, err := conn.Write(request); err != nil {
					t.Error(err)
				}
				if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
					t.Error(err)
				}
				conn.Close()
			}
		})
	}
	all.Wait()
	// The multiplexer keeps goroutines for the next calls, up to 256.
	eventually(t, "what the clients left behind", func() bool { return runtime.NumGoroutine() <= before+256 })
	eventually(t, "the memory of their requests", func() bool {
		return strings.Contains(r.page("/metrics"), "sampan_request_memory_bytes{model=\"uci\"} 0\n")
	})
	r.asks("uci", 200, "18.90")
}

// A copy that ends early, as on a full disk, is told and loaded once it is whole.
func TestCopyThatEndsEarly(t *testing.T) {
	dir := t.TempDir()
	r := serve(t, server.Config{Repository: dir, ReloadInterval: 10 * time.Millisecond})
	model := onnxmodel.Lookup(100_000)
	for i, size := range []int{0, 1, 100, len(model) / 2, len(model) - 1} {
		name := fmt.Sprint("cut", i)
		write(t, dir, name, model[:size], "")
		eventually(t, name, func() bool {
			return strings.Contains(r.models(), fmt.Sprintf(`{"name":%q,"version":"1","state":"failed","reason":"load model`, name))
		})
		r.asks(name, 400, "is not loaded")
		replace(t, filepath.Join(dir, name, "model.onnx"), model)
		eventually(t, name+" whole", func() bool {
			status, body := r.feed(name, "n", []int{9})
			return status == 200 && strings.Contains(body, "81")
		})
		// What is there goes on when the next copy is cut.
		replace(t, filepath.Join(dir, name, "model.onnx"), model[:len(model)/3])
		eventually(t, name+" cut again", func() bool {
			return strings.Contains(r.models(), fmt.Sprintf(`{"name":%q,"version":"1","state":"ready","reason":"load model`, name))
		})
		if status, body := r.feed(name, "n", []int{9}); status != 200 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// A graph follows its model to a new version, but not to one with another signature.
func TestNewVersionOfAGraph(t *testing.T) {
	dir := t.TempDir()
	addModel(t, filepath.Join(dir, "1"), 1)
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: dir, Name: "uci"}}, ReloadInterval: 10 * time.Millisecond})
	addModel(t, filepath.Join(dir, "2"), 2)
	eventually(t, "version 2", func() bool {
		_, body := r.post("/uci/prediction", "application/json", goodFeed(t))
		return strings.Contains(body, "20.90")
	})
	write(t, dir, "3", onnxmodel.Lookup(10), "")
	eventually(t, "the refusal of version 3", func() bool { return strings.Contains(r.models(), "another signature") })
	r.asks("uci", 200, "20.90")
}

// A hundred callers load, unload, reload and ask for the same model at the same time.
func TestLoadingUnderFire(t *testing.T) {
	dir := t.TempDir()
	addModel(t, filepath.Join(dir, "uci"), 0)
	r := serve(t, server.Config{Repository: dir, ReloadInterval: 10 * time.Millisecond})
	repository := r.Repository()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			for range 5 {
				var err error
				switch i % 4 {
				case 0:
					err = repository.Load(context.Background(), "uci")
				case 1:
					err = repository.Unload("uci")
				case 2:
					err = repository.Reload(context.Background(), "uci")
				case 3:
					// It answers, or is not there.
					status, body := r.post("/uci/prediction", "application/json", goodFeed(t))
					if !(status == 200 && strings.Contains(body, "18.90") || status == 400 || status == 503) {
						t.Errorf("%d %s", status, body)
					}
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := repository.Load(context.Background(), "uci"); err != nil {
		t.Fatal(err)
	}
	r.asks("uci", 200, "18.90")
	if got := repository.Status(); len(got) != 1 || got[0].Versions[0].State != engine.Ready {
		t.Errorf("status %+v", got)
	}
	if err := repository.Unload("canoe"); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
}
