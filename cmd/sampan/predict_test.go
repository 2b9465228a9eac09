package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server"
)

// Three reviews as lists of words: fed as sequences, and as one list that --lod divides,
// they have the same answers.
func TestPredictSequences(t *testing.T) {
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), server.Config{
		Name: "imdb", Host: "127.0.0.1", Models: []server.ModelConfig{{Path: fixture.Shared(t, "paddle_corpus", "s_imdb_bow_lod", "legacy")}},
		Backend: backend, Translators: []engine.Translator{paddle.Format{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	conf := filepath.Join(t.TempDir(), "client.prototxt")
	text := `feed_var { name: "words" alias_name: "words" is_lod_tensor: true feed_type: 0 shape: -1 }
fetch_var { name: "save_infer_model/scale_0.tmp_0" fetch_type: 1 shape: 2 }`
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	predict := func(args ...string) string {
		var out bytes.Buffer
		root := newRoot()
		root.SetOut(&out)
		root.SetArgs(append([]string{"predict", "--config", conf, "--endpoint", s.Addr().String()}, args...))
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	sequences := predict("--feed", "words=[[1,2,3,4],[5],[6,7]]")
	divided := predict("--feed", "words=[1,2,3,4,5,6,7]", "--lod", "words=[0,4,5,7]")
	one := predict("--feed", "words=[1,2,3,4]")
	if sequences != divided || sequences == one || bytes.Count([]byte(sequences), []byte("],[")) != 2 {
		t.Errorf("sequences %s, divided %s, one alone %s", sequences, divided, one)
	}
}
