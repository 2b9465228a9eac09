package ops

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

func TestInfer(t *testing.T) {
	for _, c := range []struct {
		name            string
		inputs, outputs []string
		from            []string
		want            []int
		err             string
	}{
		{"one", []string{"x"}, []string{"p:price"}, []string{"x"}, []int{0}, ""},
		{"in the model's order", []string{"a", "b", "c"}, []string{"p", "q", "r"}, []string{"c", "a", "b"}, []int{1, 2, 0}, ""},
		{"the name counts more", []string{"a:x"}, []string{"p"}, []string{"b:x", "a:y"}, []int{1}, ""},
		{"else the alias", []string{"a:x"}, []string{"p"}, []string{"y", "b:x"}, []int{1}, ""},
		{"an alias may be the name alone", []string{"a:x"}, []string{"p"}, []string{"x"}, []int{0}, ""},
		{"more than it needs", []string{"x"}, []string{"p"}, []string{"w", "x"}, []int{1}, ""},
		{"missing", []string{"x", "y"}, []string{"p"}, []string{"x", "z"}, nil, `input "y" is missing; op "reader" gives "x", "z"`},
		{"nothing there", []string{"x"}, []string{"p"}, nil, nil, `input "x" is missing; op "reader" gives nothing`},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := &fake{signature: engine.Signature{Inputs: fields(c.inputs...), Outputs: fields(c.outputs...)}}
			for _, n := range named(c.outputs...) {
				model.outputs = append(model.outputs, n.Tensor)
			}
			f := &Frame{Inputs: []*Output{{Node: "reader", Tensors: named(c.from...)}}}
			err := mustNew(t, GeneralInfer, Config{Node: "infer", Depends: []string{"reader"}, Model: model}).Run(context.Background(), f)
			if text(err) != c.err {
				t.Fatalf("got  %v\nwant %v", err, c.err)
			}
			if err != nil {
				if model.inputs != nil {
					t.Error("the model ran")
				}
				return
			}
			var got []int
			for _, in := range model.inputs {
				got = append(got, position(t, in))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("the model's inputs (-want +got):\n%s", d)
			}
			want := make([]sampan.Named, len(c.outputs))
			for i, field := range model.signature.Outputs {
				want[i] = sampan.Named{Name: field.Name, Alias: field.Alias, Tensor: model.outputs[i]}
			}
			if d := cmp.Diff(want, f.Output.Tensors); d != "" {
				t.Errorf("outputs (-want +got):\n%s", d)
			}
		})
	}
}

func TestInferPassesSequences(t *testing.T) {
	model := &fake{signature: engine.Signature{Inputs: fields("x")}}
	in := named("x")
	in[0].Tensor.LoD = sampan.LoD{{0, 1}}
	f := &Frame{Inputs: []*Output{{Tensors: in}}}
	if err := mustNew(t, GeneralInfer, Config{Depends: []string{"r"}, Model: model}).Run(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in[0].Tensor, model.inputs[0]); d != "" {
		t.Errorf("the model's input (-want +got):\n%s", d)
	}
}

func TestInferFailures(t *testing.T) {
	model := &fake{signature: engine.Signature{Inputs: fields("x"), Outputs: fields("p", "q")}}
	op := mustNew(t, GeneralInfer, Config{Depends: []string{"r"}, Model: model})
	frame := func() *Frame { return &Frame{Inputs: []*Output{{Tensors: named("x")}}} }

	model.err = errors.New("cold")
	if err := op.Run(context.Background(), frame()); !errors.Is(err, model.err) {
		t.Errorf("the model's error became %v", err)
	}
	model.err, model.outputs = nil, []sampan.Tensor{named("p")[0].Tensor}
	if err := op.Run(context.Background(), frame()); text(err) != "the model gave 1 outputs, want 2" {
		t.Errorf("too few outputs: %v", err)
	}
	if err := op.Run(context.Background(), &Frame{}); text(err) != "0 nodes to take tensors from, want 1" {
		t.Errorf("no predecessor: %v", err)
	}
}

func TestInferAtLoad(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Node: "i", Depends: []string{"r"}}, `node "i": a GeneralInferOp needs a model, and there is none for it`},
		{Config{Node: "i", Depends: []string{"a", "b"}, Model: &fake{}}, `node "i": a GeneralInferOp takes the tensors of one node; it depends on 2: a, b`},
		{Config{Node: "i"}, "node \"i\": a GeneralInferOp takes the tensors of one node; it depends on 0\n" +
			"a GeneralInferOp needs a model, and there is none for it"},
	} {
		if _, err := New(GeneralInfer, c.config); text(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
