package modelfile_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/server/modelfile"
)

var update = flag.Bool("update", false, "write the messages of testdata/bad anew")

func TestGood(t *testing.T) {
	for name, want := range map[string]modelfile.Settings{
		"everything": {
			Threads: 2, InterThreads: 2, Optimisation: "extended", Arena: new(false), Instances: 2, Concurrency: 3,
			Providers: []engine.Provider{
				{Name: "TensorRT", Options: map[string]string{"device_id": "1", "trt_fp16_enable": "true"}},
				{Name: "CUDA", Options: map[string]string{"device_id": "1"}},
			},
			QueueRows: 100, QueueBytes: 1_000_000, WarmUp: new(0),
			Batching: &engine.Batching{
				MaxRows: 32, Delay: 2 * time.Millisecond, Preferred: []int64{8, 16}, KeepWhole: true, Overrun: true,
				Padding: map[string]float64{"words": 0, "weights": -1.5},
			},
			Policy: &engine.VersionPolicy{Latest: 2},
			Labels: map[string]string{"stable": "1", "canary": "2"},
		},
		"batching":  {Batching: &engine.Batching{MaxRows: 8, PadAll: true}},
		"version":   {Policy: &engine.VersionPolicy{Specific: []string{"3"}}},
		"nothing":   {},
		"empty_map": {},
	} {
		got, err := modelfile.Load(filepath.Join("testdata", "good", name+".yaml"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// TestBad: beside each file is what has to be said of it.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		_, err := modelfile.Load(file)
		if err == nil || sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%s: %v, want InvalidArgument", file, err)
			continue
		}
		got := strings.ReplaceAll(err.Error(), file, filepath.Base(file)) + "\n"
		golden := strings.TrimSuffix(file, ".yaml") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s:\n%s", file, diff)
		}
	}
}

func TestLargeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), modelfile.Name)
	if err := os.WriteFile(path, bytes.Repeat([]byte("#"), 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := modelfile.Load(path); err == nil || !strings.HasSuffix(err.Error(), "has 2097152 bytes, want at most 1048576") {
		t.Errorf("got %v", err)
	}
}

func TestConfigure(t *testing.T) {
	dir := t.TempDir()
	gpu := engine.Runtime{Providers: []engine.Provider{engine.CUDA("0")}}
	given := func() engine.Source {
		return engine.Source{Path: dir, Policy: engine.VersionPolicy{All: true}, Options: engine.Options{
			Concurrency: 1, WarmUp: 2, Unoptimised: true, Sessions: []engine.Runtime{gpu, gpu},
		}}
	}
	m := given()
	if err := modelfile.Configure(&m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(given(), m, cmp.AllowUnexported(engine.Options{})); diff != "" {
		t.Errorf("without a file:\n%s", diff)
	}
	write := func(text string) engine.Source {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, modelfile.Name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m := given()
		if err := modelfile.Configure(&m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	plain := write("labels: {a: 1}")
	if plain.Labels["a"] != "1" || !plain.Policy.All || !plain.Options.Unoptimised || len(plain.Options.Sessions) != 2 {
		t.Errorf("labels alone make %+v", plain)
	}
	if other := write("labels: {a: 2}\nversion_policy: latest"); other.Stamp != plain.Stamp || other.Policy.All {
		t.Error("another label loads the model anew")
	}
	m = write("threads: 2\nconcurrency: 3\noptimization: basic\nqueue: {rows: 7, bytes: 8}\nwarm_up: 0\ninstances: 2\narena: false")
	o := m.Options
	if m.Stamp == plain.Stamp || o.Threads != 2 || o.Concurrency != 3 || o.Unoptimised || o.Queue != 7 || o.QueueBytes != 8 || o.WarmUp != 0 {
		t.Errorf("got %+v", o)
	}
	if s := o.Sessions; len(s) != 4 || !s[0].NoArena || s[0].Optimisation != "basic" || s[0].Providers[0].Name != "CUDA" {
		t.Errorf("sessions %+v", o.Sessions)
	}
	if s := write("providers: [{name: OpenVINO}]").Options.Sessions; len(s) != 1 || s[0].Providers[0].Name != "OpenVINO" {
		t.Errorf("sessions %+v", s)
	}
	// A model that is a file has no directory of its own.
	m = given()
	m.Path = filepath.Join(dir, modelfile.Name)
	if err := modelfile.Configure(&m); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, dir := range []string{"good", "bad"} {
		files, _ := filepath.Glob("testdata/" + dir + "/*.yaml")
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := modelfile.Parse("fuzz", data)
		if (s == nil) == (err == nil) {
			t.Errorf("%v and %v", s, err)
		}
		if err != nil && sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("code %s: %v", sampan.CodeOf(err), err)
		}
	})
}
