package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sampanml/sampan/internal/fixture"
)

// sampanOutput runs the program with the arguments and returns its stdout.
func sampanOutput(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// The network takes sequences; the outputs are real Paddle 2.6.2's. Translated to ONNX
// it has the same signature and gives the same.
func TestSequences(t *testing.T) {
	dir := fixture.Shared(t, "paddle_corpus", "s_sequence_ops")
	library := fixture.ONNXRuntime(t)
	translated := filepath.Join(t.TempDir(), "translated.onnx")
	sampanOutput(t, "convert", "--dirname", dir, "--onnx", translated)
	var signatures []string
	for _, model := range []string{dir, translated} {
		args := []string{"check", model, "--onnxruntime", library, "--feed", "x=" + filepath.Join(dir, "in0.npy"), "--lod", "x=0,2,5,9"}
		for i := range 8 {
			args = append(args, "--want", fmt.Sprintf("save_infer_model/scale_%d.tmp_1=%s", i, filepath.Join(dir, fmt.Sprintf("out%d.npy", i))))
		}
		if out := sampanOutput(t, args...); strings.Count(out, "\n  equal ") != 8 || !strings.HasSuffix(out, "\nok\n") {
			t.Errorf("%s:\n%s", model, out)
		}
		signatures = append(signatures, sampanOutput(t, "convert", "--dirname", model, "--onnxruntime", library, "--show_proto"))
	}
	if signatures[0] != signatures[1] || !strings.Contains(signatures[0], "is_lod_tensor: true") {
		t.Errorf("the signatures differ:\n%s\n%s", signatures[0], signatures[1])
	}
}

// A program of Paddle 3, which the original's converter cannot read, is converted, and
// then gives the outputs of real Paddle.
func TestPaddle3(t *testing.T) {
	dir := fixture.Shared(t, "paddle_corpus", "linear_mlp")
	library := fixture.ONNXRuntime(t)
	out := t.TempDir()
	server := filepath.Join(out, "server")
	sampanOutput(t, "convert", "--dirname", dir, "--model_filename", "pir.json", "--params_filename", "legacy.pdiparams",
		"--serving_server", server, "--serving_client", filepath.Join(out, "client"), "--fetch_alias_names", "y")
	// As serving has it, under the converter's names.
	again := filepath.Join(out, "again")
	sampanOutput(t, "convert", "--dirname", server, "--serving_server", again, "--serving_client", filepath.Join(out, "client"), "--fetch_alias_names", "y")
	for _, name := range []string{"model.json", "params.pdiparams", "serving_server_conf.prototxt"} {
		if _, err := os.Stat(filepath.Join(again, name)); err != nil {
			t.Error(err)
		}
	}
	text := sampanOutput(t, "check", again, "--onnxruntime", library, "--feed", "x="+filepath.Join(dir, "in0.npy"), "--want", "y="+filepath.Join(dir, "out0.npy"))
	for _, want := range []string{"  output y float32 [-1 3] (fetch_name_0)\n", "  format Paddle 3 program of PIR version ", "  equal y: ", "pd_op.matmul 3"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// What is converted can be served: no signature file that the converter writes is a
// contradiction of the model, for all networks.
func TestConvertedIsServed(t *testing.T) {
	library := fixture.ONNXRuntime(t)
	dirs, err := filepath.Glob(filepath.Join(fixture.Shared(t, "paddle_corpus"), "*", "golden.json"))
	if err != nil || len(dirs) != 58 {
		t.Fatalf("%d networks, want 58 (%v)", len(dirs), err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		if _, err := os.Stat(filepath.Join(dir, "legacy")); err == nil {
			dir = filepath.Join(dir, "legacy")
		}
		out := t.TempDir()
		server := filepath.Join(out, "server")
		sampanOutput(t, "convert", "--dirname", dir, "--serving_server", server, "--serving_client", filepath.Join(out, "client"))
		sampanOutput(t, "check", server, "--onnxruntime", library)
	}
}
