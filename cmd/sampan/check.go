package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/onnxfile"
	"github.com/sampanml/sampan/server"
)

func checkCommand() *cobra.Command {
	var load loadFlags
	var verify verifyFlags
	cmd := &cobra.Command{
		Use:   "check MODEL [--feed x=IN.npy --want y=OUT.npy]",
		Short: "Load a model or a graph, print its signature and faults, and exit",
		Long: `Load models as serve does and print what each takes and gives, who wrote it and which
operators it has. What cannot be served is named, all operators at once, and the exit
status is 1.

With inputs and wanted outputs, as numpy.save writes them, the model is run and the
largest difference of each output printed:

  sampan check DIR
  sampan check DIR --verify IN.npy OUT.npy               one input, one output
  sampan check DIR --feed x=IN.npy --want price=OUT.npy --tolerance 1e-5
  sampan check DIR --feed words=IN.npy --lod words=0,3,7 --want y=OUT.npy`,
		Args: cobra.ArbitraryArgs,
	}
	load.add(cmd)
	verify.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 && len(load.models) > 0 {
			return fmt.Errorf("%q: the models are named by --model already", args[0])
		}
		load.models = append(load.models, args...)
		if err := verify.read(&load); err != nil {
			return err
		}
		c, err := load.config(cmd.Context(), cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		w := cmd.OutOrStdout()
		var run error
		show := func(m *engine.Model) {
			describe(w, m)
			describeFile(w, m.Dir())
			run = verify.run(cmd.Context(), w, m)
		}
		if err := server.Check(cmd.Context(), c, show); err != nil {
			for _, path := range load.models {
				describeUnsupported(w, path)
			}
			return err
		}
		if run != nil {
			return run
		}
		_, err = fmt.Fprintln(w, "ok")
		return err
	}
	return cmd
}

// describeFile prints who wrote a model and which operators it has.
func describeFile(w io.Writer, path string) {
	file, err := engine.Locate(path, paddle.Format{})
	if err != nil {
		return
	}
	if file == "" {
		if s, err := (paddle.Format{}).Inspect(path); err == nil {
			describePaddle(w, s)
		}
		return
	}
	s, err := onnxfile.Load(file)
	if err != nil {
		return
	}
	fmt.Fprintf(w, "  format ONNX, IR version %d", s.IRVersion)
	for _, o := range s.Opsets {
		fmt.Fprintf(w, ", %s", strings.TrimSpace(o.Domain+" opset "+fmt.Sprint(o.Version)))
	}
	if s.Producer != "" {
		fmt.Fprintf(w, ", by %s", s.Producer)
	}
	fmt.Fprintln(w)
	describeOperators(w, s.Operators, func(o onnxfile.Operator) (string, int) { return o.Name, o.Count })
}

func describePaddle(w io.Writer, s paddle.Summary) {
	fmt.Fprintf(w, "  format %s, %s, %d parameters\n", s.Writer, s.Program, s.Parameters)
	describeOperators(w, s.Operators, func(o paddle.Operator) (string, int) { return o.Name, o.Count })
}

func describeOperators[T any](w io.Writer, operators []T, of func(T) (name string, count int)) {
	var counts []string
	for _, o := range operators {
		name, count := of(o)
		counts = append(counts, fmt.Sprintf("%s %d", name, count))
	}
	fmt.Fprintf(w, "  operators %s\n", strings.Join(counts, ", "))
}

// describeUnsupported prints what a Paddle model says of itself if it has operators
// that cannot be translated, and where they are.
func describeUnsupported(w io.Writer, path string) {
	if file, err := engine.Locate(path, paddle.Format{}); err != nil || file != "" {
		return
	}
	s, err := paddle.Format{}.Inspect(path)
	if err != nil || s.Supported() {
		return
	}
	fmt.Fprintf(w, "model in %s\n", path)
	describeFields(w, "input", fields(s.Feeds))
	describeFields(w, "output", fields(s.Fetches))
	describePaddle(w, s)
	for _, o := range s.Operators {
		if !o.Supported {
			fmt.Fprintf(w, "  unsupported %s: %d, the first makes %q\n", o.Name, o.Count, o.Output)
		}
	}
}

func fields(variables []paddle.Variable) []engine.Field {
	out := make([]engine.Field, len(variables))
	for i, v := range variables {
		out[i] = engine.Field{Name: v.Name, Alias: v.Name, DType: v.DType, Shape: v.Shape, LoD: v.LoDLevel > 0}
	}
	return out
}
