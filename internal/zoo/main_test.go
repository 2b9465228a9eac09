package zoo

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sampanml/sampan"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// member is a file of an archive; one whose name ends with / is a directory.
type member struct{ name, content string }

func tarOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.content)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(m.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err == nil {
			_, err = f.Write([]byte(m.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// entry of a file with a name.
func entry(name, path string, data []byte) Entry {
	return Entry{Name: name, Task: "Test", Path: path, SHA256: sumOf(data), Size: int64(len(data)), Licence: "CC0-1.0"}
}

// serve serves files over HTTP, with ranges, and an index of some entries.
func serve(t *testing.T, files map[string][]byte, entries ...Entry) *Index {
	t.Helper()
	return serveBy(t, func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}, entries...)
}

// serveBy serves an index over HTTP, and all else by a handler.
func serveBy(t *testing.T, handler http.HandlerFunc, entries ...Entry) *Index {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/index.json" {
			_, _ = w.Write(indexOf(t, entries...))
			return
		}
		handler(w, r)
	}))
	t.Cleanup(func() {
		s.Close()
		remote.CloseIdleConnections()
	})
	index, err := OpenIndex(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func indexOf(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"models": entries})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func store(t testing.TB) *Store {
	t.Helper()
	return &Store{Dir: filepath.Join(t.TempDir(), "models"), pause: time.Millisecond}
}

// only is the model of an index that has one.
func only(index *Index) Model { return Models([]*Index{index})[0] }

// files lists what is in a directory, with its content.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// left lists what is in .partial but for locks.
func left(t testing.TB, s *Store) []string {
	t.Helper()
	entries, err := os.ReadDir(s.partial(""))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			out = append(out, e.Name())
		}
	}
	return out
}

// refused checks an error's code and a part of its text.
func refused(t *testing.T, err error, code sampan.Code, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || sampan.CodeOf(err) != code {
		t.Errorf("got  %v (%v)\nwant …%s… (%v)", err, sampan.CodeOf(err), want, code)
	}
}
