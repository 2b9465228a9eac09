package ops

import (
	"context"
	"slices"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

func TestReaderBinds(t *testing.T) {
	for _, c := range []struct {
		name   string
		model  []string
		inputs []string
		// want is the position in the request of each of the model's inputs.
		want []int
		err  string
	}{
		{"one", []string{"x"}, []string{"x"}, []int{0}, ""},
		{"by name", []string{"a:x", "b:y"}, []string{"b", "a"}, []int{1, 0}, ""},
		{"by alias", []string{"a:x", "b:y"}, []string{":y", ":x"}, []int{1, 0}, ""},
		{"the name counts more", []string{"a:x", "b:y"}, []string{"b:x", "a:y"}, []int{1, 0}, ""},
		{"an unknown name with a known alias", []string{"a:x"}, []string{"q:x"}, []int{0}, ""},
		{"an alias in place of the name", []string{"a:x"}, []string{"x"}, []int{0}, ""},
		{"by position", []string{"a:x", "b:y", "c:z"}, []string{"", "", ""}, []int{0, 1, 2}, ""},
		{"some by position", []string{"a:x", "b:y"}, []string{"", "b"}, []int{0, 1}, ""},
		{"no model inputs", []string{}, nil, []int{}, ""},

		{"nothing", []string{"a:x", "b:y"}, nil, nil, `the request has no inputs; the model takes "x", "y"`},
		{"unknown", []string{"x"}, []string{"z"}, nil, `input "z" is not known; the model takes "x"`},
		{"unknown alias", []string{"x"}, []string{"q:z"}, nil, `input "z" is not known; the model takes "x"`},
		{"missing", []string{"a:x", "b:y"}, []string{"b"}, nil, `input "x" is missing`},
		{"twice", []string{"a:x", "b:y"}, []string{"a", ":x"}, nil, `input "x" is there twice`},
		{"twice by position", []string{"a:x", "b:y"}, []string{"b", ""}, nil, `input "y" is there twice`},
		{"too many", []string{"x"}, []string{"", ""}, nil, `input 1 has no name, and the model takes 1: "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := &fake{signature: engine.Signature{Inputs: fields(c.model...)}}
			f := &Frame{Request: &sampan.Request{Inputs: named(c.inputs...)}}
			err := mustNew(t, GeneralReader, Config{First: model}).Run(context.Background(), f)
			if text(err) != c.err {
				t.Fatalf("got  %v\nwant %v", err, c.err)
			}
			if err != nil {
				if code := sampan.CodeOf(err); code != sampan.InvalidArgument {
					t.Errorf("code %v", code)
				}
				return
			}
			got := []int{}
			for i, n := range f.Output.Tensors {
				got = append(got, position(t, n.Tensor))
				if want := model.signature.Inputs[i]; n.Name != want.Name || n.Alias != want.Alias {
					t.Errorf("tensor %d is called %q, %q; want %q, %q", i, n.Name, n.Alias, want.Name, want.Alias)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("bound %v, want %v", got, c.want)
			}
		})
	}
}

func TestReaderWithoutModel(t *testing.T) {
	op := mustNew(t, GeneralReader, Config{})
	f := &Frame{Request: &sampan.Request{Inputs: named("a:x", "")}}
	if err := op.Run(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	if len(f.Output.Tensors) != 2 || f.Output.Tensors[0].Alias != "x" {
		t.Errorf("gave %+v", f.Output.Tensors)
	}
	if s := op.(Signed).Signature(); s.Outputs != nil {
		t.Errorf("says that it gives %v", s.Outputs)
	}
	f.Request.Inputs[1] = sampan.Named{Name: "y", Tensor: sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{2}}}
	const want = `input "y": 0 bytes of float32 do not fill shape [2]`
	if err := op.Run(context.Background(), f); text(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
