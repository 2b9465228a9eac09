package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// idleFlags are Paddle Serving's flags that change nothing here. They are accepted, so
// that a start script works as it is, and named once when they are given.
type idleFlags struct {
	flags *pflag.FlagSet
	why   map[string]string
}

// addIdleFlags adds the flags, hidden from --help but for a line.
func addIdleFlags(cmd *cobra.Command) *idleFlags {
	f := &idleFlags{flags: cmd.Flags(), why: map[string]string{}}
	boolean := func(name, why string) {
		f.flags.Bool(name, false, why)
		f.why[name] = why
	}
	text := func(name, why string) {
		f.flags.StringArray(name, nil, why)
		f.why[name] = why
	}
	text("workdir", "no working directory is needed")
	text("precision", "a model runs in the precision that it was saved in")
	text("min_subgraph_size", "there is no TensorRT here")
	text("gpu_memory_mb", "onnxruntime takes what it needs; sampan.yaml can bound it by the provider's options")
	text("cpu_math_thread_num", "threads follow from --thread and the processors")
	text("trt_workspace_size", "there is no TensorRT here")
	boolean("ir_optim", "the graph is always optimised")
	boolean("mem_optim_off", "memory is always planned")
	boolean("use_mkl", "onnxruntime brings its own kernels")
	boolean("use_trt", "there is no TensorRT here")
	boolean("use_lite", "there is no Paddle Lite here")
	boolean("use_xpu", "there is no XPU support here")
	boolean("use_ascend_cl", "there is no Ascend support here")
	boolean("use_calib", "there is no TensorRT here")
	boolean("trt_use_static", "there is no TensorRT here")
	boolean("gpu_multi_stream", "each run has a stream of its own")
	for name := range f.why {
		// The flag exists, so hiding it cannot fail.
		_ = f.flags.MarkHidden(name)
	}
	return f
}

// report names the flags that were given and do nothing.
func (f *idleFlags) report(w io.Writer) {
	f.flags.Visit(func(flag *pflag.Flag) {
		why, idle := f.why[flag.Name]
		if !idle {
			return
		}
		value := strings.Trim(flag.Value.String(), "[]")
		if flag.Value.Type() == "bool" {
			value = ""
		}
		fmt.Fprintf(w, "note: --%s has no effect: %s\n", strings.TrimSpace(flag.Name+" "+value), why)
	})
}
