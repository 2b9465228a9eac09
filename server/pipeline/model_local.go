package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// localModel is one of the engine's, called by name. It implements [model].
type localModel struct {
	live *engine.Live
	// fetch are the positions of the wanted outputs; nil is all.
	fetch []int
}

// newLocalModel checks the list of wanted outputs, which may be empty.
func newLocalModel(live *engine.Live, fetch []string) (*localModel, error) {
	m := &localModel{live: live}
	outputs := live.Signature().Outputs
	for _, name := range fetch {
		at := live.Signature().Output(name)
		if at < 0 {
			return nil, fmt.Errorf("fetch_list: %q is not known; the model gives %s", name, engine.Aliases(outputs))
		}
		m.fetch = append(m.fetch, at)
	}
	return m, nil
}

// inputs implements [model].
func (m *localModel) inputs() []string {
	fields := m.live.Signature().Inputs
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Alias
	}
	return names
}

// outputs implements [model].
func (m *localModel) outputs() []string {
	fields := m.live.Signature().Outputs
	var names []string
	for i := range fields {
		if m.fetch == nil || slices.Contains(m.fetch, i) {
			names = append(names, fields[i].Alias)
		}
	}
	return names
}

// check implements [model].
func (m *localModel) check(run []sampan.Named) error {
	fields := m.live.Signature().Inputs
	for i := range run {
		if _, of := lodOf(run, i); !of && place(fields, &run[i]) < 0 {
			return fmt.Errorf("input %q is not known; the model takes %s", run[i].Public(), engine.Aliases(fields))
		}
	}
	for i := range fields {
		if !slices.ContainsFunc(run, func(n sampan.Named) bool { return place(fields, &n) == i }) {
			return fmt.Errorf("input %q is missing; got %s", fields[i].Alias, publicNames(run))
		}
	}
	return nil
}

// place finds the field that an array is meant for, by its public name or, failing that,
// its name; -1 if there is none.
func place(fields []engine.Field, n *sampan.Named) int {
	name := n.Public()
	at := -1
	for i := range fields {
		if fields[i].Alias == name {
			return i
		}
		if fields[i].Name == name {
			at = i
		}
	}
	return at
}

// run implements [model].
func (m *localModel) run(ctx context.Context, feed []sampan.Named) ([]sampan.Named, error) {
	s := m.live.Signature()
	var room [8]sampan.Tensor
	inputs := room[:0]
	if len(s.Inputs) > len(room) {
		inputs = make([]sampan.Tensor, 0, len(s.Inputs))
	}
	inputs = inputs[:len(s.Inputs)]
	for i := range feed {
		at := place(s.Inputs, &feed[i])
		if at < 0 {
			continue
		}
		t, err := cast(feed[i].Tensor, s.Inputs[at].DType)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "input %q: %w", feed[i].Public(), err)
		}
		if t.LoD, err = sequences(feed, i); err != nil {
			return nil, err
		}
		inputs[at] = t
	}
	outputs, err := m.live.Run(ctx, inputs)
	if err != nil {
		return nil, err
	}
	named := make([]sampan.Named, 0, len(outputs))
	add := func(i int) {
		named = append(named, sampan.Named{Name: s.Outputs[i].Name, Alias: s.Outputs[i].Alias, Tensor: outputs[i]})
	}
	if m.fetch == nil {
		for i := range outputs {
			add(i)
		}
	}
	for _, i := range m.fetch {
		add(i)
	}
	return named, nil
}

// lodOf tells whether an entry is another's sequence offsets, NAME.lod, and whose.
func lodOf(feed []sampan.Named, i int) (of int, is bool) {
	name, is := strings.CutSuffix(feed[i].Public(), ".lod")
	if !is {
		return 0, false
	}
	of = slices.IndexFunc(feed, func(n sampan.Named) bool { return n.Public() == name })
	return of, of >= 0
}

// sequences are an array's offsets: those of the entry NAME.lod, or else its own.
func sequences(feed []sampan.Named, i int) (sampan.LoD, error) {
	for j := range feed {
		if of, is := lodOf(feed, j); is && of == i {
			lod, err := offsets(feed[j].Tensor)
			if err != nil {
				return nil, sampan.Errorf(sampan.InvalidArgument, "%q: %w", feed[j].Public(), err)
			}
			return lod, nil
		}
	}
	return feed[i].Tensor.LoD, nil
}

// offsets reads one level of sequence offsets from an array of integers.
func offsets(t sampan.Tensor) (sampan.LoD, error) {
	wide, err := cast(t, sampan.Int64)
	if err != nil {
		return nil, err
	}
	level, err := sampan.View[int64](wide)
	if err != nil {
		return nil, err
	}
	return sampan.LoD{slices.Clone(level)}, nil
}
