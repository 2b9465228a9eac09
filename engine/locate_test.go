package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

func TestOpenFinds(t *testing.T) {
	conf := `feed_var { name: "x" feed_type: 1 shape: 1 } fetch_var { name: "y" alias_name: "ALIAS" fetch_type: 1 shape: 1 }`
	text := strings.ReplaceAll(conf, "ALIAS", "text")
	for _, c := range []struct {
		name  string
		files map[string]string
		// open is the path to open inside the directory, want the file that the backend
		// is given or "" for a translated model.
		open, want string
		alias      string
	}{
		{"a file", map[string]string{"a.onnx": "", "b.onnx": ""}, "a.onnx", "a.onnx", "y"},
		{"a file in upper case", map[string]string{"A.ONNX": ""}, "A.ONNX", "A.ONNX", "y"},
		{"the only model", map[string]string{"a.onnx": "", "readme": ""}, "", "a.onnx", "y"},
		{"model.onnx of several", map[string]string{"a.onnx": "", "model.onnx": "", "z.onnx": ""}, "", "model.onnx", "y"},
		{"the text signature", map[string]string{"a.onnx": "", "serving_server_conf.prototxt": text,
			"serving_server_conf.stream.prototxt": "not read"}, "", "a.onnx", "text"},
		{"another format", map[string]string{"program": ""}, "", "", "y"},
		{"ONNX before another format", map[string]string{"program": "", "a.onnx": ""}, "", "a.onnx", "y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := directory(t, c.files)
			f := &fake{signature: Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}}
			m, err := Open(context.Background(), filepath.Join(dir, c.open), Options{Name: "m", Backend: f, Translators: []Translator{format{}}})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			file, err := Locate(filepath.Join(dir, c.open), format{})
			if err != nil || file != f.loaded.Path {
				t.Errorf("located %q (%v), loaded %q", file, err, f.loaded.Path)
			}
			if c.want == "" {
				if f.loaded.Path != "" || string(f.loaded.Bytes) != "translated" {
					t.Errorf("loaded %q and %q, want what the translator made", f.loaded.Path, f.loaded.Bytes)
				}
			} else if want := filepath.Join(dir, c.want); f.loaded.Path != want || f.loaded.Bytes != nil {
				t.Errorf("loaded %q, want %q", f.loaded.Path, want)
			}
			if got := m.Signature().Outputs[0].Alias; got != c.alias {
				t.Errorf("alias %q, want %q", got, c.alias)
			}
			if want := filepath.Join(dir, c.open); m.Dir() != want || m.Name() != "m" || m.Version() != "1" {
				t.Errorf("model %q version %q from %q, want \"m\", \"1\", %q", m.Name(), m.Version(), m.Dir(), want)
			}
		})
	}
}

func TestOpenFaults(t *testing.T) {
	const wants = "holds no model; want one *.onnx file, or a Paddle program (__model__ or *.pdmodel) with its parameters; "
	refused := sampan.Errorf(sampan.Unimplemented, "operator \"mystery\"")
	for _, c := range []struct {
		name  string
		files map[string]string
		open  string
		fault error
		trans format
		code  sampan.Code
		// want follows `load model "m": ` and has DIR for the directory.
		want string
	}{
		{name: "no such path", open: "none", code: sampan.NotFound, want: "DIR/none: no such file or directory"},
		{name: "below a file", files: map[string]string{"a": ""}, open: "a/b", code: sampan.NotFound, want: "DIR/a/b: not a directory"},
		{name: "a file of another kind", files: map[string]string{"a.bin": ""}, open: "a.bin", code: sampan.InvalidArgument,
			want: "DIR/a.bin is a file of another kind; want an .onnx file or a model directory"},
		{name: "an empty directory", code: sampan.NotFound, want: "DIR " + wants + "it is empty"},
		{name: "no model", files: map[string]string{"b.txt": "", "a.txt": ""}, code: sampan.NotFound, want: "DIR " + wants + "it has a.txt, b.txt"},
		{name: "many files, no model", code: sampan.NotFound, want: "DIR " + wants + "it has 1, 2, 3, 4, 5, 6, 7, 8, …",
			files: map[string]string{"1": "", "2": "", "3": "", "4": "", "5": "", "6": "", "7": "", "8": "", "9": ""}},
		{name: "several models", files: map[string]string{"b.onnx": "", "a.onnx": "", "c": ""}, code: sampan.InvalidArgument,
			want: "DIR holds several models (a.onnx, b.onnx); name one file, or call one model.onnx"},
		{name: "the backend refuses", files: map[string]string{"a.onnx": ""}, fault: refused, code: sampan.Unimplemented,
			want: `operator "mystery"`},
		{name: "the translator refuses", files: map[string]string{"program": ""}, trans: format{refused}, code: sampan.Unimplemented,
			want: `DIR: operator "mystery"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := directory(t, c.files)
			_, err := Open(context.Background(), filepath.Join(dir, c.open), Options{Name: "m", Backend: &fake{fault: c.fault}, Translators: []Translator{c.trans}})
			fails(t, err, c.code, `load model "m": `+strings.ReplaceAll(c.want, "DIR", dir))
		})
	}
}

func TestDirectoryWithTheNameOfAModel(t *testing.T) {
	dir := directory(t, map[string]string{"b.onnx": ""})
	for _, name := range []string{"a.onnx", "serving_server_conf.prototxt"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f := &fake{}
	m, err := Open(context.Background(), dir, Options{Name: "m", Backend: f})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if want := filepath.Join(dir, "b.onnx"); f.loaded.Path != want {
		t.Errorf("loaded %q, want %q", f.loaded.Path, want)
	}
}

func TestUnreadableDirectory(t *testing.T) {
	if os.Getuid() == 0 {
		// Root may read everything; the fault itself is the same for any cause.
		if got := reason(&os.PathError{Op: "open", Path: "dir", Err: os.ErrPermission}); !errors.Is(got, os.ErrPermission) || strings.Contains(got.Error(), "dir") {
			t.Errorf("got %v", got)
		}
		return
	}
	dir := directory(t, nil)
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), dir, Options{Name: "m", Backend: &fake{}})
	fails(t, err, sampan.InvalidArgument, `load model "m": `+dir+": permission denied")
}
