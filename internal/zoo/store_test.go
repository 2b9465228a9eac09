package zoo

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func TestGetFromDisk(t *testing.T) {
	zipped := zipOf(t, member{"net/model", "a"}, member{"client/conf", "b"})
	tree := fstest.MapFS{"a.b": {Data: []byte("1")}, "a/c": {Data: []byte("22")}}
	size, sum, err := Tree(tree, nil)
	if err != nil || size != 3 {
		t.Fatal(size, err)
	}
	whole := entry("tree", "deep/tree", nil)
	whole.Size, whole.SHA256 = size, sum
	inside := entry("inside", "net.zip", zipped)
	inside.Model = "net"
	lone := tarOf(t, member{"__model__", "m"})
	fsys := fstest.MapFS{
		"index.json": {Data: indexOf(t, whole, inside, entry("all", "net.zip", zipped), entry("file", "x.onnx", []byte("onnx")), entry("lone", "lone.tar", lone))},
		"lone.tar":   {Data: lone},
		"net.zip":    {Data: zipped}, "x.onnx": {Data: []byte("onnx")},
		"deep/tree/a.b": tree["a.b"], "deep/tree/a/c": tree["a/c"],
	}
	index, err := ReadIndex(fsys, "index.json")
	if err != nil {
		t.Fatal(err)
	}
	s := store(t)
	for _, c := range []struct {
		name, end string
		want      map[string]string
	}{
		{"tree", sum[:12], map[string]string{"a.b": "1", "a/c": "22"}},
		{"inside", "net", map[string]string{"model": "a"}},
		{"all", sumOf(zipped)[:12], map[string]string{"net/model": "a", "client/conf": "b"}},
		{"lone", sumOf(lone)[:12], map[string]string{"__model__": "m"}},
		{"file", "x.onnx", map[string]string{".": "onnx"}},
	} {
		m, err := Find([]*Index{index}, c.name)
		if err != nil {
			t.Fatal(err)
		}
		if at, there := s.Path(m); there {
			t.Errorf("%s is there: %s", c.name, at)
		}
		for range 2 {
			at, err := s.Get(t.Context(), m)
			if err != nil || filepath.Base(at) != c.end {
				t.Fatalf("%s: %s, %v; want …/%s", c.name, at, err, c.end)
			}
			if diff := cmp.Diff(c.want, files(t, at)); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	}
	if got := left(t, s); len(got) > 0 {
		t.Errorf("%q is left", got)
	}
}

func TestGetFaults(t *testing.T) {
	data := zipOf(t, member{"a", "alpha"})
	wrong, short, without := entry("a", "a.zip", data), entry("a", "a.zip", data), entry("a", "a.zip", data)
	wrong.SHA256 = sumOf([]byte("else"))
	short.Size--
	without.Model = "b"
	tree := entry("a", "dir", []byte("x"))
	bad := entry("a", "bad.zip", []byte("no archive"))
	fsys := fstest.MapFS{"a.zip": {Data: data}, "dir/x": {Data: []byte("x")}, "bad.zip": {Data: []byte("no archive")}}
	for _, c := range []struct {
		e    Entry
		code sampan.Code
		want string
	}{
		{wrong, sampan.FailedPrecondition, `model "a": a.zip: this is not the file of the index: its SHA-256 is ` + sumOf(data) + ", want " + wrong.SHA256},
		{short, sampan.FailedPrecondition, "a.zip: this is not the file of the index: want"},
		{without, sampan.FailedPrecondition, `there is no "b" in it, which the index says is the model`},
		{tree, sampan.FailedPrecondition, "dir: this is not the file of the index: its SHA-256 is"},
		{bad, sampan.InvalidArgument, "the archive: zip: not a valid zip file"},
		{entry("a", "none.zip", data), sampan.NotFound, "open none.zip: file does not exist"},
		{entry("a", "none", data), sampan.InvalidArgument, "file does not exist"},
	} {
		fsys["index.json"] = &fstest.MapFile{Data: indexOf(t, c.e)}
		index, err := ReadIndex(fsys, "index.json")
		if err != nil {
			t.Fatal(err)
		}
		s := store(t)
		_, err = s.Get(t.Context(), only(index))
		refused(t, err, c.code, c.want)
		if at, there := s.Path(only(index)); there || len(left(t, s)) > 0 {
			t.Errorf("%s: %s is there, %q is left", c.want, at, left(t, s))
		}
	}
}

func TestGetOnBadDisks(t *testing.T) {
	data := []byte(strings.Repeat("x", 1<<16))
	index := serve(t, map[string][]byte{"a.onnx": data}, entry("a", "a.onnx", data))
	m := only(index)

	s := store(t)
	if err := os.WriteFile(s.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Get(t.Context(), m)
	refused(t, err, sampan.Internal, "not a directory")

	// A device that is always full stands where the download goes.
	s = store(t)
	if err := os.MkdirAll(s.partial(""), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", s.part("a", m.SHA256)); err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(t.Context(), m)
	refused(t, err, sampan.Internal, "no space left on device")
	if err := os.Remove(s.part("a", m.SHA256)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), m); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestGetTogether(t *testing.T) {
	data := gzipOf(t, tarOf(t, member{"a/model", strings.Repeat("x", 1<<20)}))
	served := &counted{files: map[string][]byte{"a.tgz": data}}
	index := serveBy(t, served.answer, entry("a", "a.tgz", data))
	dir := store(t).Dir
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			// Each has a store of its own, as each process has.
			at, err := (&Store{Dir: dir}).Get(t.Context(), only(index))
			if err != nil || filepath.Base(at) != "a" {
				t.Errorf("%s, %v", at, err)
			}
		})
	}
	wait.Wait()
	if n := served.answers.Load(); n != 1 {
		t.Errorf("%d downloads, want 1", n)
	}
}

func TestWaiting(t *testing.T) {
	index, err := ReadIndex(fstest.MapFS{"i.json": {Data: indexOf(t, entry("a", "a.onnx", []byte("x")))}, "a.onnx": {Data: []byte("x")}}, "i.json")
	if err != nil {
		t.Fatal(err)
	}
	s, m := store(t), only(index)
	release, err := s.lock(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Waiting = func(Model) { cancel() }
	_, err = s.Get(ctx, m)
	refused(t, err, sampan.Canceled, "context canceled")
	release()
	if _, err := s.Get(t.Context(), m); err != nil {
		t.Error(err)
	}
}

func TestRemove(t *testing.T) {
	index, err := ReadIndex(fstest.MapFS{"i.json": {Data: indexOf(t, entry("a", "a.onnx", []byte("x")))}, "a.onnx": {Data: []byte("x")}}, "i.json")
	if err != nil {
		t.Fatal(err)
	}
	s, m := store(t), only(index)
	refused(t, s.Remove(t.Context(), "a"), sampan.NotFound, `model "a" is not in `+s.Dir)
	refused(t, s.Remove(t.Context(), "../a"), sampan.InvalidArgument, `model "../a": want letters`)
	if _, err := s.Get(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{"a": "1", "a-b": "2"} {
		if err := os.WriteFile(s.part(name, part), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if at, there := s.Path(m); there {
		t.Errorf("%s is there", at)
	}
	if diff := cmp.Diff([]string{"a-b@2.part"}, left(t, s)); diff != "" {
		t.Error(diff)
	}
	if err := s.Remove(t.Context(), "a-b"); err != nil {
		t.Errorf("a download under way: %v", err)
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv(StoreEnv, "/models")
	if dir, err := DefaultDir(); dir != "/models" || err != nil {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv(StoreEnv, "")
	t.Setenv("XDG_CACHE_HOME", "/cache")
	if dir, err := DefaultDir(); dir != "/cache/sampan/models" || err != nil {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	_, err := DefaultDir()
	refused(t, err, sampan.FailedPrecondition, "set $SAMPAN_MODELS")
}
