package convert

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
)

// golden is one run of paddle_serving_client 0.9.0's inference_model_to_serving.
type golden struct {
	Name, Model   string
	ModelFilename string   `json:"model_filename"`
	ParamsFile    string   `json:"params_filename"`
	FeedAliases   string   `json:"feed_alias_names"`
	FetchAliases  string   `json:"fetch_alias_names"`
	ServerFiles   []string `json:"server_files"`
}

func goldens(t *testing.T) []golden {
	t.Helper()
	data, err := os.ReadFile(fixture.Shared(t, "goldens", "serving_conf", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []golden
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 21 {
		t.Fatalf("%d goldens, want 21", len(list))
	}
	return list
}

func TestAsTheOriginal(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(g.Name, func(t *testing.T) {
			format := paddle.Format{Program: g.ModelFilename, Params: g.ParamsFile}
			s, err := Paddle(fixture.Shared(t, filepath.FromSlash(g.Model)), format)
			if err != nil {
				t.Fatal(err)
			}
			if g.FeedAliases != "" {
				if err := s.AliasFeeds(strings.Split(g.FeedAliases, ",")); err != nil {
					t.Fatal(err)
				}
			}
			if g.FetchAliases != "" {
				if err := s.AliasFetches(strings.Split(g.FetchAliases, ",")); err != nil {
					t.Fatal(err)
				}
			}
			dir := t.TempDir()
			server, client := filepath.Join(dir, "server"), filepath.Join(dir, "client")
			if replaced, err := s.Write(server, client); err != nil || len(replaced) > 0 {
				t.Fatal(replaced, err)
			}
			if d := cmp.Diff(g.ServerFiles, list(t, server)); d != "" {
				t.Error(d)
			}
			want := fixture.Shared(t, "goldens", "serving_conf", g.Name)
			for _, name := range list(t, want) {
				in := client
				if strings.HasPrefix(name, "serving_server") {
					in = server
				}
				if got, want := read(t, in, name), read(t, want, name); !bytes.Equal(got, want) {
					t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
				}
			}
			// The output says of itself what the model did.
			before, err := format.Inspect(fixture.Shared(t, filepath.FromSlash(g.Model)))
			if err != nil {
				t.Fatal(err)
			}
			after, err := paddle.Format{}.Inspect(server)
			if err != nil {
				t.Fatal(err)
			}
			before.Program, before.Params = after.Program, after.Params
			if d := cmp.Diff(before, after); d != "" {
				t.Error(d)
			}
			if _, _, err := (paddle.Format{}).Combine(server); err != nil {
				t.Error(err)
			}
		})
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func linear(t *testing.T) *Source {
	t.Helper()
	s, err := Paddle(fixture.Repo("examples", "fit_a_line", "uci_housing_model"), paddle.Format{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAliasFaults(t *testing.T) {
	s := linear(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{s.AliasFeeds([]string{"a", "b"}), "2 names for 1 feeds (x)"},
		{s.AliasFetches(nil), "0 names for 1 fetches (fc_0.tmp_1)"},
		{s.AliasFeeds([]string{""}), "name 1 is empty"},
		{alias("feeds", slices.Repeat(s.Conf.Feeds, 2), []string{"a", "a"}), `"a" is there twice`},
	} {
		if c.err == nil || c.err.Error() != c.want || sampan.CodeOf(c.err) != sampan.InvalidArgument {
			t.Errorf("got  %v\nwant %s", c.err, c.want)
		}
	}
}

func TestOneDirectoryForBoth(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "both")
	for _, want := range [][]string{nil, {dir}} {
		replaced, err := linear(t).Write(dir, dir+"/")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, replaced); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{
			"model.pdmodel", "params.pdiparams", "serving_client_conf.prototxt", "serving_client_conf.stream.prototxt",
			"serving_server_conf.prototxt", "serving_server_conf.stream.prototxt",
		}, list(t, dir)); d != "" {
			t.Error(d)
		}
	}
	if names := list(t, filepath.Dir(dir)); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

// What others have put there stays, and nothing of ours is left behind.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string) (server, client string)
		want string
	}{
		{"the server's is a file", func(t *testing.T, dir string) (string, string) {
			put(t, dir, "s")
			return filepath.Join(dir, "s"), filepath.Join(dir, "c")
		}, "DIR/s is a file, want a directory"},
		{"the client's is a file", func(t *testing.T, dir string) (string, string) {
			put(t, dir, "c")
			return filepath.Join(dir, "s"), filepath.Join(dir, "c")
		}, "DIR/c is a file, want a directory"},
		{"below a file", func(t *testing.T, dir string) (string, string) {
			put(t, dir, "f")
			return filepath.Join(dir, "f", "s"), filepath.Join(dir, "c")
		}, "write DIR/f/s: not a directory"},
		{"other files", func(t *testing.T, dir string) (string, string) {
			put(t, dir, "labels.txt")
			return dir, filepath.Join(dir, "c")
		}, "DIR has labels.txt, which would be lost; want a new directory, or an earlier output of this model"},
		{"the client's within the server's", func(t *testing.T, dir string) (string, string) {
			put(t, dir, "s")
			return dir, filepath.Join(dir, "c")
		}, "DIR has s, which would be lost; want a new directory, or an earlier output of this model"},
		{"a system that takes no files", func(t *testing.T, dir string) (string, string) {
			return "/proc/sampan/s", filepath.Join(dir, "c")
		}, "write /proc/sampan/s: no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			server, client := c.make(t, dir)
			before := list(t, dir)
			_, err := linear(t).Write(server, client)
			if want := strings.ReplaceAll(c.want, "DIR", dir); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if d := cmp.Diff(before, list(t, dir)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTwoFilesOfOneName(t *testing.T) {
	dir := t.TempDir()
	s := linear(t)
	s.files = func() ([]file, error) { return []file{{name: "m", data: []byte("program")}, {name: "m"}}, nil }
	server := filepath.Join(dir, "server")
	if _, err := s.Write(server, filepath.Join(dir, "client")); err == nil || err.Error() != "write "+server+": file exists" {
		t.Error(err)
	}
	if names := list(t, dir); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

func put(t *testing.T, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestThroughALink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("real", link); err != nil {
		t.Fatal(err)
	}
	if _, err := linear(t).Write(link, filepath.Join(dir, "client")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if names := list(t, filepath.Join(dir, "real")); len(names) != 4 {
		t.Errorf("the directory has %v", names)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	for _, want := range []bool{false, true} {
		if replaced, err := WriteFile(path, []byte("model")); err != nil || replaced != want {
			t.Errorf("%t, %v, want %t", replaced, err, want)
		}
	}
	for path, want := range map[string]string{
		dir:                             dir + " is not a file",
		filepath.Join(dir, "none", "m"): "write " + filepath.Join(dir, "none", "m") + ": no such file or directory",
		filepath.Join(path, "m"):        "write " + filepath.Join(path, "m") + ": not a directory",
	} {
		if _, err := WriteFile(path, nil); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if d := cmp.Diff([]string{"m.onnx"}, list(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestNothingIsFetched(t *testing.T) {
	s := linear(t)
	s.Conf.Fetches = nil
	const want = "the model has 1 feeds and 0 fetches, want at least one of each"
	if err := s.sort(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
