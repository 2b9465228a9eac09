package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/wire"
)

func predictCommand() *cobra.Command {
	var call callFlags
	var verbose bool
	cmd := &cobra.Command{
		Use:   "predict --endpoint ADDRESS --config FILE --feed 'x=[…]'",
		Short: "Ask a server once and print the answer as JSON",
		Long: `Ask a server once and print the answer as JSON.

  sampan predict --config serving_client_conf.prototxt --feed 'x=[0.0137, …]'
  sampan predict --config … --endpoint grpc://a:9393 --endpoint grpc://b:9393 --feed x=@x.json
  sampan predict --config … --endpoint http://a:9393 --feed 'words=[[8,233,52],[601]]'
  sampan predict --config … --sdk_config predictors.prototxt --verbose --feed …

A flat list has the shape that the config says. A variable with LoD takes a list of
sequences, or a flat list that --lod divides.`,
		Args: cobra.NoArgs,
	}
	call.add(cmd)
	cmd.Flags().StringVar(&call.protocol, "protocol", "", "ttheader (default), mux, grpc, baidu_std or http, where the endpoints do not say")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "say on stderr who answered, and when each op ran")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := client.Load(call.config)
		if err != nil {
			return err
		}
		feed, err := parseFeeds(call.feeds, call.lods, c.Feeds())
		if err != nil {
			return err
		}
		if err := call.connect(cmd, c); err != nil {
			return err
		}
		defer c.Close()
		var options []client.Option
		if call.batch {
			options = append(options, client.Batch())
		}
		if verbose {
			options = append(options, client.Profile())
		}
		result, err := c.Predict(cmd.Context(), feed, call.fetch, options...)
		if err != nil {
			return fmt.Errorf("%s%s: %w", sampan.CodeOf(err), at(err), err)
		}
		if verbose {
			explain(cmd.ErrOrStderr(), result)
		}
		return printResult(cmd.OutOrStdout(), result)
	}
	return cmd
}

// at names the server that failed.
func at(err error) string {
	if endpoint := client.EndpointOf(err); endpoint != "" && !strings.Contains(err.Error(), endpoint) {
		return " at " + endpoint
	}
	return ""
}

// explain says where an answer comes from.
func explain(w io.Writer, r *client.Result) {
	variant := ""
	if r.Variant() != "" {
		variant = fmt.Sprintf(" of variant %q", r.Variant())
	}
	fmt.Fprintf(w, "answered by %s%s\n", r.Endpoint(), variant)
	for times := r.Profile(); len(times) >= 2; times = times[2:] {
		fmt.Fprintf(w, "  %s for %d µs\n", time.UnixMicro(times[0]).Format("15:04:05.000000"), times[1]-times[0])
	}
}

// printResult writes {"result":{"price":[[18.9]]}}, as the HTTP dialect does.
func printResult(w io.Writer, r *client.Result) error {
	reply := &sampan.Reply{}
	for _, name := range r.Engines() {
		part, err := r.Engine(name)
		if err != nil {
			return err
		}
		out := sampan.Output{Engine: name}
		for _, alias := range part.Names() {
			t, err := part.Tensor(alias)
			if err != nil {
				return err
			}
			out.Tensors = append(out.Tensors, sampan.Named{Alias: alias, Tensor: t})
		}
		reply.Outputs = append(reply.Outputs, out)
	}
	line, err := wire.AppendResult(nil, reply)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}
