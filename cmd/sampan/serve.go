package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/server"

	// Ops that --op names.
	_ "github.com/sampanml/sampan/ops/pictures"
	_ "github.com/sampanml/sampan/ops/steps"
)

// loadFlags say what is loaded; serve and check share them.
type loadFlags struct {
	models      []string
	repository  string
	policy      string
	name        string
	ops         []string
	conf        string
	onnxruntime string
	thread      int
	unoptimised bool
	device      string
	gpus        []string
	batch       batchFlags
	zoo         zooFlags
}

func (f *loadFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.models, "model", nil, "model `directory` or .onnx file, or zoo:NAME for one of `sampan models list`; several run in sequence")
	flags.StringVar(&f.repository, "model_repository", "", "`directory` with a directory for each model (NAME/ or NAME/VERSION/), each served as /NAME/prediction, instead of --model")
	flags.StringVar(&f.policy, "version_policy", "latest", "`versions` of each model to load: latest, latest:N, all, or numbers such as 1,3")
	flags.StringVar(&f.name, "name", "", "service name, as in POST /NAME/prediction (default: the first model's base name)")
	flags.StringArrayVar(&f.ops, "op", nil, "op `type` in place of each model's infer op; TYPE:0 is an op without a model, and steps:FILE:0 the steps of a YAML file")
	flags.StringVar(&f.conf, "conf", "", "`directory` with infer_service, workflow, resource and model_toolkit.prototxt, instead of --model")
	flags.StringVar(&f.onnxruntime, "onnxruntime", "", "`path` of libonnxruntime.so (default: $"+onnx.LibraryEnv+", beside the program, the system's)")
	flags.IntVar(&f.thread, "thread", 0, "runs of a model at once (default: what the processors allow, which is also the most)")
	flags.StringVar(&f.device, "device", "cpu", "cpu, or gpu for device 0 where --gpu_ids names none")
	flags.StringArrayVar(&f.gpus, "gpu_ids", nil, "`devices` to run on by CUDA, such as 0 or 0,1; one list for each model; -1 is the CPU")
	f.batch.add(flags)
	f.zoo.add(flags)
	flags.BoolVar(&f.unoptimised, "no_graph_optimization", false, "leave the model's graph as it is")
}

// config gets models that are asked for by name, opens the runtime and makes the part
// of a server's configuration that says what is loaded.
func (f *loadFlags) config(ctx context.Context, notes io.Writer) (server.Config, error) {
	c := server.Config{
		Name: f.name, Repository: f.repository, Ops: f.ops, ConfDir: f.conf, Concurrency: f.thread, Unoptimised: f.unoptimised,
	}
	if len(f.models) == 0 && f.repository == "" && f.conf == "" {
		return c, fmt.Errorf("nothing to serve: give --model DIR (or an .onnx file), --model_repository DIR, or --conf DIR")
	}
	if f.policy != "" {
		var err error
		if c.Policy, err = engine.ParseVersionPolicy(f.policy); err != nil {
			return c, fmt.Errorf("--version_policy: %w", err)
		}
	}
	paths, names, err := f.zoo.resolve(ctx, f.models, notes)
	if err != nil {
		return c, err
	}
	f.models = paths
	for i, path := range paths {
		c.Models = append(c.Models, server.ModelConfig{Path: path, Name: names[i]})
	}
	if len(c.Models) > 0 {
		c.Name = cmp.Or(c.Name, names[0])
	}
	if len(c.Models) == 1 {
		c.Models[0].Name = c.Name
	}
	models := c.Models
	if f.repository != "" {
		models = make([]server.ModelConfig, 1)
	}
	if err := f.batch.apply(models); err != nil {
		return c, err
	}
	if f.repository != "" && models[0].Batching != nil {
		c.Batching, c.Concurrency = models[0].Batching, models[0].Concurrency
	}
	backend, err := onnx.Open(f.onnxruntime)
	if err != nil {
		return c, err
	}
	c.Backend, c.Translators = backend, []engine.Translator{paddle.Format{}}
	return c, f.applyGPUs(&c)
}

func serveCommand() *cobra.Command {
	var (
		load      loadFlags
		host      string
		port      int
		http      int
		prom      bool
		promAt    int
		sealed    bool
		rpcPort   int
		body      int
		queue     int
		conns     int
		timeout   time.Duration
		drain     time.Duration
		reload    time.Duration
		unload    bool
		cache     int64
		traceFile string
		memory    int64
	)
	cmd := &cobra.Command{
		Use:   "serve --model DIR [--name NAME] [--port PORT]",
		Short: "Put models on the network",
		Long: `Put models on the network. One port takes HTTP/1.1, gRPC, Kitex's TTHeader (one
call at a time or many) and baidu_std, which Paddle Serving's RPC clients speak, told
apart by the first bytes of each connection. Paddle Serving's flags are understood;
those that have no meaning here are named at the start.

  sampan serve --model DIR --name uci --port 9393    one model
  sampan serve --model DET --model REC               several, in sequence
  sampan serve --model zoo:fit_a_line                by name; see sampan models
  sampan serve --model_repository DIR                every model in DIR, under its name
  sampan serve --conf DIR                            a graph from prototxt files

SIGTERM or SIGINT drains: /readyz fails, calls under way finish, exit status 0. A
second signal ends at once.`,
		Args: cobra.NoArgs,
	}
	load.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&host, "host", "", "address to listen on (default: all interfaces)")
	flags.IntVar(&port, "port", 9393, "port of every dialect; 0 lets the system choose; --conf may name one")
	flags.IntVar(&http, "http_port", 0, "one more port, for HTTP alone")
	flags.BoolVar(&prom, "enable_prometheus", false, "one more port, with /metrics alone; --port has the page in any case")
	flags.IntVar(&promAt, "prometheus_port", 19393, "the port of --enable_prometheus")
	flags.BoolVar(&sealed, "use_encryption_model", false, "wait on --port for the models' key: POST {\"key\":\"<base64>\"}")
	flags.IntVar(&rpcPort, "encryption_rpc_port", 12000, "with --use_encryption_model, the first port to try for serving")
	flags.IntVar(&body, "max_body_size", 512<<20, "most bytes of a message or body")
	flags.IntVar(&queue, "queue", 0, "rows that may wait for a model (default 1024)")
	flags.IntVar(&conns, "max_connections", 0, "connections on the port (default 10000)")
	flags.DurationVar(&timeout, "timeout", 60*time.Second, "deadline of requests that bring none")
	flags.DurationVar(&drain, "drain", 30*time.Second, "time that calls under way have after a stop")
	flags.DurationVar(&reload, "reload_interval", 2*time.Second, "how often the models' files are looked at for changes; 0: never")
	flags.BoolVar(&unload, "unload_first", false, "free a model before its changed files are loaded, where there is no memory for both")
	flags.Int64Var(&cache, "request_cache_size", 0, "`bytes` of replies that are kept for equal requests; 0: none")
	flags.Int64Var(&memory, "memory_limit", 0, "most `bytes` of the inputs and outputs of all requests under way; 0: no limit")
	flags.StringVar(&traceFile, "trace", "", "`file` for when each request and op began and ended, to open in Perfetto")
	idle := addIdleFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := load.config(cmd.Context(), cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		c.Host, c.Port, c.HTTPPort, c.Version = host, port, http, version
		if prom {
			c.PrometheusPort = promAt
		}
		if load.conf != "" && !flags.Changed("port") {
			c.Port = 0
		}
		c.MaxBody, c.Queue, c.MaxConnections = body, queue, conns
		c.Timeout, c.Drain = timeout, drain
		c.ReloadInterval, c.UnloadFirst, c.CacheBytes, c.MemoryLimit = reload, unload, cache, memory
		if reload == 0 {
			c.ReloadInterval = -1
		}
		c.TraceFile = traceFile
		out, errs := cmd.OutOrStdout(), cmd.ErrOrStderr()
		report := func() { idle.report(errs) }
		if sealed {
			door := &keyDoor{config: c, firstPort: rpcPort, serve: func(ctx context.Context, s *server.Server) error {
				return runServer(ctx, s, report, out, errs)
			}}
			return door.run(cmd.Context(), out)
		}
		return serveUntilStopped(cmd.Context(), c, report, out, errs)
	}
	return cmd
}

// serveUntilStopped serves until ctx ends. report names the flags without effect.
func serveUntilStopped(ctx context.Context, c server.Config, report func(), out, errs io.Writer) error {
	s, err := server.New(ctx, c)
	if err != nil {
		return err
	}
	return runServer(ctx, s, report, out, errs)
}

// runServer announces a server and runs it until ctx ends.
func runServer(ctx context.Context, s *server.Server, report func(), out, errs io.Writer) error {
	calmCollector()
	report()
	for _, note := range s.Notes() {
		fmt.Fprintln(errs, "note:", note)
	}
	announce(out, s)
	return s.Run(ctx)
}

// calmCollector lets garbage grow to five times what lives before it is collected,
// unless GOGC says otherwise. A server's live heap is a few megabytes, so Go's default
// collects some fifty times a second under load.
func calmCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// announce says what is served and where, with a line to paste.
func announce(w io.Writer, s *server.Server) {
	for _, m := range s.Models() {
		describe(w, m)
		fmt.Fprintf(w, "  loaded: %s\n", loadTime(m.Took()))
		fmt.Fprintf(w, "  runs:   %s\n", limits(m.Limits()))
	}
	_, version := onnx.Library()
	fmt.Fprintf(w, "onnxruntime %s, %s\n", version, s.Bounds())
	host, port, _ := net.SplitHostPort(s.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	what := strconv.Quote(s.Name())
	if s.Dir() != "" {
		what = "the models of " + s.Dir()
	}
	fmt.Fprintf(w, "serving %s on %s: HTTP, gRPC, TTHeader, baidu_std", what, s.Addr())
	if s.HTTPAddr() != nil {
		fmt.Fprintf(w, "; HTTP on %s too", s.HTTPAddr())
	}
	if s.PrometheusAddr() != nil {
		fmt.Fprintf(w, "; metrics on %s", s.PrometheusAddr())
	}
	fmt.Fprintf(w, "\n\n  %s\n\n", pasted(net.JoinHostPort(host, port), s))
}

// pasted is a line to paste: a request to the service, or to the first model of a
// repository.
func pasted(addr string, s *server.Server) string {
	models, name, takes := s.Models(), s.Name(), s.Takes()
	if s.Dir() != "" && len(models) > 0 {
		models, name, takes = models[:1], models[0].Name(), models[0].Signature()
	}
	return curlLine(addr, name, takes, models)
}

func loadTime(took engine.LoadTime) string {
	session := fmt.Sprintf("session %v", took.Session.Round(time.Millisecond))
	if took.Translate == 0 {
		return session
	}
	return fmt.Sprintf("translation %v, %s", took.Translate.Round(time.Millisecond), session)
}

// limits says how a model runs.
func limits(l engine.Limits) string {
	threads := "1 thread"
	if l.Threads > 1 {
		threads = fmt.Sprintf("%d threads", l.Threads)
	}
	text := fmt.Sprintf("%d at once, %s each", l.Runs, threads)
	if l.Cost > 0 {
		text += fmt.Sprintf("; one takes %v", l.Cost.Round(time.Microsecond))
	}
	return text
}

// describe prints a model's signature.
func describe(w io.Writer, m *engine.Model) {
	fmt.Fprintf(w, "model %q version %s from %s\n", m.Name(), m.Version(), m.Dir())
	describeFields(w, "input", m.Signature().Inputs)
	describeFields(w, "output", m.Signature().Outputs)
}

func describeFields(w io.Writer, kind string, fields []engine.Field) {
	for _, f := range fields {
		fmt.Fprintf(w, "  %-6s %s %s %v", kind, f.Alias, f.DType, f.Shape)
		if f.Name != f.Alias {
			fmt.Fprintf(w, " (%s)", f.Name)
		}
		if f.LoD {
			fmt.Fprint(w, " lod")
		}
		fmt.Fprintln(w)
	}
}

// mostPasted bounds the numbers of an input in the line to paste.
const mostPasted = 64

// curlLine is a request that the server answers, of zeros; a listing where the inputs
// are too large to paste.
func curlLine(addr, name string, takes *engine.Signature, models []*engine.Model) string {
	listing := fmt.Sprintf("curl http://%s/v1/models", addr)
	if len(models) == 0 || takes == nil {
		return listing
	}
	var feeds, fetches []string
	for _, in := range takes.Inputs {
		var inner sampan.Shape
		for _, d := range in.Shape[min(1, len(in.Shape)):] {
			inner = append(inner, max(1, d))
		}
		n, ok := inner.Elements()
		if !ok || n > mostPasted {
			return listing
		}
		zero := "0"
		switch in.DType {
		case sampan.String:
			zero = `""`
		case sampan.Float16, sampan.BFloat16, sampan.Float32, sampan.Float64:
			zero = "0.0"
		}
		feeds = append(feeds, strconv.Quote(in.Alias)+":["+strings.TrimSuffix(strings.Repeat(zero+",", int(n)), ",")+"]")
	}
	for _, out := range models[len(models)-1].Signature().Outputs {
		fetches = append(fetches, strconv.Quote(out.Alias))
	}
	return fmt.Sprintf(`curl -X POST -H 'Content-Type: application/json' -d '{"feed":[{%s}],"fetch":[%s]}' http://%s/%s/prediction`,
		strings.Join(feeds, ","), strings.Join(fetches, ","), addr, name)
}
