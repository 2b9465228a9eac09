package server_test

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server"
)

// raise adds to the model's bias, and with it to every price, in place of its file.
func raise(t testing.TB, dir string, by float32) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(uci(), "fc_0.b_0"))
	if err != nil {
		t.Fatal(err)
	}
	at := len(data) - 4
	bias := math.Float32frombits(binary.LittleEndian.Uint32(data[at:]))
	binary.LittleEndian.PutUint32(data[at:], math.Float32bits(bias+by))
	replace(t, filepath.Join(dir, "fc_0.b_0"), data)
}

// replace writes a file under another name and gives it its own.
func replace(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for range 1000 {
		if true() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited 10 s for %s", what)
}

// models is what /v1/models answers.
func (r *running) models() string {
	r.t.Helper()
	resp, err := httpClient.Get(r.url("/v1/models"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(body)
}

// A model that changes again and again under load: every call gets an answer, and it is
// that of one of the versions.
func TestReloadUnderLoad(t *testing.T) {
	dir := copyModel(t)
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: dir, Name: "uci"}}, ReloadInterval: 10 * time.Millisecond})
	c, err := sdk.Load(fixture.Repo("examples", "fit_a_line", "uci_housing_client", "serving_client_conf.prototxt"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Connect(context.Background(), r.Addr().String()); err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	var latest atomic.Int64
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for !done.Load() {
				out, err := c.Predict(context.Background(), sdk.Feed{"x": sample}, []string{"price"})
				if err != nil {
					t.Error(err)
					return
				}
				v, err := out.Float32s("price")
				if err != nil {
					t.Error(err)
					return
				}
				raised := math.Round(float64(v[0]) - price)
				if math.Abs(float64(v[0])-price-raised) > 1e-4 {
					t.Errorf("price %v is of no version", v[0])
				}
				latest.Store(int64(raised))
			}
		})
	}
	for i := range 10 {
		raise(t, dir, float32(i+1))
		eventually(t, "the new version", func() bool { return latest.Load() == int64(i+1) })
	}
	done.Store(true)
	callers.Wait()
}

// With a cache, equal requests run once for each version of the model.
func TestCacheAndReload(t *testing.T) {
	dir := copyModel(t)
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: dir}}, ReloadInterval: 10 * time.Millisecond, CacheBytes: 1 << 20})
	ask := func() string {
		t.Helper()
		status, body := r.post("/uci/prediction", "application/json", goodFeed(t))
		if status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return body
	}
	first := ask()
	for range 3 {
		if again := ask(); again != first {
			t.Errorf("%s, then %s", first, again)
		}
	}
	raise(t, dir, 1)
	eventually(t, "the new version", func() bool { return strings.Contains(ask(), "19.90") })
}

// Files that are no model, files that are gone, and a model with another signature:
// what was loaded goes on, and /v1/models says why.
func TestReloadFaults(t *testing.T) {
	dir := copyModel(t)
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: dir, Name: "uci"}}, ReloadInterval: 10 * time.Millisecond})
	check := func(reason string) {
		t.Helper()
		var list string
		eventually(t, reason, func() bool {
			list = r.models()
			return strings.Contains(list, reason)
		})
		if !strings.Contains(list, `"state":"ready"`) {
			t.Errorf("the model is not ready: %s", list)
		}
		if status, body := r.post("/uci/prediction", "application/json", goodFeed(t)); status != 200 || !strings.Contains(body, "18.90") {
			t.Errorf("%d %s", status, body)
		}
	}
	replace(t, filepath.Join(dir, "__model__"), []byte("garbage"))
	check("is text, not a Paddle program")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	check("no such file or directory")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(fixture.Shared(t, "fit_a_line", "fit_a_line.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "model.onnx"), other)
	check("another signature")
}
