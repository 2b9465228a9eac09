package main

import (
	"context"
	"io"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// open loads the one model that the flags name.
func (f *loadFlags) open(ctx context.Context) (*engine.Model, error) {
	c, err := f.config(ctx, io.Discard)
	if err != nil {
		return nil, err
	}
	return engine.Open(ctx, c.Models[0].Path, engine.Options{
		Name: c.Models[0].Name, Backend: c.Backend, Translators: c.Translators, Concurrency: c.Concurrency,
	})
}

// bind puts a request's tensors into the order of the signature.
func bind(s *engine.Signature, req *sampan.Request) ([]sampan.Tensor, error) {
	inputs := make([]sampan.Tensor, len(s.Inputs))
	for _, in := range req.Inputs {
		i := s.Input(in.Public())
		if i < 0 {
			return nil, sampan.Errorf(sampan.InvalidArgument, "the model has no input %q; it takes %s", in.Public(), engine.Aliases(s.Inputs))
		}
		inputs[i] = in.Tensor
	}
	return inputs, nil
}
