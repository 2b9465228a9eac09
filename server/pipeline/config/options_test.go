package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

const small = `
rpc_port: 9998
ops: &ops
  read: {kind: request}
name: ocr
op:
  det:
    after: [read, *ops]
    kind: ~
`

func TestKnown(t *testing.T) {
	c, err := Parse("config.yml", []byte(small), Options{
		Strict: true, Known: []string{"ops", "name", "absent"}, KnownOp: []string{"after", "kind", "absent"},
		Overrides: []string{"ops.read.model=m"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var ops map[string]map[string]string
	if err := c.Extra["ops"].Decode(&ops); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]map[string]string{"read": {"kind": "request", "model": "m"}}, ops); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if n := c.Extra["ops"]; n.Line != 3 || len(c.Extra) != 2 {
		t.Errorf("line %d of %d keys", n.Line, len(c.Extra))
	}
	var after []any
	if err := c.Op("det").Extra["after"].Decode(&after); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{"read", map[string]any{"read": map[string]any{"kind": "request"}}}, after); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if n := c.Op("det").Extra["kind"]; n == nil || n.ShortTag() != "!!null" {
		t.Errorf("kind is %+v", n)
	}
}

// Further keys are unknown where nobody says that they are known, and a suggestion may
// be one of them.
func TestKnownSuggested(t *testing.T) {
	c, err := Parse("config.yml", []byte(small), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 4 || c.Extra != nil || c.Op("det").Extra != nil {
		t.Errorf("%d warnings, %q", len(c.Warnings), c.Warnings)
	}
	c, err = Parse("config.yml", []byte("rpc_port: 9998\nnaem: a"), Options{Known: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{`config.yml:2: naem: unknown key, perhaps "name" is meant`}, c.Warnings); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if c, err := Load(write("good.yml", small), Options{}); err != nil || c.RPCPort != 9998 {
		t.Errorf("%+v, %v", c, err)
	}
	for path, want := range map[string]struct {
		code sampan.Code
		text string
	}{
		filepath.Join(dir, "none.yml"):  {sampan.NotFound, "no such file"},
		dir:                             {sampan.FailedPrecondition, "is a directory"},
		write("bad.yml", "rpc_port: 1"): {sampan.InvalidArgument, filepath.Join(dir, "bad.yml") + ":1: rpc_port: got 1"},
		write("many.yml", "rpc_port: 1\na: ["+strings.Repeat("{a: 1, a: 2},", 200)+"]"): {sampan.InvalidArgument, "\nand 101 more"},
		write("bytes.yml", "rpc_port: \xff"):                                            {sampan.InvalidArgument, "not YAML"},
		write("large.yml", strings.Repeat("#\n", 1<<19)+"#"):                            {sampan.InvalidArgument, "larger than 1048576 bytes"},
		write("deep.yml", strings.Repeat("[", 5000)):                                    {sampan.InvalidArgument, "not YAML"},
		write("deeper.yml", strings.Repeat("{a: ", 200)+"1"+strings.Repeat("}", 200)):   {sampan.InvalidArgument, "100 deep"},
	} {
		_, err := Load(path, Options{})
		if err == nil || sampan.CodeOf(err) != want.code || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: %v %v, want %v with %q", filepath.Base(path), sampan.CodeOf(err), err, want.code, want.text)
		}
	}
}

func TestOp(t *testing.T) {
	c, err := Parse("config.yml", []byte("rpc_port: 9998\nop: {a: {retry: 2}, b: {retry: 3}}"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if op := c.Op("b"); op == nil || op.Retry != 3 || op != &c.Ops[1] || c.Op("c") != nil || c.Op("") != nil {
		t.Errorf("%+v", op)
	}
}

func TestPath(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"conf/both", "both", "here", "conf/beside"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]map[string]string{
		"conf/config.yml": {
			"both": "conf/both", "beside/": "conf/beside", "here/": "here", "none": "conf/none",
			"../here": "here", "": "", "/nowhere/else": "/nowhere/else",
		},
		"config.yml": {"both": "both", "none": "none"},
	} {
		c, err := Parse(name, []byte("rpc_port: 9998"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range want {
			if got := c.Path(path); got != want {
				t.Errorf("%s: %q is %q, want %q", name, path, got, want)
			}
		}
	}
}
