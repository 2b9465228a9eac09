package client

import (
	"slices"
	"strconv"
	"strings"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/dense"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// Result is the answer to a call: named tensors, from one engine or from several.
type Result struct {
	reply *sampan.Reply
	// variant and endpoint made the answer.
	variant, endpoint string
}

// newResult reads a reply and sees that all that was wanted is there.
func newResult(m *generalmodel.Response, wanted []string) (*Result, error) {
	if len(m.GetOutputs()) == 0 && m.GetErrNo() == 0 {
		return nil, sampan.Errorf(sampan.Internal, "the server answered without outputs")
	}
	reply, err := wire.FromResponse(m)
	if err != nil {
		return nil, err
	}
	r := &Result{reply: reply}
	for _, name := range wanted {
		if !slices.ContainsFunc(reply.Outputs, func(o sampan.Output) bool { return find(o, name) != nil }) {
			return nil, sampan.Errorf(sampan.Internal, "the server's answer lacks %q, it has %s", name, quoted(r.Names()))
		}
	}
	return r, nil
}

// Reply returns the whole answer. It must not be changed.
func (r *Result) Reply() *sampan.Reply { return r.reply }

// Variant returns the tag of the variant that answered; empty where there are none.
func (r *Result) Variant() string { return r.variant }

// Endpoint returns the host:port of the server that answered.
func (r *Result) Endpoint() string { return r.endpoint }

// Engines returns the names of the graph nodes that made the tensors.
func (r *Result) Engines() []string {
	names := make([]string, len(r.reply.Outputs))
	for i, o := range r.reply.Outputs {
		names[i] = o.Engine
	}
	return names
}

// Engine returns the part of the result that one engine made; NotFound if there is no
// such engine.
func (r *Result) Engine(name string) (*Result, error) {
	for _, o := range r.reply.Outputs {
		if o.Engine == name {
			return &Result{&sampan.Reply{Outputs: []sampan.Output{o}, Profile: r.reply.Profile}, r.variant, r.endpoint}, nil
		}
	}
	return nil, sampan.Errorf(sampan.NotFound, "no engine %q in the result, it has %s", name, quoted(r.Engines()))
}

// Names returns the aliases of the tensors in the server's order, each once.
func (r *Result) Names() []string {
	var names []string
	for _, o := range r.reply.Outputs {
		for i := range o.Tensors {
			if name := o.Tensors[i].Public(); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Tensor returns one output. It is NotFound if the result has none of that name, and
// FailedPrecondition if several engines made one: ask [Result.Engine] first.
func (r *Result) Tensor(alias string) (sampan.Tensor, error) {
	var found *sampan.Named
	var engines []string
	for _, o := range r.reply.Outputs {
		if n := find(o, alias); n != nil {
			found = n
			engines = append(engines, o.Engine)
		}
	}
	switch len(engines) {
	case 0:
		return sampan.Tensor{}, sampan.Errorf(sampan.NotFound, "no output %q in the result, it has %s", alias, quoted(r.Names()))
	case 1:
		return found.Tensor, nil
	}
	return sampan.Tensor{}, sampan.Errorf(sampan.FailedPrecondition, "output %q is there from %s, choose one with Engine", alias, quoted(engines))
}

// Float32s returns the elements of a float32 output without a copy. Other dtypes are
// InvalidArgument; read those with [sampan.View] from the Tensor.
func (r *Result) Float32s(alias string) ([]float32, error) {
	t, err := r.Tensor(alias)
	if err != nil {
		return nil, err
	}
	elements, err := sampan.View[float32](t)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "output %q: %w", alias, err)
	}
	return elements, nil
}

// Dense returns an output as a gorgonia array that shares its memory. A dtype that
// gorgonia has no array of, such as float16, is an error.
func (r *Result) Dense(alias string) (*tensor.Dense, error) {
	t, err := r.Tensor(alias)
	if err != nil {
		return nil, err
	}
	d, err := dense.From(t)
	if err != nil {
		return nil, sampan.Errorf(sampan.CodeOf(err), "output %q: %w", alias, err)
	}
	return d, nil
}

// Profile returns pairs of start and end in microseconds since the epoch: those of
// every op if the call asked for them with [Profile], else of the last op alone.
func (r *Result) Profile() []int64 { return r.reply.Profile }

func find(o sampan.Output, alias string) *sampan.Named {
	for i := range o.Tensors {
		if o.Tensors[i].Public() == alias {
			return &o.Tensors[i]
		}
	}
	return nil
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strconv.Quote(n)
	}
	return strings.Join(out, ", ")
}
