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

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
)

var update = flag.Bool("update", false, "write what the code does into testdata")

// unpack writes an archive's files into the working directory of the test; $DIR in
// them stands for it.
func unpack(t *testing.T, path string) (*txtar.Archive, string) {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, f := range a.Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, bytes.ReplaceAll(f.Data, []byte("$DIR"), []byte(dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return a, dir
}

func archives(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(fixture.Repo("server", "config", "testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives in %s (%v)", folder, err)
	}
	return paths
}

// summary is a Config as want.json has it.
type summary struct {
	Service   string
	Port      int
	Workflows []workflow
	Engines   []Engine
	Notes     []string
}

type workflow struct {
	Name     string
	Parallel bool `json:",omitempty"`
	// Nodes are name, type and dependencies.
	Nodes []string
}

func summarise(c *Config) summary {
	s := summary{Service: c.Service, Port: c.Port, Engines: c.Engines, Notes: c.Notes}
	for _, w := range c.Workflows {
		out := workflow{Name: w.Name, Parallel: w.Parallel}
		for _, n := range w.Nodes {
			out.Nodes = append(out.Nodes, strings.Join(append([]string{n.Name, n.Type}, n.Depends...), " "))
		}
		s.Workflows = append(s.Workflows, out)
	}
	return s
}

func TestGood(t *testing.T) {
	for _, path := range archives(t, "good") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, dir := unpack(t, path)
			c, err := Load(filepath.Join(dir, "workdir_9393"))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(summarise(c)); err != nil {
				t.Fatal(err)
			}
			want := &a.Files[len(a.Files)-1]
			text := bytes.ReplaceAll(got.Bytes(), []byte(dir), []byte("$DIR"))
			if *update {
				want.Data = text
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(want.Data), string(text)); want.Name != "want.json" || d != "" {
				t.Errorf("%s (-want +got):\n%s", want.Name, d)
			}
		})
	}
}

// The comment of each archive is the message.
func TestBad(t *testing.T) {
	for _, path := range archives(t, "bad") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, _ := unpack(t, path)
			_, err := Load("conf")
			if err == nil {
				t.Fatal("no error")
			}
			if *update {
				a.Comment = []byte(err.Error() + "\n")
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(strings.TrimSpace(string(a.Comment)), err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The demonstration files of an old Paddle Serving have fields that it dropped since.
func TestDroppedFields(t *testing.T) {
	_, err := Load(fixture.Shared(t, "configs", "graph"))
	if err == nil || !strings.Contains(err.Error(), `model_toolkit.prototxt: line 6:3: unknown field "model_data_path"`) {
		t.Errorf("got %v", err)
	}
}

// fake is a model that is only told apart.
type fake struct {
	ops.Model
	name string
}

func TestSpecs(t *testing.T) {
	c := &Config{
		Workflows: []graph.Spec{{Name: "w", Nodes: []graph.NodeSpec{{Name: "r"}, {Name: "a"}}}, {Name: "v", Nodes: []graph.NodeSpec{{Name: "b"}, {Name: "a"}}}},
		Engines:   []Engine{{Name: "a"}, {Name: "b"}},
	}
	var got []string
	for _, s := range c.Specs(func(name string) ops.Model { return fake{name: name} }) {
		for _, n := range s.Nodes {
			line := s.Name + " " + n.Name
			if m, ok := n.Model.(fake); ok {
				line += " " + m.name
			}
			got = append(got, line)
		}
	}
	if d := cmp.Diff([]string{"w r", "w a a", "v b b", "v a a"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if c.Workflows[0].Nodes[1].Model != nil {
		t.Error("the Config was changed")
	}
}
