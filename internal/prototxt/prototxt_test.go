package prototxt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sampanml/sampan/kitex_gen/configure"
)

func TestUnmarshal(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"good", "engines { name: \"a\" }", ""},
		{"empty", "", ""},
		{"misspelt", "engines {\n  model_dri: \"m\"\n}", `line 2:3: unknown field "model_dri"; did you mean "model_dir"?`},
		{"nothing like it", "engines {\n  colour: 3\n}", `line 2:3: unknown field "colour"`},
		{"at the top", "engine { name: \"a\" }", `line 1:1: unknown field "engine"; did you mean "engines"?`},
		{"wrong type", "engines {\n  name: 3\n}", `line 2:9: invalid value for string type: 3`},
		{"twice", "engines {\n  name: \"a\"\n  name: \"b\"\n}", `line 3:3: non-repeated field "name" is repeated`},
		{"open brace", "engines {\n  name: \"a\"\n", `line 2: unexpected end of the file`},
		{"not text", "\x00\x01", "line 1:1: syntax error: invalid field name: \ufffd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Unmarshal([]byte(c.text), &configure.ModelToolkitConf{})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "conf")
	if err := os.WriteFile(path, make([]byte, maxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), "more than 16777216 bytes") {
		t.Errorf("a file that is too large: %v", err)
	}
	if err := os.Truncate(path, maxSize); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadFile(path); err != nil || len(data) != maxSize {
		t.Errorf("the largest file: %d bytes, %v", len(data), err)
	}
	if _, err := ReadFile(path + "x"); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}
