package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sampanml/sampan"
)

var update = flag.Bool("update", false, "write what the code does into testdata")

// archive is a file with what comes of it. In bad ones the comment is the message.
type archive struct {
	*txtar.Archive
	path, name string
}

func archives(t testing.TB, folder string) []archive {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives in %s (%v)", folder, err)
	}
	var out []archive
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, archive{a, path, strings.TrimSuffix(filepath.Base(path), ".txtar")})
	}
	return out
}

// file is one of the archive's; nil where it has none of that name.
func (a archive) file(name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	return nil
}

func (a archive) parse() (*Config, error) {
	o := Options{Strict: a.file("strict") != nil}
	if f := a.file("overrides"); f != nil {
		o.Overrides = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
	}
	return Parse("config.yml", a.file("config.yml").Data, o)
}

func (a archive) write(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(a.path, txtar.Format(a.Archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The checks of paddle_serving_client 0.9.0 (pipeline_server.py) make the same of these
// files; only an op without any settings, and one without a value, are errors there.
func TestGood(t *testing.T) {
	for _, a := range archives(t, "good") {
		t.Run(a.name, func(t *testing.T) {
			c, err := a.parse()
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(c); err != nil {
				t.Fatal(err)
			}
			if *update {
				if a.file("want.json") == nil {
					a.Files = append(a.Files, txtar.File{Name: "want.json"})
				}
				a.file("want.json").Data = got.Bytes()
				a.write(t)
			}
			if d := cmp.Diff(string(a.file("want.json").Data), got.String()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestBad(t *testing.T) {
	for _, a := range archives(t, "bad") {
		t.Run(a.name, func(t *testing.T) {
			c, err := a.parse()
			if err == nil {
				t.Fatalf("accepted %+v", c)
			}
			if *update {
				a.Comment = []byte(err.Error() + "\n")
				a.write(t)
			}
			if d := cmp.Diff(strings.TrimSpace(string(a.Comment)), err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if code := sampan.CodeOf(err); code != sampan.InvalidArgument {
				t.Errorf("code %v", code)
			}
		})
	}
}
