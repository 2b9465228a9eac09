package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// still is a model that nobody runs.
type still engine.Signature

func (s still) Load(context.Context, engine.Artifact) (engine.Session, error) { return s, nil }

func (s still) Signature() engine.Signature { return engine.Signature(s) }

func (still) Run(context.Context, []sampan.Tensor, []sampan.Tensor) error { return nil }

func (still) Close() error { return nil }

// model opens a model with the signature, and the signature file conf if it is not
// empty. It is called "m".
func model(t *testing.T, s engine.Signature, conf string) *engine.Model {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"model.onnx": ""}
	if conf != "" {
		files["serving_server_conf.prototxt"] = conf
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := engine.Open(context.Background(), dir, engine.Options{Name: "m", Backend: still(s)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func field(name string, d sampan.DType, shape ...int64) engine.Field {
	return engine.Field{Name: name, Alias: name, DType: d, Shape: shape}
}

func TestCurlLine(t *testing.T) {
	const listing = "curl http://h:1/v1/models"
	request := func(feed, fetch string) string {
		return `curl -X POST -H 'Content-Type: application/json' -d '{"feed":[{` + feed + `}],"fetch":[` + fetch + `]}' http://h:1/n/prediction`
	}
	signature := func(out string, in ...engine.Field) engine.Signature {
		return engine.Signature{Inputs: in, Outputs: []engine.Field{field(out, sampan.Float32, -1, 1)}}
	}
	for _, c := range []struct {
		name   string
		models []engine.Signature
		want   string
	}{
		{"no model", nil, listing},
		{"numbers", []engine.Signature{signature("y", field("x", sampan.Float32, -1, 3))}, request(`"x":[0.0,0.0,0.0]`, `"y"`)},
		{"kinds", []engine.Signature{signature("y", field("i", sampan.Int64, -1, 2), field("s", sampan.String, -1), field("h", sampan.Float16, -1, 1))},
			request(`"i":[0,0],"s":[""],"h":[0.0]`, `"y"`)},
		{"sizes that are not fixed", []engine.Signature{signature("y", field("x", sampan.Int32, -1, -1, 2))}, request(`"x":[0,0]`, `"y"`)},
		{"a scalar", []engine.Signature{signature("y", field("x", sampan.Int32))}, request(`"x":[0]`, `"y"`)},
		{"the most", []engine.Signature{signature("y", field("x", sampan.Int8, -1, 64))}, request(`"x":[`+strings.Repeat("0,", 63)+`0]`, `"y"`)},
		{"too many", []engine.Signature{signature("y", field("x", sampan.Int8, -1, 65))}, listing},
		{"an image", []engine.Signature{signature("y", field("x", sampan.Float32, -1, 3, 224, 224))}, listing},
		{"a quote", []engine.Signature{signature("y", field(`a"b`, sampan.Int8, -1, 1))}, request(`"a\"b":[0]`, `"y"`)},
		{"a chain takes the first's and gives the last's", []engine.Signature{
			signature("mid", field("x", sampan.Int8, -1, 1)), signature("end", field("mid", sampan.Float32, -1, 1)),
		}, request(`"x":[0]`, `"end"`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var models []*engine.Model
			for _, s := range c.models {
				models = append(models, model(t, s, ""))
			}
			var takes *engine.Signature
			if len(models) > 0 {
				takes = models[0].Signature()
			}
			if got := curlLine("h:1", "n", takes, models); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	m := model(t, engine.Signature{
		Inputs:  []engine.Field{field("x", sampan.Float32, -1, 13), field("ids", sampan.Int64, -1, 1)},
		Outputs: []engine.Field{field("fc_0.tmp_1", sampan.Float32, -1, 1)},
	}, `feed_var { name: "x" feed_type: 1 shape: 13 }
		feed_var { name: "ids" alias_name: "words" feed_type: 0 shape: -1 is_lod_tensor: true }
		fetch_var { name: "fc_0.tmp_1" alias_name: "price" fetch_type: 1 shape: 1 }`)
	var out strings.Builder
	describe(&out, m)
	want := `model "m" version 1 from ` + m.Dir() + `
  input  x float32 [-1 13]
  input  words int64 [-1 1] (ids) lod
  output price float32 [-1 1] (fc_0.tmp_1)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLoadTime(t *testing.T) {
	for want, took := range map[string]engine.LoadTime{
		"session 12ms":                  {Session: 12_345_678},
		"translation 0s, session 1.5s":  {Translate: 1, Session: 1_500_000_000},
		"translation 2ms, session 40ms": {Translate: 2_000_000, Session: 40_000_000},
	} {
		if got := loadTime(took); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
