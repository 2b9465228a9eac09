package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/ops"
)

// FuzzLoad reads a directory with those three files. What is accepted is whole: one
// service, workflows that are graphs, and an engine for every node that needs one.
func FuzzLoad(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		paths, err := filepath.Glob(fixture.Repo("server", "config", "testdata", folder, "*.txtar"))
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			a, err := txtar.ParseFile(path)
			if err != nil {
				f.Fatal(err)
			}
			seeds := map[string]string{}
			for _, file := range a.Files {
				seeds[filepath.Base(file.Name)] = strings.ReplaceAll(string(file.Data), "$DIR/uci_housing_model", "model")
			}
			f.Add(seeds["infer_service.prototxt"], seeds["workflow.prototxt"], seeds["model_toolkit.prototxt"])
		}
	}
	dir := f.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "model"), 0o700); err != nil {
		f.Fatal(err)
	}
	write := func(t testing.TB, name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(f, "resource.prototxt", `model_toolkit_file: "model_toolkit.prototxt"`)
	f.Fuzz(func(t *testing.T, service, workflow, toolkit string) {
		write(t, "infer_service.prototxt", service)
		write(t, "workflow.prototxt", workflow)
		write(t, "model_toolkit.prototxt", toolkit)
		c, err := Load(dir)
		if err != nil {
			if c != nil || err.Error() == "" {
				t.Fatalf("%v, %v", c, err)
			}
			return
		}
		if c.Service == "" || c.Port < 0 || c.Port > maxPort || len(c.Workflows) == 0 {
			t.Fatalf("accepted %+v", c)
		}
		engines := map[string]bool{}
		for _, e := range c.Engines {
			if e.Name == "" || engines[e.Name] || !exists(e.ModelDir) {
				t.Fatalf("accepted engine %+v", e)
			}
			engines[e.Name] = true
		}
		for _, s := range c.Specs(func(name string) ops.Model { return fake{name: name} }) {
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			for _, n := range s.Nodes {
				if n.Type == ops.GeneralInfer && n.Model == nil {
					t.Fatalf("accepted node %+v", n)
				}
			}
		}
	})
}
