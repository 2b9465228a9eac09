package client

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
	"github.com/sampanml/sampan/internal/fixture"
)

var update = flag.Bool("update", false, "write what the code does into testdata")

// sdkConfigs are the archives of a folder: a predictors.prototxt, and what comes of it.
func sdkConfigs(t testing.TB, folder string) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob(fixture.Repo("client", "testdata", "sdk", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives in %s (%v)", folder, err)
	}
	out := map[string]*txtar.Archive{}
	for _, path := range paths {
		if out[path], err = txtar.ParseFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func rewrite(t *testing.T, path string, a *txtar.Archive) {
	if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestGoodSDKConfigs(t *testing.T) {
	for path, a := range sdkConfigs(t, "good") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, err := parseSDKConfig(a.Files[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			// The number of shared connections depends on that of the processors.
			for i := range got.Predictors {
				for j := range got.Predictors[i].Variants {
					if c := &got.Predictors[i].Variants[j].Config; c.Transport.shares() {
						c.MaxConns = 0
					}
				}
			}
			var text bytes.Buffer
			encoder := json.NewEncoder(&text)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(got); err != nil {
				t.Fatal(err)
			}
			if *update {
				a.Files[1].Data = text.Bytes()
				rewrite(t, path, a)
			}
			if d := cmp.Diff(string(a.Files[1].Data), text.String()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The comment of each archive is the message.
func TestBadSDKConfigs(t *testing.T) {
	for path, a := range sdkConfigs(t, "bad") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, err := parseSDKConfig(a.Files[0].Data)
			if err == nil {
				t.Fatal("no error")
			}
			if *update {
				a.Comment = []byte(err.Error() + "\n")
				rewrite(t, path, a)
			}
			if d := cmp.Diff(strings.TrimSpace(string(a.Comment)), err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The files that Paddle Serving's users have.
func TestUsersSDKConfigs(t *testing.T) {
	s, err := LoadSDKConfig(fixture.Shared(t, "configs", "client", "predictors.prototxt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Predictors) != 10 {
		t.Errorf("%d predictors, want 10", len(s.Predictors))
	}
	_, err = s.Predictor("ximage")
	wantError(t, err, sampan.InvalidArgument, `predictor "ximage": service "baidu.paddle_serving.predictor.image_classification.ImageClassifyService" cannot be called, want `+baiduService)
	if _, err = s.Predictor(""); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}

	if s, err = LoadSDKConfig(fixture.Shared(t, "configs", "client", "predictor.conf")); err != nil {
		t.Fatal(err)
	}
	p, err := s.Predictor("")
	if err != nil {
		t.Fatal(err)
	}
	v := p.Variants[0]
	if p.Name != "general_model" || v.Tag != "var1" || v.Cluster != "list://127.0.0.1:9292" || v.Config.Transport != BaiduStd || v.Config.Balance != LocalityAware {
		t.Errorf("got %+v", p)
	}
}

func TestPredictorChoice(t *testing.T) {
	s := &SDKConfig{Predictors: []Predictor{{Name: "a", Service: baiduService}, {Name: "b", Service: baiduService}}}
	if p, err := s.Predictor("b"); err != nil || p.Name != "b" {
		t.Errorf("got %+v, %v", p, err)
	}
	_, err := s.Predictor("")
	wantError(t, err, sampan.InvalidArgument, `several predictors, choose one of "a", "b"`)
	_, err = s.Predictor("c")
	wantError(t, err, sampan.NotFound, `predictor "c" is not there, the config has "a", "b"`)
}

func TestLoadSDKConfigFaults(t *testing.T) {
	_, err := LoadSDKConfig("testdata/none")
	wantError(t, err, sampan.NotFound, "load SDK config: open testdata/none: no such file or directory")
	_, err = LoadSDKConfig(uciConf)
	wantError(t, err, sampan.InvalidArgument, "load SDK config: "+uciConf+`: line 1:1: unknown field "feed_var"`)
	wantError(t, load(t, "testdata/uci").ConnectSDK(t.Context(), "testdata/none"), sampan.NotFound,
		"load SDK config: open testdata/none: no such file or directory")
}

// FuzzSDKConfig: what is accepted is whole.
func FuzzSDKConfig(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, a := range sdkConfigs(f, folder) {
			f.Add(a.Files[0].Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSDKConfig(data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a text")
			}
			return
		}
		for _, p := range s.Predictors {
			sum := 0
			for _, v := range p.Variants {
				sum += v.Weight
				if faults := v.Config.faults(); len(faults) > 0 || v.Tag == "" || v.Cluster == "" {
					t.Fatalf("accepted %+v: %v", v, faults)
				}
			}
			if p.Name == "" || p.Service == "" || sum == 0 {
				t.Fatalf("accepted %+v", p)
			}
		}
	})
}
