package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sampanml/sampan/bench"
	"github.com/sampanml/sampan/client"
)

func benchCommand() *cobra.Command {
	var (
		call    callFlags
		config  bench.Config
		rows    int
		asJSON  bool
		floor   bool
		local   string
		library string
	)
	cmd := &cobra.Command{
		Use:   "bench --endpoint HOST:PORT --config FILE [--concurrency N] [--duration D]",
		Short: "Measure a server's throughput and latency",
		Long: `Measure a server: N workers, each sending its next request when the last one is
answered. Without --feed the request is random, by the config.

  sampan bench --config serving_client_conf.prototxt --concurrency 32 --duration 5s
  sampan bench --config … --protocol http --name uci --json
  sampan bench --config … --endpoint grpc://a:9393 --endpoint grpc://b:9393
  sampan bench --config … --sdk_config predictors.prototxt
  sampan bench --config … --floor --local MODEL_DIR

  sampan bench --config … --rate 50000 --concurrency 1000

--rate shows what a server does with more than it can answer; latencies count from when
a request was due. --floor runs the same load against a bare echo server of the same bytes, in a process
of its own: the ratio says what serving costs beyond the transport. --local calls the
model in this process, without any transport.`,
		Args: cobra.NoArgs,
	}
	call.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&call.protocol, "protocol", "", "ttheader (default), mux, grpc, baidu_std or http, where the endpoints do not say; http posts JSON to /NAME/prediction, an http:// endpoint gets protobuf")
	flags.StringVar(&config.Name, "name", "", "service `name`, for http")
	flags.IntVar(&config.Concurrency, "concurrency", 16, "workers")
	flags.Float64Var(&config.Rate, "rate", 0, "send so many requests a `second` whatever becomes of them, --concurrency of them at once at most; 0: each worker waits for its answer")
	flags.DurationVar(&config.Duration, "duration", 0, "length of the measured part (default 10s)")
	flags.Int64Var(&config.Requests, "requests", 0, "end after so many requests")
	flags.DurationVar(&config.WarmUp, "warmup", time.Second, "load before the measured part")
	flags.IntVar(&rows, "rows", 0, "rows of a request")
	flags.Uint64Var(&config.Seed, "seed", 1, "of the random request")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	flags.BoolVar(&floor, "floor", false, "measure a bare echo of the same bytes too")
	flags.StringVar(&local, "local", "", "measure this `model` in the same process too")
	flags.StringVar(&library, "onnxruntime", "", "`path` of libonnxruntime.so, for --local")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := call.target(cmd, &config); err != nil {
			return err
		}
		config.Conf = []string{call.config}
		config.Timeout, config.Fetch, config.Batch = call.timeout, call.fetch, rows
		c, err := client.Load(call.config)
		if err != nil {
			return err
		}
		if len(call.feeds) > 0 {
			if call.batch && rows == 0 {
				return fmt.Errorf("--batch: say with --rows how many rows the feeds have")
			}
			if config.Feed, err = parseFeeds(call.feeds, call.lods, c.Feeds()); err != nil {
				return err
			}
		}
		if floor && config.Endpoint == "" {
			return fmt.Errorf("--floor needs a single --endpoint HOST:PORT, with --protocol beside it")
		}
		if floor {
			config.Echo = echoProcess
		}
		if local != "" {
			run, closeModel, err := localRun(cmd.Context(), library, local, c, &config)
			if err != nil {
				return err
			}
			defer closeModel()
			config.Local = run
		}
		if term.IsTerminal(int(os.Stderr.Fd())) {
			config.Progress = progress(os.Stderr)
		}
		report, err := bench.Run(cmd.Context(), config)
		if report != nil {
			write := report.WriteText
			if asJSON {
				write = report.WriteJSON
			}
			err = errors.Join(err, write(cmd.OutOrStdout()))
		}
		return err
	}
	return cmd
}

// target says whom the bench calls: one server of one protocol, or the SDK's variants.
func (f *callFlags) target(cmd *cobra.Command, config *bench.Config) error {
	endpoints, tuning, variants, err := f.servers(cmd)
	if err != nil {
		return err
	}
	if len(endpoints) == 1 && !strings.Contains(endpoints[0], "://") {
		config.Endpoint, config.Protocol = endpoints[0], bench.Protocol(f.protocol)
		return nil
	}
	config.Endpoints, config.Tuning, config.Variants = endpoints, tuning, variants
	return nil
}

// progress shows a spinner with what has been done.
func progress(w io.Writer) func(bench.Progress) {
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(false))
	return func(p bench.Progress) {
		bar.Describe(fmt.Sprintf("%s %v: %d requests, %d errors", p.Part, p.Elapsed.Round(time.Second), p.Requests, p.Errors))
		// It fails if the terminal is gone, which is nobody's loss.
		_ = bar.Add(1)
	}
}

// localRun loads a model and returns a call of it with the bench's request.
func localRun(ctx context.Context, library, path string, c *client.Client, config *bench.Config) (func(context.Context) error, func() error, error) {
	load := loadFlags{models: []string{path}, name: "local", onnxruntime: library}
	model, err := load.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	feed, rows, options := config.Feed, config.Batch, []client.Option(nil)
	if feed == nil {
		if feed, err = bench.RandomFeed(c.Feeds(), max(1, rows), config.Seed); err != nil {
			return nil, nil, errors.Join(err, model.Close())
		}
		options = append(options, client.Batch())
	} else if rows > 0 {
		options = append(options, client.Batch())
	}
	req, err := c.Request(feed, nil, options...)
	if err != nil {
		return nil, nil, errors.Join(err, model.Close())
	}
	inputs, err := bind(model.Signature(), req)
	if err != nil {
		return nil, nil, errors.Join(err, model.Close())
	}
	return func(ctx context.Context) error {
		_, err := model.Run(ctx, inputs)
		return err
	}, model.Close, nil
}
