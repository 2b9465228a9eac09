package steps

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

// Prefix is that of the type of a graph's op that applies the steps of a YAML file: a list
// as a pipeline's ops have it. Paths in the file are relative to it.
//
// The op has what the nodes before it gave, texts as texts, and gives all of that and what
// the steps made of it: arrays, texts, and lists of texts.
const Prefix = "steps:"

func init() { ops.Register(Prefix, newOp) }

// op runs a program in a graph. It implements [ops.Op].
type op struct{ program Program }

func newOp(c ops.Config) (ops.Op, error) {
	if c.Model != nil {
		return nil, fmt.Errorf("%s%s runs no model; say %s%s:0, or leave the model out", Prefix, c.Argument, Prefix, c.Argument)
	}
	text, err := os.ReadFile(c.Argument)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Argument, err)
	}
	if len(document.Content) != 1 {
		return nil, fmt.Errorf("%s: want a list of steps", c.Argument)
	}
	directory := filepath.Dir(c.Argument)
	program, err := Parse(document.Content[0], func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(directory, path)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Argument, err)
	}
	return &op{program}, nil
}

// Run implements [ops.Op].
func (o *op) Run(ctx context.Context, f *ops.Frame) error {
	values := &frame{}
	for _, from := range f.Inputs {
		for i := range from.Tensors {
			n := &from.Tensors[i]
			v, err := fromTensor(n.Tensor)
			if err != nil {
				return sampan.Errorf(sampan.InvalidArgument, "%q: %w", n.Public(), err)
			}
			values.Set(n.Public(), v)
		}
	}
	if err := o.program.Run(ctx, "", values); err != nil {
		return err
	}
	for _, v := range values.all {
		t, err := toTensor(v.Data)
		if err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "%q: %w", v.Name, err)
		}
		f.Output.Tensors = append(f.Output.Tensors, sampan.Named{Name: v.Name, Tensor: t})
	}
	return nil
}

// frame has the values of one request. It implements [Values].
type frame struct{ all []ops.Value }

func (f *frame) Value(name string) (any, error) {
	for _, v := range f.all {
		if v.Name == name {
			return v.Data, nil
		}
	}
	var names []string
	for _, v := range f.all {
		names = append(names, v.Name)
	}
	return nil, sampan.Errorf(sampan.InvalidArgument, "%q is missing; want it among %q", name, names)
}

func (f *frame) Set(name string, value any) {
	for i := range f.all {
		if f.all[i].Name == name {
			f.all[i].Data = value
			return
		}
	}
	f.all = append(f.all, ops.Value{Name: name, Data: value})
}

// fromTensor makes a text of a tensor of one, and a list of one of several.
func fromTensor(t sampan.Tensor) (any, error) {
	if t.DType != sampan.String {
		return t, nil
	}
	texts, err := t.Strings()
	if err != nil {
		return nil, err
	}
	if len(texts) == 1 {
		return texts[0], nil
	}
	list := make(List, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list, nil
}

// toTensor is the other way.
func toTensor(v any) (sampan.Tensor, error) {
	switch v := v.(type) {
	case sampan.Tensor:
		return v, nil
	case string:
		return sampan.OfStrings(sampan.Shape{1}, []string{v})
	case List:
		texts := make([]string, len(v))
		for i := range v {
			text, err := as[string](v[i], "a text")
			if err != nil {
				return sampan.Tensor{}, fmt.Errorf("element %d: %w", i, err)
			}
			texts[i] = text
		}
		return sampan.OfStrings(sampan.Shape{int64(len(texts))}, texts)
	}
	return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%s is no answer; want an array, a text or a list of texts", Kind(v))
}
