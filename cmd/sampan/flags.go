package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sampanml/sampan/internal/nearest"
)

// listFlags take several values, `--model A B`, as Paddle Serving's command does, or
// `--verify A B`.
var listFlags = map[string]bool{
	"--model": true, "--op": true, "--gpu_ids": true, "--runtime_thread_num": true,
	"--batch_infer_size": true, "--min_subgraph_size": true, "--verify": true,
}

// spreadLists writes `--model A B` as `--model A --model B`.
func spreadLists(args []string) []string {
	var out []string
	list, values := "", 0
	for i, arg := range args {
		switch {
		case arg == "--":
			return append(out, args[i:]...)
		case strings.HasPrefix(arg, "-") && !isNumber(arg):
			list, values = "", 0
			if listFlags[arg] {
				list = arg
			}
		case list != "":
			if values++; values > 1 {
				out = append(out, list)
			}
		}
		out = append(out, arg)
	}
	return out
}

// joinTruths writes `--show_proto True`, as Paddle Serving's converter takes it, as
// `--show_proto=True`.
func joinTruths(args []string) []string {
	var out []string
	for i, arg := range args {
		if _, err := strconv.ParseBool(arg); err == nil && i > 0 && args[i-1] == "--show_proto" {
			out[len(out)-1] += "=" + arg
			continue
		}
		out = append(out, arg)
	}
	return out
}

// isNumber tells -1 from a flag.
func isNumber(arg string) bool {
	return len(arg) > 1 && strings.Trim(arg[1:], "0123456789,.") == ""
}

// explainFlag adds the flag that was perhaps meant.
func explainFlag(cmd *cobra.Command, err error) error {
	text := err.Error()
	_, name, unknown := strings.Cut(text, "unknown flag: --")
	if !unknown {
		return fmt.Errorf("%s; see `%s --help`", text, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest.Name(name, names); near != "" {
		return fmt.Errorf("%s; did you mean --%s?", text, near)
	}
	return fmt.Errorf("%s; see `%s --help`", text, cmd.CommandPath())
}
