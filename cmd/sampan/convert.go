package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/convert"
)

// convertFlags are those of Paddle Serving's converter, and ours.
type convertFlags struct {
	dir, program, params      string
	server, client            string
	feedAliases, fetchAliases string
	showProto, encryption     bool
	onnx, onnxruntime         string
	// directories says that one of the output directories was named.
	directories bool
}

func convertCommand() *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert --dirname DIR [--serving_server DIR] [--serving_client DIR] [--onnx FILE]",
		Short: "Make a Paddle or ONNX model ready for servers and clients",
		Long: `Write what Paddle Serving's converter writes of a model: a directory for the server,
with the model and its signature, and one for clients, with the signature alone. The
signature names the model's inputs (feeds) and outputs (fetches), their types and
shapes, in text (*.prototxt) and binary (*.stream.prototxt).

  sampan convert --dirname DIR                          serving_server, serving_client
  sampan convert --dirname DIR --show_proto             print the signature, write nothing
  sampan convert --dirname DIR --fetch_alias_names price
  sampan convert --dirname DIR --onnx model.onnx        translate to ONNX, and only that
  sampan convert --dirname model.onnx                   a signature for an ONNX model

The fetches are in the order of their names, and so are their aliases. Models can be
converted whose operators cannot be served here; --onnx needs every operator. sampan
serve translates by itself, without this command. An earlier output of the same files
is replaced.`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dirname", "", "`directory` of the model, or an .onnx file; required")
	flags.StringVar(&f.program, "model_filename", "", "`name` of the program in the directory (default: the one that is there)")
	flags.StringVar(&f.params, "params_filename", "", "`name` of the file with all parameters (default: the one that is there, else a file for each)")
	flags.StringVar(&f.server, "serving_server", "serving_server", "`directory` to write for the server")
	flags.StringVar(&f.client, "serving_client", "serving_client", "`directory` to write for clients")
	flags.StringVar(&f.feedAliases, "feed_alias_names", "", "public `names` of the feeds, separated by commas (default: the model's)")
	flags.StringVar(&f.fetchAliases, "fetch_alias_names", "", "public `names` of the fetches, separated by commas (default: the model's)")
	flags.BoolVar(&f.showProto, "show_proto", false, "print the signature and write nothing")
	flags.StringVar(&f.onnx, "onnx", "", "`file` to write the translated model to; the directories are then written only if they are named")
	flags.StringVar(&f.onnxruntime, "onnxruntime", "", "`path` of libonnxruntime.so, which reads the signature of ONNX models")
	flags.BoolVar(&f.encryption, "encryption", false, "encrypt the model")
	_ = flags.MarkHidden("encryption")
	_ = cmd.MarkFlagRequired("dirname")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f.directories = flags.Changed("serving_server") || flags.Changed("serving_client")
		return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

func (f *convertFlags) run(ctx context.Context, out, notes io.Writer) error {
	onnxAlone := f.onnx != "" && !f.directories
	switch {
	case f.encryption:
		return fmt.Errorf("--encryption: models cannot be encrypted here; protect the files by their permissions")
	case f.server == "" || f.client == "":
		return fmt.Errorf("--serving_server %q, --serving_client %q: want a directory each", f.server, f.client)
	case onnxAlone && f.feedAliases+f.fetchAliases != "":
		return fmt.Errorf("--feed_alias_names and --fetch_alias_names are for the signature files; with --onnx name --serving_server too")
	}
	source, err := f.source(ctx)
	if err != nil {
		return err
	}
	if err := f.alias(source); err != nil {
		return err
	}
	if f.showProto {
		text, _, err := source.Conf.Marshal()
		if err == nil {
			_, err = out.Write(text)
		}
		return err
	}
	if f.onnx != "" {
		if err := f.translate(out, notes); err != nil {
			return err
		}
	}
	if onnxAlone {
		return nil
	}
	replaced, err := source.Write(f.server, f.client)
	for _, path := range replaced {
		fmt.Fprintf(notes, "note: %s was there and is replaced\n", path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.dir, err)
	}
	_, err = fmt.Fprintf(out, "%s is for `sampan serve --model %s`, %s for clients\n", f.server, f.server, f.client)
	return err
}

// source reads the signature. Where no file is named the model is the one that serve
// would load.
func (f *convertFlags) source(ctx context.Context) (*convert.Source, error) {
	isONNX := strings.EqualFold(filepath.Ext(f.program), ".onnx")
	if f.program+f.params != "" && !isONNX {
		return f.paddle()
	}
	path, err := engine.Locate(filepath.Join(f.dir, f.program), f.format())
	switch {
	case err != nil:
		return nil, err
	case path == "":
		return f.paddle()
	case f.onnx != "":
		return nil, fmt.Errorf("--onnx %s: %s is ONNX already", f.onnx, path)
	}
	backend, err := onnx.Open(f.onnxruntime)
	if err != nil {
		return nil, err
	}
	return convert.ONNX(ctx, path, backend)
}

func (f *convertFlags) paddle() (*convert.Source, error) {
	source, err := convert.Paddle(f.dir, f.format())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.dir, err)
	}
	return source, nil
}

func (f *convertFlags) format() paddle.Format {
	return paddle.Format{Program: f.program, Params: f.params}
}

func (f *convertFlags) alias(source *convert.Source) error {
	for _, a := range []struct {
		flag, names string
		set         func([]string) error
	}{
		{"feed_alias_names", f.feedAliases, source.AliasFeeds},
		{"fetch_alias_names", f.fetchAliases, source.AliasFetches},
	} {
		if a.names == "" {
			continue
		}
		if err := a.set(strings.Split(a.names, ",")); err != nil {
			return fmt.Errorf("--%s %s: %w", a.flag, a.names, err)
		}
	}
	return nil
}

// translate writes the ONNX model.
func (f *convertFlags) translate(out, notes io.Writer) error {
	model, err := f.format().Translate(f.dir)
	if err != nil {
		return fmt.Errorf("%s: %w", f.dir, err)
	}
	replaced, err := convert.WriteFile(f.onnx, model)
	if err != nil {
		return err
	}
	if replaced {
		fmt.Fprintf(notes, "note: %s was there and is replaced\n", f.onnx)
	}
	_, err = fmt.Fprintf(out, "%s has the model in ONNX, %d bytes\n", f.onnx, len(model))
	return err
}
