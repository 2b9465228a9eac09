package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// shelf is a backend of files: the model of a file with "bad" in it does not load, any
// other gives the number of its bytes.
type shelf struct {
	loads, open atomic.Int32
}

func (s *shelf) Load(_ context.Context, a Artifact) (Session, error) {
	data, err := os.ReadFile(a.Path)
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(data), "bad") {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is no model", filepath.Base(a.Path))
	}
	s.loads.Add(1)
	s.open.Add(1)
	f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
	size := float32(len(data))
	f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
		out, err := sampan.Of(sampan.Shape{1, 1}, []float32{size})
		outputs[0] = out
		return err
	}
	return &shelved{fake: f, shelf: s}, nil
}

// shelved counts what is open.
type shelved struct {
	*fake
	shelf *shelf
}

func (s *shelved) Close() error {
	s.shelf.open.Add(-1)
	return s.fake.Close()
}

// put writes the file of a model.
func put(t testing.TB, content string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// library makes a repository over a shelf, closed at the end with nothing left open.
func library(t testing.TB, dir string, change func(*RepositoryOptions)) (*Repository, *shelf) {
	t.Helper()
	s := &shelf{}
	o := RepositoryOptions{Dir: dir, Found: Source{Options: Options{Backend: s, WarmUp: 1}}}
	if change != nil {
		change(&o)
	}
	r := NewRepository(o)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if n := s.open.Load(); n != 0 {
			t.Errorf("%d sessions are open after Close", n)
		}
	})
	return r, s
}

// ask runs a version of a model and returns its number.
func ask(t testing.TB, r *Repository, name, version string) float32 {
	t.Helper()
	m, err := r.Model(name, version)
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return values(t, out)[0]
}

func TestRepositoryVersions(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "1", "model.onnx")
	put(t, "22", dir, "m", "2", "model.onnx")
	put(t, strings.Repeat("x", 10), dir, "m", "10", "model.onnx")
	put(t, "no version", dir, "m", "docs", "readme.onnx")
	put(t, "alone", dir, "single", "model.onnx")
	put(t, "hidden", dir, ".git", "model.onnx")
	for _, c := range []struct {
		policy   string
		versions map[string]State
		newest   float32
	}{
		{"latest", map[string]State{"10": Ready}, 10},
		{"latest:2", map[string]State{"2": Ready, "10": Ready}, 10},
		{"all", map[string]State{"1": Ready, "2": Ready, "10": Ready}, 10},
		{"1,2", map[string]State{"1": Ready, "2": Ready}, 2},
	} {
		t.Run(c.policy, func(t *testing.T) {
			policy, err := ParseVersionPolicy(c.policy)
			if err != nil {
				t.Fatal(err)
			}
			r, _ := library(t, dir, func(o *RepositoryOptions) { o.Found.Policy = policy })
			if added, err := r.Scan(); err != nil || len(added) != 2 {
				t.Fatalf("added %v, %v", added, err)
			}
			if err := r.Load(context.Background(), "m"); err != nil {
				t.Fatal(err)
			}
			got := map[string]State{}
			for _, v := range r.Status()[0].Versions {
				got[v.Version] = v.State
			}
			if diff := cmp.Diff(c.versions, got); diff != "" {
				t.Error(diff)
			}
			if v := ask(t, r, "m", ""); v != c.newest {
				t.Errorf("the newest answers %v, want %v", v, c.newest)
			}
			_, err = r.Model("single", "")
			fails(t, err, sampan.FailedPrecondition, `model "single" is not loaded`)
			_, err = r.Model("m", "7")
			if sampan.CodeOf(err) != sampan.NotFound {
				t.Errorf("version 7: %v", err)
			}
			_, err = r.Model("other", "")
			fails(t, err, sampan.NotFound, `no model "other"`)
		})
	}
	for _, bad := range []string{"", "latest:0", "newest", "1,x", "0", "+1", "01"} {
		if p, err := ParseVersionPolicy(bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, p)
		}
	}
}

func TestRepositoryLabels(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "1", "model.onnx")
	put(t, "22", dir, "m", "2", "model.onnx")
	r, _ := library(t, dir, func(o *RepositoryOptions) { o.Found.Policy = VersionPolicy{Latest: 2} })
	if err := r.Load(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	if err := r.Label("m", "stable", "1"); err != nil {
		t.Fatal(err)
	}
	if v := ask(t, r, "m", "stable"); v != 1 {
		t.Errorf("stable answers %v, want 1", v)
	}
	fails(t, r.Label("m", "canary", "3"), sampan.FailedPrecondition, `model "m": label "canary": version "3" is not loaded`)
	// A newer version pushes the first one out, and its label with it.
	put(t, "333", dir, "m", "3", "model.onnx")
	if err := r.Load(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	_, err := r.Model("m", "stable")
	fails(t, err, sampan.NotFound, `model "m" has no version "stable", it has 2, 3`)
}

func TestRepositoryUnload(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "model.onnx")
	r, s := library(t, dir, nil)
	if err := r.Load(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	m, err := r.Model("m", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Unload("m"); err != nil {
		t.Fatal(err)
	}
	if n := s.open.Load(); n != 0 {
		t.Errorf("%d sessions are open", n)
	}
	if _, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 0)}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := r.Load(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	ask(t, r, "m", "")
	fails(t, r.Load(context.Background(), "other"), sampan.NotFound, `model "other" is not in the repository`)
	fails(t, r.Unload("other"), sampan.NotFound, `model "other" is not in the repository`)
}

// watched is a repository with one model, polled every second of a synthetic clock.
func watched(t *testing.T, dir string, change func(*RepositoryOptions)) (*Repository, *shelf) {
	r, s := library(t, dir, change)
	if err := r.Load(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Watch(ctx, time.Second)
	}()
	t.Cleanup(func() { stop(); <-done })
	return r, s
}

// polls lets so many polls pass.
func polls(n int) {
	time.Sleep(time.Duration(n)*time.Second + time.Millisecond)
	synctest.Wait()
}

func TestHotReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		put(t, "1", dir, "m", "model.onnx")
		r, s := watched(t, dir, nil)
		polls(3)
		if n := s.loads.Load(); n != 1 {
			t.Errorf("%d loads of an unchanged model", n)
		}
		// A file that grows from poll to poll is not loaded before it rests.
		for i := 2; i < 6; i++ {
			put(t, strings.Repeat("x", i), dir, "m", "model.onnx")
			polls(1)
			if v := ask(t, r, "m", ""); v != 1 {
				t.Fatalf("after %d bytes it answers %v", i, v)
			}
		}
		polls(1)
		if v := ask(t, r, "m", ""); v != 5 {
			t.Errorf("it answers %v, want 5", v)
		}
		if n := s.open.Load(); n != 1 {
			t.Errorf("%d sessions are open, want 1", n)
		}
	})
}

func TestReloadThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		put(t, "1", dir, "m", "model.onnx")
		r, s := watched(t, dir, nil)
		put(t, "bad garbage", dir, "m", "model.onnx")
		polls(4)
		if v := ask(t, r, "m", ""); v != 1 {
			t.Errorf("it answers %v, want 1", v)
		}
		v := r.Status()[0].Versions[0]
		if v.State != Ready || v.Reason != `load model "m": model.onnx is no model` {
			t.Errorf("status %+v", v)
		}
		if err := os.RemoveAll(filepath.Join(dir, "m")); err != nil {
			t.Fatal(err)
		}
		polls(4)
		if v := ask(t, r, "m", ""); v != 1 {
			t.Errorf("without files it answers %v, want 1", v)
		}
		if reason := r.Status()[0].Reason; !strings.HasSuffix(reason, "m: no such file or directory") {
			t.Errorf("reason %q", reason)
		}
		put(t, "good", dir, "m", "model.onnx")
		polls(2)
		if v := ask(t, r, "m", ""); v != 4 {
			t.Errorf("it answers %v, want 4", v)
		}
		if status := r.Status()[0]; status.Reason != "" || status.Versions[0].Reason != "" {
			t.Errorf("status %+v", status)
		}
		if n := s.open.Load(); n != 1 {
			t.Errorf("%d sessions are open, want 1", n)
		}
	})
}

// With Paddle's time file only a touch of it counts.
func TestTimeFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		put(t, "1", dir, "m", "model.onnx")
		put(t, "", dir, "m", timeFile)
		r, _ := watched(t, dir, nil)
		put(t, "22", dir, "m", "model.onnx")
		polls(4)
		if v := ask(t, r, "m", ""); v != 1 {
			t.Errorf("before the touch it answers %v, want 1", v)
		}
		if err := os.Chtimes(filepath.Join(dir, "m", timeFile), time.Time{}, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		polls(2)
		if v := ask(t, r, "m", ""); v != 2 {
			t.Errorf("after the touch it answers %v, want 2", v)
		}
	})
}

func TestNewVersionsArePickedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		put(t, "1", dir, "m", "1", "model.onnx")
		var changed atomic.Int32
		r, s := watched(t, dir, func(o *RepositoryOptions) { o.Changed = func(string) { changed.Add(1) } })
		put(t, "22", dir, "m", "2", "model.onnx")
		put(t, "bad", dir, "m", "3", "model.onnx")
		put(t, "new", dir, "n", "1", "model.onnx")
		polls(3)
		// 3 is the newest, and does not load; 1 stays until it does.
		if v := ask(t, r, "m", ""); v != 1 {
			t.Errorf("it answers %v, want 1", v)
		}
		if v := ask(t, r, "n", ""); v != 3 {
			t.Errorf("the new model answers %v, want 3", v)
		}
		put(t, "four", dir, "m", "4", "model.onnx")
		polls(3)
		if v := ask(t, r, "m", ""); v != 4 {
			t.Errorf("it answers %v, want 4", v)
		}
		if n := s.open.Load(); n != 2 {
			t.Errorf("%d sessions are open, want 2", n)
		}
		if n := changed.Load(); n < 3 {
			t.Errorf("%d changes were told, want 3 or more", n)
		}
	})
}

func TestAccept(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "model.onnx")
	r, s := library(t, dir, func(o *RepositoryOptions) {
		o.Accept = func(m, replaces *Model) error {
			if replaces != nil {
				return sampan.Errorf(sampan.InvalidArgument, "no")
			}
			return nil
		}
	})
	if err := r.Load(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	put(t, "22", dir, "m", "model.onnx")
	fails(t, r.Load(context.Background(), "m"), sampan.InvalidArgument, `load model "m": no`)
	if v := ask(t, r, "m", ""); v != 1 {
		t.Errorf("it answers %v, want 1", v)
	}
	if n := s.open.Load(); n != 1 {
		t.Errorf("%d sessions are open, want 1", n)
	}
}

func TestUnloadFirst(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "model.onnx")
	var s *shelf
	r, s := library(t, dir, func(o *RepositoryOptions) {
		o.UnloadFirst = true
		o.Accept = func(_, replaces *Model) error {
			if n := s.open.Load(); n != 1 || replaces != nil {
				t.Errorf("%d sessions are open while a model is loaded, want 1", n)
			}
			return nil
		}
	})
	for range 3 {
		if err := r.Load(context.Background(), "m"); err != nil {
			t.Fatal(err)
		}
		put(t, time.Now().String(), dir, "m", "model.onnx")
	}
}

// A hundred goroutines load, unload, change and call the same model.
func TestRepositoryUnderFire(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "model.onnx")
	r, _ := library(t, dir, nil)
	if _, err := r.Scan(); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			for range 20 {
				switch i % 4 {
				case 0:
					if err := r.Load(context.Background(), "m"); err != nil {
						t.Error(err)
					}
				case 1:
					if err := r.Unload("m"); err != nil {
						t.Error(err)
					}
				default:
					m, err := r.Model("m", "")
					if err == nil {
						_, err = m.Run(context.Background(), []sampan.Tensor{rows(t, 1, 0)})
					}
					if err != nil && sampan.CodeOf(err) != sampan.FailedPrecondition {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}
