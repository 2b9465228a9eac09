package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/server"
)

// batchFlags say which requests run together. Lists have an entry for each model, and
// begin anew where there are more models.
type batchFlags struct {
	threads, rows []int
	delay         time.Duration
	preferred     []int64
	padding       string
	whole         bool
	overrun       bool
}

func (f *batchFlags) add(flags *pflag.FlagSet) {
	flags.IntSliceVar(&f.threads, "runtime_thread_num", nil, "`runs` of a model at once with the requests that wait merged into batches; 0: each request alone (one number for each model)")
	flags.IntSliceVar(&f.rows, "batch_infer_size", []int{32}, "most `rows` of a batch (one number for each model)")
	flags.DurationVar(&f.delay, "batch_delay", 0, "how long a request may wait for others; 0 merges only what waits anyway")
	flags.Int64SliceVar(&f.preferred, "batch_preferred", nil, "numbers of `rows` that end the wait")
	flags.StringVar(&f.padding, "batch_padding", "none", "what fills inputs of different sizes up: none, zeros (all inputs, as Paddle Serving), or `INPUT=VALUE,…`")
	flags.BoolVar(&f.whole, "batch_whole", false, "run a request of more rows than a batch in one piece")
	flags.BoolVar(&f.overrun, "batch_overrun", false, "let the last request of a batch exceed its rows")
}

// apply sets the models' batching.
func (f *batchFlags) apply(models []server.ModelConfig) error {
	if len(f.threads) == 0 {
		return nil
	}
	if len(f.rows) == 0 {
		return fmt.Errorf("--batch_infer_size is empty, want a number of rows")
	}
	padding, all, err := parsePadding(f.padding)
	if err != nil {
		return err
	}
	for i := range models {
		threads, rows := f.threads[i%len(f.threads)], f.rows[i%len(f.rows)]
		if threads < 0 || rows < 1 {
			return fmt.Errorf("--runtime_thread_num %d --batch_infer_size %d: want 0 or more, and 1 or more", threads, rows)
		}
		if threads == 0 {
			continue
		}
		models[i].Concurrency = threads
		models[i].Batching = &engine.Batching{
			MaxRows: int64(rows), Delay: f.delay, Preferred: f.preferred,
			KeepWhole: f.whole, Overrun: f.overrun, Padding: padding, PadAll: all,
		}
	}
	return nil
}

// parsePadding reads --batch_padding.
func parsePadding(text string) (padding map[string]float64, all bool, err error) {
	switch text {
	case "none", "":
		return nil, false, nil
	case "zeros":
		return nil, true, nil
	}
	padding = map[string]float64{}
	for part := range strings.SplitSeq(text, ",") {
		name, number, found := strings.Cut(part, "=")
		value, err := strconv.ParseFloat(number, 64)
		if !found || name == "" || err != nil {
			return nil, false, fmt.Errorf("--batch_padding %q: %q, want none, zeros, or INPUT=VALUE,…", text, part)
		}
		padding[name] = value
	}
	return padding, false, nil
}
