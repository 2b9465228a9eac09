package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/sampanml/sampan"
)

// fake is a backend and the one session that it makes.
type fake struct {
	signature Signature
	fault     error
	run       func(ctx context.Context, inputs, outputs []sampan.Tensor) error

	loaded        Artifact
	loads, closes int
	running, most atomic.Int32
}

func (f *fake) Load(_ context.Context, a Artifact) (Session, error) {
	f.loaded = a
	f.loads++
	if f.fault != nil {
		return nil, f.fault
	}
	return f, nil
}

func (f *fake) Signature() Signature { return f.signature }

func (f *fake) Run(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	n := f.running.Add(1)
	defer f.running.Add(-1)
	for most := f.most.Load(); n > most && !f.most.CompareAndSwap(most, n); most = f.most.Load() {
	}
	if f.run == nil {
		copy(outputs, inputs)
		return nil
	}
	return f.run(ctx, inputs, outputs)
}

func (f *fake) Close() error {
	f.closes++
	if f.running.Load() != 0 {
		return errors.New("closed under a run")
	}
	return nil
}

// format is a translator of directories that have the file "program".
type format struct{ fault error }

func (format) Find(dir string) ([]string, bool) {
	path := filepath.Join(dir, "program")
	return []string{path}, isFile(path)
}

func (f format) Translate(dir string) ([]byte, error) {
	if f.fault != nil {
		return nil, f.fault
	}
	return []byte("translated"), nil
}

// field is a float32 field.
func field(name string, shape ...int64) Field {
	return Field{Name: name, Alias: name, DType: sampan.Float32, Shape: shape}
}

// directory makes a directory of files with their contents.
func directory(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load opens a model of the fake, named "m", with the signature file conf if it is not
// empty.
func load(t testing.TB, f *fake, conf string, o Options) *Model {
	t.Helper()
	files := map[string]string{"model.onnx": ""}
	if conf != "" {
		files["serving_server_conf.prototxt"] = conf
	}
	o.Name, o.Backend = "m", f
	m, err := Open(context.Background(), directory(t, files), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// rows makes a tensor [n 1] that holds value.
func rows(t testing.TB, n int64, value float32) sampan.Tensor {
	t.Helper()
	data := make([]float32, n)
	for i := range data {
		data[i] = value
	}
	out, err := sampan.Of(sampan.Shape{n, 1}, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// values reads the first element of each tensor.
func values(t testing.TB, tensors []sampan.Tensor) []float32 {
	t.Helper()
	out := make([]float32, len(tensors))
	for i := range tensors {
		v, err := sampan.View[float32](tensors[i])
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v[0]
	}
	return out
}

// fails checks an error's code and the whole of its text.
func fails(t testing.TB, err error, code sampan.Code, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %s: %s", code, want)
	} else if sampan.CodeOf(err) != code || err.Error() != want {
		t.Errorf("got  %s: %v\nwant %s: %s", sampan.CodeOf(err), err, code, want)
	}
}
