package paddle

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// wrong checks that translating fails with exactly the message and the code.
func wrong(t *testing.T, fsys fs.FS, code sampan.Code, want string) {
	t.Helper()
	model, err := translate(fsys)
	if err == nil || err.Error() != want || sampan.CodeOf(err) != code || model != nil {
		t.Errorf("got  %v (%v)\nwant %s (%v)", err, sampan.CodeOf(err), want, code)
	}
}

func TestFileFaults(t *testing.T) {
	pipe := &fstest.MapFile{Mode: fs.ModeNamedPipe}
	for _, c := range []struct {
		name   string
		change func(fstest.MapFS)
		code   sampan.Code
		want   string
	}{
		{"no program", func(m fstest.MapFS) { delete(m, "__model__") }, sampan.NotFound,
			"there is no Paddle program; want __model__, *.pdmodel, model or *.json"},
		{"a pipe", func(m fstest.MapFS) { m["__model__"] = pipe }, sampan.NotFound,
			"there is no Paddle program; want __model__, *.pdmodel, model or *.json"},
		{"empty program", func(m fstest.MapFS) { m["__model__"].Data = nil }, sampan.InvalidArgument,
			"read __model__: 0 bytes, want a Paddle program"},
		{"text", func(m fstest.MapFS) { m["__model__"].Data = []byte("version https://git-lfs\n") }, sampan.InvalidArgument,
			"__model__ is text, not a Paddle program"},
		{"long text", func(m fstest.MapFS) { m["__model__"].Data = bytes.Repeat([]byte("数据\n"), 500) }, sampan.InvalidArgument,
			"__model__ is text, not a Paddle program"},
		{"damaged", func(m fstest.MapFS) { m["__model__"].Data = m["__model__"].Data[:99] }, sampan.InvalidArgument,
			"__model__ is not a Paddle program, or it is damaged"},
		{"no blocks", func(m fstest.MapFS) { m["__model__"].Data = []byte{0x22, 0} }, sampan.InvalidArgument,
			"__model__ is not a Paddle program, or it is damaged"},
		{"several programs", func(m fstest.MapFS) {
			m["a.pdmodel"], m["b.pdmodel"] = m["__model__"], m["__model__"]
			delete(m, "__model__")
		}, sampan.InvalidArgument, "there are several Paddle programs (a.pdmodel, b.pdmodel); want one"},
		{"several parameter files", func(m fstest.MapFS) { m["a.pdiparams"], m["b.pdiparams"] = m["w"], m["w"] }, sampan.InvalidArgument,
			"__model__ could go with a.pdiparams, b.pdiparams; want one of them"},
		{"pir", func(m fstest.MapFS) {
			delete(m, "__model__")
			m["net.json"] = &fstest.MapFile{Data: []byte(`{"base_code":{"magic":"pir","version":1}}`)}
		}, sampan.InvalidArgument, "net.json: program: want one region of one block"},

		{"missing parameter", func(m fstest.MapFS) { delete(m, "w") }, sampan.NotFound,
			"parameter files are missing: w (nor is there a *.pdiparams, __params__ or params with all)"},
		{"both missing", func(m fstest.MapFS) { delete(m, "w"); delete(m, "b") }, sampan.NotFound,
			"parameter files are missing: b, w (nor is there a *.pdiparams, __params__ or params with all)"},
		{"parameter is a pipe", func(m fstest.MapFS) { m["w"] = pipe }, sampan.InvalidArgument, "read w: it is not a file"},
		{"empty parameter", func(m fstest.MapFS) { m["w"].Data = nil }, sampan.InvalidArgument, "read w: version: 0 bytes, want 4"},
		{"truncated parameter", func(m fstest.MapFS) { m["w"].Data = m["w"].Data[:len(m["w"].Data)-4] }, sampan.InvalidArgument,
			"read w: 20 bytes of data, want 24 for shape [3 2]"},
		{"longer parameter", func(m fstest.MapFS) { m["w"].Data = append(m["w"].Data, 1, 2, 3) }, sampan.InvalidArgument,
			"read w: 3 bytes follow the parameter"},
		{"exchanged parameters", func(m fstest.MapFS) { m["w"] = m["b"] }, sampan.InvalidArgument,
			"read w: shape [2], the program declares [3 2]"},
		{"other dtype", func(m fstest.MapFS) {
			m["w"].Data = record(t, paddle.VarType_INT32, []int64{3, 2}, make([]byte, 24))
		}, sampan.InvalidArgument, "read w: dtype int32, the program declares FP32"},

		{"combined ends early", func(m fstest.MapFS) { m["__params__"] = m["b"] }, sampan.InvalidArgument,
			"read __params__: it ends after 1 parameters, want 2"},
		{"combined is cut", func(m fstest.MapFS) {
			m["__params__"] = &fstest.MapFile{Data: append(bytes.Clone(m["b"].Data), m["w"].Data[:48]...)}
		}, sampan.InvalidArgument, "read __params__: parameter w: 22 bytes of data, want 24 for shape [3 2]"},
		{"combined has more", func(m fstest.MapFS) {
			m["__params__"] = &fstest.MapFile{Data: bytes.Join([][]byte{m["b"].Data, m["w"].Data, {7}}, nil)}
		}, sampan.InvalidArgument, "read __params__: 1 bytes follow the last parameter, w"},
		{"combined in another order", func(m fstest.MapFS) {
			m["__params__"] = &fstest.MapFile{Data: bytes.Join([][]byte{m["w"].Data, m["b"].Data}, nil)}
		}, sampan.InvalidArgument, "read __params__: parameter b: shape [3 2], the program declares [2]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := linear(t)
			c.change(fsys)
			wrong(t, fsys, c.code, c.want)
		})
	}
}

// The real model, on a real disk.
func TestTruncatedParameterOnDisk(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(fixture.Repo("examples", "fit_a_line", "uci_housing_model"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "fc_0.w_0")
	if err := os.Truncate(path, 66); err != nil {
		t.Fatal(err)
	}
	wrong(t, os.DirFS(dir), sampan.InvalidArgument, "read fc_0.w_0: 40 bytes of data, want 52 for shape [13 1]")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wrong(t, os.DirFS(dir), sampan.NotFound,
		"parameter files are missing: fc_0.w_0 (nor is there a *.pdiparams, __params__ or params with all)")
	wrong(t, os.DirFS(path), sampan.NotFound, "look for a Paddle program: no such file or directory")
}
