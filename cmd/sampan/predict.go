package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/wire"
)

// callFlags say whom to call and with what; predict and bench share them.
type callFlags struct {
	endpoint string
	config   string
	feeds    []string
	fetch    []string
	batch    bool
	timeout  time.Duration
}

func (f *callFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.endpoint, "endpoint", "127.0.0.1:9393", "`address` of the server, host:port")
	flags.StringVar(&f.config, "config", "", "client `prototxt` (serving_client_conf.prototxt); required")
	flags.StringArrayVar(&f.feeds, "feed", nil, "input as `NAME=JSON`, or NAME=@FILE; once for each input")
	flags.StringSliceVar(&f.fetch, "fetch", nil, "output `names`, separated by commas (default: all)")
	flags.BoolVar(&f.batch, "batch", false, "the feeds have their batch axis")
	flags.DurationVar(&f.timeout, "timeout", 20*time.Second, "deadline of a call")
	_ = cmd.MarkFlagRequired("config")
}

func predictCommand() *cobra.Command {
	var call callFlags
	var protocol string
	cmd := &cobra.Command{
		Use:   "predict --endpoint HOST:PORT --config FILE --feed 'x=[…]'",
		Short: "Ask a server once and print the answer as JSON",
		Args:  cobra.NoArgs,
	}
	call.add(cmd)
	cmd.Flags().StringVar(&protocol, "protocol", client.TTHeader.String(), "ttheader, grpc, baidu_std or mux")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		transport, err := client.ParseTransport(protocol)
		if err != nil {
			return err
		}
		c, err := client.Load(call.config)
		if err != nil {
			return err
		}
		feed, err := parseFeeds(call.feeds, c.Feeds())
		if err != nil {
			return err
		}
		config := client.Config{Transport: transport, Timeout: call.timeout}
		if err := c.ConnectWith(cmd.Context(), config, call.endpoint); err != nil {
			return err
		}
		defer c.Close()
		var options []client.Option
		if call.batch {
			options = append(options, client.Batch())
		}
		result, err := c.Predict(cmd.Context(), feed, call.fetch, options...)
		if err != nil {
			return fmt.Errorf("%s: %w", sampan.CodeOf(err), err)
		}
		return printResult(cmd.OutOrStdout(), result)
	}
	return cmd
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
