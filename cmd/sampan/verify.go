package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/npy"
)

// verifyFlags name inputs of a model and the outputs that it has to give for them.
type verifyFlags struct {
	pair, feeds, lods, wants []string
	tolerance                float64

	// What the files hold. A name is empty for --verify.
	inputs, outputs []sampan.Named
}

func (f *verifyFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.pair, "verify", nil, "`files` with the only input and the only output: IN.npy OUT.npy")
	flags.StringArrayVar(&f.feeds, "feed", nil, "input as `NAME=FILE.npy`; once for each input")
	flags.StringArrayVar(&f.lods, "lod", nil, "how an input's rows are divided, `NAME=0,3,7`; once for each level")
	flags.StringArrayVar(&f.wants, "want", nil, "output as `NAME=FILE.npy`; once for each that is compared")
	flags.Float64Var(&f.tolerance, "tolerance", 1e-4, "difference allowed, relative to the largest value wanted where that is more than 1; whole numbers have to be equal")
}

// read loads the files.
func (f *verifyFlags) read(load *loadFlags) (err error) {
	switch {
	case len(f.pair)+len(f.feeds)+len(f.lods)+len(f.wants) == 0:
		return nil
	case len(load.models) != 1:
		return fmt.Errorf("%d models; want one to compare outputs", len(load.models))
	case !(f.tolerance >= 0):
		return fmt.Errorf("--tolerance %v: want 0 or more", f.tolerance)
	case len(f.pair) > 0 && len(f.feeds)+len(f.lods)+len(f.wants) > 0:
		return fmt.Errorf("--verify is for models with one input and one output; want either it or --feed and --want")
	case len(f.pair) > 0:
		if len(f.pair) != 2 {
			return fmt.Errorf("--verify %s: want two files, IN.npy OUT.npy", strings.Join(f.pair, " "))
		}
		f.feeds, f.wants = []string{"=" + f.pair[0]}, []string{"=" + f.pair[1]}
	case len(f.feeds) == 0 || len(f.wants) == 0:
		return fmt.Errorf("%d --feed and %d --want; want at least one of each to compare outputs", len(f.feeds), len(f.wants))
	}
	if f.inputs, err = loadArrays("--feed", f.feeds); err != nil {
		return err
	}
	if err := f.divide(); err != nil {
		return err
	}
	f.outputs, err = loadArrays("--want", f.wants)
	return err
}

// loadArrays reads NAME=FILE.npy arguments.
func loadArrays(flag string, args []string) ([]sampan.Named, error) {
	var out []sampan.Named
	for _, arg := range args {
		name, path, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%s %q: want NAME=FILE.npy", flag, arg)
		}
		if slices.ContainsFunc(out, func(o sampan.Named) bool { return o.Alias == name }) {
			return nil, fmt.Errorf("%s %q is there twice", flag, name)
		}
		t, err := npy.Load(path)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", flag, name, err)
		}
		out = append(out, sampan.Named{Alias: name, Tensor: t})
	}
	return out, nil
}

// divide gives the inputs their LoD.
func (f *verifyFlags) divide() error {
	for _, arg := range f.lods {
		name, list, _ := strings.Cut(arg, "=")
		var level []int64
		for text := range strings.SplitSeq(list, ",") {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return fmt.Errorf("--lod %q: want NAME=0,3,7", arg)
			}
			level = append(level, n)
		}
		at := slices.IndexFunc(f.inputs, func(in sampan.Named) bool { return in.Alias == name })
		if at < 0 {
			return fmt.Errorf("--lod %q: there is no --feed %s", arg, name)
		}
		f.inputs[at].Tensor.LoD = append(f.inputs[at].Tensor.LoD, level)
	}
	return nil
}

// run runs the model and prints how far each output is off.
func (f *verifyFlags) run(ctx context.Context, w io.Writer, m *engine.Model) error {
	if len(f.outputs) == 0 {
		return nil
	}
	s := m.Signature()
	if len(f.pair) > 0 {
		if len(s.Inputs) != 1 || len(s.Outputs) != 1 {
			return fmt.Errorf("--verify: the model has %d inputs and %d outputs; name them with --feed and --want", len(s.Inputs), len(s.Outputs))
		}
		f.inputs[0].Alias, f.outputs[0].Alias = s.Inputs[0].Alias, s.Outputs[0].Alias
	}
	inputs, err := bind(s, &sampan.Request{Inputs: f.inputs})
	if err != nil {
		return err
	}
	if len(f.inputs) != len(s.Inputs) {
		return fmt.Errorf("%d --feed, the model takes %d: %s", len(f.inputs), len(s.Inputs), engine.Aliases(s.Inputs))
	}
	got, err := m.Run(ctx, inputs)
	if err != nil {
		return err
	}
	differ := 0
	for _, want := range f.outputs {
		i := s.Output(want.Alias)
		if i < 0 {
			return fmt.Errorf("the model has no output %q; it gives %s", want.Alias, engine.Aliases(s.Outputs))
		}
		d, err := compare(got[i], want.Tensor)
		if err != nil {
			return fmt.Errorf("output %q: %w", want.Alias, err)
		}
		verdict := "equal"
		if !d.within(f.tolerance) {
			verdict = "different"
			differ++
		}
		fmt.Fprintf(w, "  %s %s: max |Δ| %.3g, values up to %.3g\n", verdict, want.Alias, d.most, d.scale)
	}
	if differ > 0 {
		return fmt.Errorf("%d of %d outputs differ by more than %g", differ, len(f.outputs), f.tolerance)
	}
	return nil
}
