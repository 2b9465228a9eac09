package steps_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
	_ "github.com/sampanml/sampan/ops/steps"
)

// write makes a file of steps, with a file of labels beside it.
func write(t *testing.T, text string) string {
	t.Helper()
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "labels.txt"), []byte("low\nhigh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(directory, "steps.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run applies the steps to what a node before gives.
func run(t *testing.T, text string, inputs ...sampan.Named) ([]sampan.Named, error) {
	t.Helper()
	op, err := ops.New("steps:"+write(t, text), ops.Config{Node: "n"})
	if err != nil {
		t.Fatal(err)
	}
	f := &ops.Frame{Inputs: []*ops.Output{{Node: "before", Tensors: inputs}}}
	err = op.Run(context.Background(), f)
	return f.Output.Tensors, err
}

func texts(t *testing.T, texts ...string) sampan.Tensor {
	t.Helper()
	tensor, err := sampan.OfStrings(sampan.Shape{int64(len(texts))}, texts)
	if err != nil {
		t.Fatal(err)
	}
	return tensor
}

// The op gives what it got and what its steps made: a text of one, a list of several.
func TestOp(t *testing.T) {
	got, err := run(t, "- rows: {from: x}\n- top: {from: x, to: label, labels: labels.txt, labels_only: true}\n- join: {from: notes, to: note}",
		sampan.Named{Alias: "x", Tensor: texts(t, "0.2, 0.8")}, sampan.Named{Name: "notes", Tensor: texts(t, "a", "b")})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	found := map[string]sampan.Tensor{}
	for _, n := range got {
		names = append(names, n.Public())
		found[n.Public()] = n.Tensor
	}
	if want := []string{"x", "notes", "label", "note"}; !slices.Equal(names, want) {
		t.Fatalf("%q, want %q", names, want)
	}
	if x, err := sampan.View[float32](found["x"]); err != nil || !slices.Equal(x, []float32{0.2, 0.8}) {
		t.Errorf("x: %v %v", x, err)
	}
	for name, want := range map[string][]string{"notes": {"a", "b"}, "label": {"high"}, "note": {"a, b"}} {
		if got, err := found[name].Strings(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q %v, want %q", name, got, err, want)
		}
	}
}

// What a request lacks, or has wrong, is told.
func TestOpRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"- rows: {from: y}":         `"y" is missing; want it among ["x"]`,
		"- rows: {from: x}":         "could not convert string to float: words",
		"- boxes: {from: [x, x]}":   "got a text, want rows of boxes",
		"- image: {from: x, to: y}": "the picture is not base64",
	} {
		if _, err := run(t, text, sampan.Named{Name: "x", Tensor: texts(t, "words!")}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// What is wrong with a file is told when the graph is made.
func TestOpFile(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "want a list of steps",
		"a: b":                         "want a list of steps",
		"- [":                          "did not find",
		"- rowz: {from: x}":            `step "rowz" is not known; did you mean "rows"?`,
		"- rows: {from: x, to: [1, 2]": "did not find",
		"- rows: {}":                   "from is missing",
		"- top: {from: x, kk: 1}":      `setting "kk" is not known`,
	} {
		if _, err := ops.New("steps:"+write(t, text), ops.Config{Node: "n"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ops.New("steps:nothing.yml", ops.Config{Node: "n"}); err == nil || !strings.Contains(err.Error(), "nothing.yml") {
		t.Errorf("no file: %v", err)
	}
}
