package pipeline

import (
	"context"

	"github.com/sampanml/sampan"
)

// Step is what an op does around its model, or without one.
type Step interface {
	// Preprocess makes what the op's model is run on. An op without a model may return
	// what it likes: Postprocess gets it as if a model had given it.
	Preprocess(ctx context.Context, in Inputs) (Feed, error)
	// Postprocess makes the op's result: texts and arrays by name, or any Go values
	// for the ops behind. The last op's result, all texts or all arrays, is the answer.
	Postprocess(ctx context.Context, in Inputs, out Fetch) (Result, error)
}

// Processor is a [Step] that does what it likes in place of a model's run.
type Processor interface {
	// Process has the op's timeout and retry; one that does not heed ctx is left behind.
	Process(ctx context.Context, feed Feed) (Fetch, error)
}

// Router is a [Step] that chooses among the ops behind it.
type Router interface {
	// Next names the ops to go on to; nil is all of them. An op that none of its inputs
	// goes on to is skipped, and with it what comes only after it.
	Next(ctx context.Context, in Inputs, result Result) ([]string, error)
}

// Starter is a [Step] that prepares itself, as to read a dictionary.
type Starter interface {
	// Start is called once, before the first call. An error stops the load.
	Start(ctx context.Context) error
}

// Feed is what a model is run on.
type Feed struct {
	// Runs are the model's runs, each with one array for each of the model's inputs, by
	// its alias or name. Several are run at once, and merged with those of other calls
	// where the op's batch_size allows.
	Runs [][]sampan.Named
	// Skip goes to Postprocess without a run.
	Skip bool
	// Keep is for Postprocess, which finds it in its [Fetch]: what Preprocess knows and
	// the model does not, such as a picture's size.
	Keep any
}

// Run is a feed of one run.
func Run(inputs ...sampan.Named) Feed { return Feed{Runs: [][]sampan.Named{inputs}} }

// Skip is a feed for no run.
func Skip() Feed { return Feed{Skip: true} }

// Input is one array of a run.
func Input(name string, t sampan.Tensor) sampan.Named { return sampan.Named{Name: name, Tensor: t} }

// Fetch is what a model gave: the arrays of each run, in the order of the feed. An op
// without a model, and one that skipped its run, finds its feed here.
type Fetch struct {
	Runs [][]sampan.Named
	// Skipped says that the model was not run, as the feed wanted.
	Skipped bool
	// Keep is the feed's.
	Keep any
}

// Tensor is the first run's array of that name.
func (f Fetch) Tensor(name string) (sampan.Tensor, error) {
	if len(f.Runs) == 0 {
		return sampan.Tensor{}, sampan.Errorf(sampan.Internal, "there was no run to give %q", name)
	}
	return find(f.Runs[0], name)
}

// Each is the array of that name of every run.
func (f Fetch) Each(name string) ([]sampan.Tensor, error) {
	out := make([]sampan.Tensor, len(f.Runs))
	for i, run := range f.Runs {
		t, err := find(run, name)
		if err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

// find looks for a public name, or failing that a name.
func find(arrays []sampan.Named, name string) (sampan.Tensor, error) {
	at := -1
	for i := range arrays {
		if arrays[i].Public() == name {
			return arrays[i].Tensor, nil
		}
		if arrays[i].Name == name {
			at = i
		}
	}
	if at < 0 {
		return sampan.Tensor{}, sampan.Errorf(sampan.Internal, "the model gives no %q; it gives %s", name, publicNames(arrays))
	}
	return arrays[at].Tensor, nil
}

// Op is a [Step] that takes the arrays of the only op before it as they are and gives its
// model's outputs. Embed it and override what you need.
type Op struct{}

// Preprocess feeds every array that the op before gives. A text is read as an array,
// as clients write it: array([[0.5, 1.5]], dtype=float32). An op without a model has
// nothing to feed.
func (Op) Preprocess(_ context.Context, in Inputs) (Feed, error) {
	if in.model == nil {
		return Skip(), nil
	}
	values, err := in.Only()
	if err != nil {
		return Feed{}, err
	}
	inputs := make([]sampan.Named, 0, len(values))
	for _, v := range values {
		t, err := asTensor(v)
		if err != nil {
			return Feed{}, err
		}
		inputs = append(inputs, Input(v.Name, t))
	}
	return Run(inputs...), nil
}

// Postprocess gives the arrays of the model's run; of several runs it gives those of
// each, as NAME.0, NAME.1 and so on. Without a run it gives what the only op before gave.
func (Op) Postprocess(_ context.Context, in Inputs, out Fetch) (Result, error) {
	if out.Skipped {
		return in.Only()
	}
	if len(out.Runs) == 1 {
		result := make(Result, 0, len(out.Runs[0]))
		for i := range out.Runs[0] {
			n := &out.Runs[0][i]
			result = append(result, Array(n.Public(), n.Tensor))
		}
		return result, nil
	}
	var result Result
	for i, run := range out.Runs {
		for j := range run {
			result = append(result, Array(numbered(run[j].Public(), i), run[j].Tensor))
		}
	}
	return result, nil
}
