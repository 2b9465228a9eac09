package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
)

func output(engine string, tensors ...sampan.Named) sampan.Output {
	return sampan.Output{Engine: engine, Tensors: tensors}
}

func result(t *testing.T, wanted []string, outputs ...sampan.Output) (*Result, error) {
	t.Helper()
	m, err := wire.ToResponse(&sampan.Reply{Outputs: outputs, Profile: []int64{1, 2}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return newResult(m, wanted)
}

func TestResult(t *testing.T) {
	score := tensorOf(sampan.Shape{1, 2}, float32(0.25), 0.75)
	label := tensorOf(sampan.Shape{1}, int64(3))
	r, err := result(t, []string{"score", "label"},
		output("net", sampan.Named{Name: "a", Alias: "score", Tensor: score}, sampan.Named{Name: "label", Tensor: label}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"score", "label"}, r.Names()) + cmp.Diff([]string{"net"}, r.Engines()); diff != "" {
		t.Error(diff)
	}
	got, err := r.Tensor("score")
	if diff := cmp.Diff(score, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	d, err := r.Dense("score")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{0.25, 0.75}, d.Data()); diff != "" {
		t.Error(diff)
	}
	_, err = r.Tensor("cost")
	wantError(t, err, sampan.NotFound, `no output "cost" in the result, it has "score", "label"`)
	_, err = r.Float32s("cost")
	wantError(t, err, sampan.NotFound, `no output "cost" in the result, it has "score", "label"`)
	_, err = r.Dense("cost")
	wantError(t, err, sampan.NotFound, `no output "cost" in the result, it has "score", "label"`)
	_, err = r.Float32s("label")
	wantError(t, err, sampan.InvalidArgument, `output "label": tensor has int64 elements, not float32`)
	_, err = r.Engine("cnn")
	wantError(t, err, sampan.NotFound, `no engine "cnn" in the result, it has "net"`)
}

func TestResultOfSeveralEngines(t *testing.T) {
	one := func(v float32) sampan.Named {
		return sampan.Named{Alias: "prediction", Tensor: tensorOf(sampan.Shape{1, 1}, v)}
	}
	r, err := result(t, []string{"prediction"}, output("cnn", one(1)), output("bow", one(2)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cnn", "bow"}, r.Engines()) + cmp.Diff([]string{"prediction"}, r.Names()); diff != "" {
		t.Error(diff)
	}
	_, err = r.Tensor("prediction")
	wantError(t, err, sampan.FailedPrecondition, `output "prediction" is there from "cnn", "bow", choose one with Engine`)
	bow, err := r.Engine("bow")
	if err != nil {
		t.Fatal(err)
	}
	got, err := bow.Float32s("prediction")
	if diff := cmp.Diff([]float32{2}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if diff := cmp.Diff([]int64{1, 2}, bow.Profile()); diff != "" {
		t.Error(diff)
	}
}

func TestResultFaults(t *testing.T) {
	_, err := newResult(nil, nil)
	wantError(t, err, sampan.Internal, "the server answered without outputs")
	_, err = result(t, []string{"price"})
	wantError(t, err, sampan.Internal, "the server answered without outputs")
	_, err = result(t, []string{"price"}, output("net", sampan.Named{Alias: "cost", Tensor: tensorOf(sampan.Shape{1}, float32(1))}))
	wantError(t, err, sampan.Internal, `the server's answer lacks "price", it has "cost"`)
}
