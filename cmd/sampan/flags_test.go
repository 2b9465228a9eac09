package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestSpreadLists(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", ""},
		{"serve", "serve"},
		{"serve --model a", "serve --model a"},
		{"serve --model a b c", "serve --model a --model b --model c"},
		{"serve --model a b --port 9393", "serve --model a --model b --port 9393"},
		{"serve --model a b --op p q", "serve --model a --model b --op p --op q"},
		{"serve --model a --model b c", "serve --model a --model b --model c"},
		{"serve --model=a b", "serve --model=a b"},
		{"serve --name a b", "serve --name a b"},
		{"serve --gpu_ids 0 -1 1,2", "serve --gpu_ids 0 --gpu_ids -1 --gpu_ids 1,2"},
		{"serve --model a -h b", "serve --model a -h b"},
		{"serve --model a -- b c", "serve --model a -- b c"},
		{"serve --model a b --", "serve --model a --model b --"},
		{"--model a - b", "--model a - b"},
	} {
		if diff := cmp.Diff(strings.Fields(c.want), append([]string{}, spreadLists(strings.Fields(c.args))...)); diff != "" {
			t.Errorf("%s:\n%s", c.args, diff)
		}
	}
}

func TestJoinTruths(t *testing.T) {
	for args, want := range map[string]string{
		"":                                "",
		"convert --show_proto":            "convert --show_proto",
		"convert --show_proto True":       "convert --show_proto=True",
		"convert --show_proto 0 --onnx x": "convert --show_proto=0 --onnx x",
		"convert --show_proto --onnx 1":   "convert --show_proto --onnx 1",
		"convert --show_proto maybe":      "convert --show_proto maybe",
		"true --show_proto":               "true --show_proto",
	} {
		if diff := cmp.Diff(strings.Fields(want), append([]string{}, joinTruths(strings.Fields(args))...)); diff != "" {
			t.Errorf("%s:\n%s", args, diff)
		}
	}
}

func TestEveryListFlagExists(t *testing.T) {
	serve, check := serveCommand().Flags(), checkCommand().Flags()
	for name := range listFlags {
		name = strings.TrimPrefix(name, "--")
		if serve.Lookup(name) == nil && check.Lookup(name) == nil {
			t.Errorf("neither serve nor check has --%s", name)
		}
	}
}

func TestExplainFlag(t *testing.T) {
	cmd := serveCommand()
	for text, want := range map[string]string{
		"unknown flag: --drian":            "unknown flag: --drian; did you mean --drain?",
		"unknown flag: --use_tr":           "unknown flag: --use_tr; did you mean --use_trt?",
		"unknown flag: --zzzzzz":           "unknown flag: --zzzzzz; see `serve --help`",
		"flag needs an argument: --model":  "flag needs an argument: --model; see `serve --help`",
		"unknown shorthand flag: 'x' in x": "unknown shorthand flag: 'x' in x; see `serve --help`",
	} {
		if got := explainFlag(cmd, errors.New(text)).Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestIdleFlagsAreNamed(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", ""},
		{"--name uci --port 1", ""},
		{"--use_trt --workdir 0", "note: --use_trt has no effect: there is no TensorRT here\n" +
			"note: --workdir 0 has no effect: no working directory is needed\n"},
	} {
		cmd := &cobra.Command{}
		cmd.Flags().String("name", "", "")
		cmd.Flags().Int("port", 0, "")
		idle := addIdleFlags(cmd)
		if err := cmd.ParseFlags(strings.Fields(c.args)); err != nil {
			t.Error(err)
			continue
		}
		var out strings.Builder
		idle.report(&out)
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("%s:\n%s", c.args, diff)
		}
	}
}
