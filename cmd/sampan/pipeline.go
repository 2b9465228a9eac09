package main

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/server/pipeline"
)

func pipelineCommand() *cobra.Command {
	var (
		file        string
		o           pipeline.Options
		onnxruntime string
		reload      time.Duration
	)
	cmd := &cobra.Command{
		Use:   "pipeline --config FILE [-o KEY.KEY=VALUE]...",
		Short: "Put a pipeline of several models on the network",
		Long: `Put a pipeline on the network: several models, with what has to be done before,
between and after them, as one service. FILE is Paddle Serving's config.yml with a
section "ops" that says what the ops do; docs/pipeline.md has every key. A pipeline
whose ops are written in Go is a program of its own: see examples/simple_web_service.

rpc_port takes gRPC and TTHeader, http_port POST /NAME/prediction.

  sampan pipeline --config examples/simple_web_service/config.yml
  sampan pipeline --config config.yml -o http_port=8080 -o op.uci.timeout=100

SIGTERM or SIGINT drains: calls under way finish, exit status 0. A second signal ends
at once.`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVarP(&file, "config", "c", "config.yml", "the pipeline's `file`")
	flags.StringArrayVarP(&o.Overrides, "override", "o", nil, "a `KEY.KEY=VALUE` in place of the file's")
	flags.BoolVar(&o.Strict, "strict", false, "refuse keys of the file that are not known, instead of naming them")
	flags.StringVar(&o.Host, "host", "", "address to listen on (default: all interfaces)")
	flags.StringVar(&onnxruntime, "onnxruntime", "", "`path` of libonnxruntime.so (default: $"+onnx.LibraryEnv+", beside the program, the system's)")
	flags.IntVar(&o.MaxBody, "max_body_size", 256<<20, "most bytes of a message or body")
	flags.IntVar(&o.MaxConnections, "max_connections", 0, "connections on each port (default 10000)")
	flags.Int64Var(&o.MemoryLimit, "memory_limit", 0, "most `bytes` of calls in the models; 0: no bound")
	flags.DurationVar(&o.Timeout, "timeout", 60*time.Second, "deadline of calls that bring none")
	flags.DurationVar(&o.Drain, "drain", 30*time.Second, "time that calls under way have after a stop")
	flags.DurationVar(&reload, "reload_interval", 2*time.Second, "how often the models' files are looked at for changes; 0: never")
	flags.StringVar(&o.TraceFile, "trace", "", "`file` for when each call and the parts of each op began and ended, to open in Perfetto")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		backend, err := onnx.Open(onnxruntime)
		if err != nil {
			return err
		}
		o.Backend, o.Translators, o.Version = backend, []engine.Translator{paddle.Format{}}, version
		if o.ReloadInterval = reload; reload == 0 {
			o.ReloadInterval = -1
		}
		service := pipeline.Declared(file, o)
		for _, note := range service.Notes() {
			fmt.Fprintln(cmd.ErrOrStderr(), "note:", note)
		}
		s, err := service.Listen(cmd.Context())
		if err != nil {
			return err
		}
		calmCollector()
		announcePipeline(cmd.OutOrStdout(), s)
		return s.Run(cmd.Context())
	}
	return cmd
}

// announcePipeline says what is served and where, with a line to paste.
func announcePipeline(w io.Writer, s *pipeline.Server) {
	for _, m := range s.Models() {
		fmt.Fprintf(w, "op %q: model version %s, %s\n", m.Name, m.Version, m.State)
	}
	fmt.Fprintf(w, "serving pipeline %q on %s: gRPC, TTHeader; %d calls at once\n", s.Name(), s.RPCAddr(), s.Most())
	if s.HTTPAddr() == nil {
		return
	}
	_, port, _ := net.SplitHostPort(s.HTTPAddr().String())
	fmt.Fprintf(w, "HTTP on %s:\n  curl -X POST http://127.0.0.1:%s/%s/prediction -d '{\"key\":[…],\"value\":[…]}'\n", s.HTTPAddr(), port, s.Name())
	if s.HasPage() {
		fmt.Fprintf(w, "  http://127.0.0.1:%s/ in a browser\n", port)
	}
}
