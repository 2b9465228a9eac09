package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// pipelineModel is another pipeline, which is fed arrays, and texts as arrays without
// dimensions, and gives what it answers in the same form. It implements [model].
type pipelineModel struct {
	client *client.PipelineClient
	fetch  []string
}

func connectPipeline(ctx context.Context, endpoints, fetch []string) (*pipelineModel, error) {
	c, err := client.ConnectPipeline(ctx, client.PipelineConfig{}, endpoints...)
	if err != nil {
		return nil, err
	}
	return &pipelineModel{c, fetch}, nil
}

// inputs implements [model].
func (*pipelineModel) inputs() []string { return nil }

// outputs implements [model].
func (m *pipelineModel) outputs() []string { return m.fetch }

// check implements [model]: what a pipeline takes, only it knows.
func (*pipelineModel) check([]sampan.Named) error { return nil }

// run implements [model].
func (m *pipelineModel) run(ctx context.Context, run []sampan.Named) ([]sampan.Named, error) {
	feed := client.Feed{}
	for i := range run {
		name, t := run[i].Public(), run[i].Tensor
		feed[name] = t
		if t.DType == sampan.String && len(t.Shape) == 0 {
			texts, err := t.Strings()
			if err != nil {
				return nil, sampan.Errorf(sampan.InvalidArgument, "%q: %w", name, err)
			}
			feed[name] = texts[0]
		}
	}
	answer, err := m.client.Predict(ctx, feed, m.fetch, client.AsTensors())
	if err != nil {
		var answered *client.PipelineError
		if errors.As(err, &answered) {
			return nil, &Failure{No: answered.No, Message: fmt.Sprintf("the pipeline behind the op: %s", answered.Message)}
		}
		return nil, remoteError(ctx, err)
	}
	names := m.fetch
	if len(names) == 0 {
		names = answer.Keys()
	}
	out := make([]sampan.Named, len(names))
	for i, name := range names {
		if out[i].Tensor, err = answer.Tensor(name); err != nil {
			text, missing := answer.Text(name)
			if missing != nil {
				return nil, missing
			}
			if out[i].Tensor, err = sampan.OfStrings(sampan.Shape{}, []string{text}); err != nil {
				return nil, err
			}
		}
		out[i].Name = name
	}
	return out, nil
}
