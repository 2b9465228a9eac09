package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
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
	watch(t, r)
	return r, s
}

// watch loads the model and polls the repository.
func watch(t *testing.T, r *Repository) {
	t.Helper()
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
		r, s := library(t, "", nil)
		if err := r.Add(Source{Name: "m", Path: filepath.Join(dir, "m"), Options: Options{Backend: s}}); err != nil {
			t.Fatal(err)
		}
		watch(t, r)
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

// A model that was found in the repository's directory leaves with its own, and comes
// back with it.
func TestDirectoriesComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		put(t, "1", dir, "m", "model.onnx")
		put(t, "22", dir, "n", "model.onnx")
		r, s := watched(t, dir, nil)
		polls(2)
		if got := r.Models(); !slices.Equal(got, []string{"m", "n"}) {
			t.Errorf("models %q", got)
		}
		// A directory that is away between two polls is one that is being replaced.
		away := filepath.Join(dir, "n")
		if err := os.Rename(away, away+".new"); err != nil {
			t.Fatal(err)
		}
		polls(1)
		ask(t, r, "n", "")
		polls(2)
		if got := r.Models(); !slices.Equal(got, []string{"m", "n.new"}) {
			t.Errorf("models %q after the renaming", got)
		}
		_, err := r.Model("n", "")
		fails(t, err, sampan.NotFound, `no model "n"`)
		if err := os.Rename(away+".new", away); err != nil {
			t.Fatal(err)
		}
		polls(4)
		if got := r.Models(); !slices.Equal(got, []string{"m", "n"}) {
			t.Errorf("models %q after the renaming back", got)
		}
		// Without the directory that has them all, nothing leaves.
		if err := os.Rename(dir, dir+".away"); err != nil {
			t.Fatal(err)
		}
		polls(4)
		ask(t, r, "m", "")
		if err := os.Rename(dir+".away", dir); err != nil {
			t.Fatal(err)
		}
		if n := s.open.Load(); n != 2 {
			t.Errorf("%d sessions are open, want 2", n)
		}
	})
}

func TestConfigure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		put(t, "1", dir, "m", "1", "model.onnx")
		put(t, "22", dir, "m", "2", "model.onnx")
		type settings struct {
			policy VersionPolicy
			stamp  string
			labels map[string]string
			fault  error
		}
		var now atomic.Pointer[settings]
		all := VersionPolicy{All: true}
		now.Store(&settings{policy: all, labels: map[string]string{"stable": "1", "canary": "3"}})
		r, s := watched(t, dir, func(o *RepositoryOptions) {
			o.Configure = func(m *Source) error {
				s := now.Load()
				m.Policy, m.Labels, m.Stamp = s.policy, s.labels, s.stamp
				return s.fault
			}
		})
		if v := ask(t, r, "m", "stable"); v != 1 {
			t.Errorf("stable is %v, want 1", v)
		}
		_, err := r.Model("m", "canary")
		fails(t, err, sampan.NotFound, `model "m" has no version "canary", it has 1, 2`)
		put(t, "333", dir, "m", "3", "model.onnx")
		polls(3)
		if v := ask(t, r, "m", "canary"); v != 3 {
			t.Errorf("canary is %v, want 3", v)
		}
		now.Store(&settings{policy: all, labels: map[string]string{"stable": "2"}})
		polls(1)
		if v := ask(t, r, "m", "stable"); v != 2 {
			t.Errorf("stable is %v, want 2", v)
		}
		if n := s.loads.Load(); n != 3 {
			t.Errorf("%d loads, want 3", n)
		}
		now.Store(&settings{policy: all, stamp: "b"})
		polls(3)
		if n := s.loads.Load(); n != 6 {
			t.Errorf("%d loads after other options, want 6", n)
		}
		now.Store(&settings{stamp: "b", fault: errors.New("what is this?")})
		polls(2)
		if status := r.Status()[0]; status.Reason != "what is this?" || len(status.Versions) != 3 {
			t.Errorf("status %+v", status)
		}
		ask(t, r, "m", "")
		fails(t, r.Load(context.Background(), "m"), sampan.Internal, `load model "m": what is this?`)
		now.Store(&settings{stamp: "b"})
		polls(2)
		if status := r.Status()[0]; status.Reason != "" || len(status.Versions) != 1 || len(status.Labels) != 0 {
			t.Errorf("status %+v", status)
		}
	})
}

func TestReload(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "model.onnx")
	r, s := library(t, dir, nil)
	for range 3 {
		if err := r.Reload(context.Background(), "m"); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.loads.Load(); n != 3 {
		t.Errorf("%d loads, want 3", n)
	}
	fails(t, r.Reload(context.Background(), "n"), sampan.NotFound, `model "n" is not in the repository`)
}

// One model that does not load keeps no other from it.
func TestLoadAll(t *testing.T) {
	dir := t.TempDir()
	put(t, "bad", dir, "a", "model.onnx")
	put(t, "1", dir, "b", "model.onnx")
	put(t, "1", dir, "c:d", "model.onnx")
	r, _ := library(t, dir, nil)
	fails(t, r.LoadAll(context.Background()), sampan.InvalidArgument,
		`load model "a": model.onnx is no model`+"\n"+`load model "c:d": the name has one of the characters "/?#%: "`)
	ask(t, r, "b", "")
	if err := r.Unload("b"); err != nil {
		t.Fatal(err)
	}
	status := r.Status()
	if status[0].Versions[0].State != Failed || !status[1].Off || status[2].Reason == "" {
		t.Errorf("status %+v", status)
	}
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

// What stands in for another version is asked for by Accept, too.
func TestAcceptOfANewVersion(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "1", "model.onnx")
	var replaced []string
	r, _ := library(t, dir, func(o *RepositoryOptions) {
		o.Accept = func(_, replaces *Model) error {
			if replaces != nil {
				replaced = append(replaced, replaces.Version())
			}
			return nil
		}
	})
	for _, next := range []string{"2", "3"} {
		if err := r.Load(context.Background(), "m"); err != nil {
			t.Fatal(err)
		}
		put(t, "22", dir, "m", next, "model.onnx")
	}
	if !slices.Equal(replaced, []string{"1"}) {
		t.Errorf("replaced %q, want 1", replaced)
	}
}

func TestUnloadFirst(t *testing.T) {
	dir := t.TempDir()
	put(t, "1", dir, "m", "model.onnx")
	var r *Repository
	var s *shelf
	r, s = library(t, dir, func(o *RepositoryOptions) {
		o.UnloadFirst = true
		o.Accept = func(_, replaces *Model) error {
			if n := s.open.Load(); n != 1 || replaces != nil {
				t.Errorf("%d sessions are open while a model is loaded, want 1", n)
			}
			_, err := r.Model("m", "")
			fails(t, err, sampan.Unavailable, `model "m" is being loaded; try again later`)
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
					if code := sampan.CodeOf(err); err != nil && code != sampan.FailedPrecondition && code != sampan.Unavailable {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}
