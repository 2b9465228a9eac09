package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/client"
)

// callFlags say whom to call and with what; predict and bench share them.
type callFlags struct {
	endpoints []string
	protocol  string
	sdkConfig string
	predictor string
	config    string
	feeds     []string
	lods      []string
	fetch     []string
	batch     bool
	timeout   time.Duration
}

const defaultEndpoint = "127.0.0.1:9393"

func (f *callFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.endpoints, "endpoint", nil, "`address` of a server, host:port or PROTOCOL://host:port; several times for several (default "+defaultEndpoint+")")
	flags.StringVar(&f.sdkConfig, "sdk_config", "", "`predictors.prototxt`, instead of --endpoint: servers, variants, time-outs")
	flags.StringVar(&f.predictor, "predictor", "", "`name` of the predictor in the SDK config, where there are several")
	flags.StringVar(&f.config, "config", "", "client `prototxt` (serving_client_conf.prototxt); required")
	flags.StringArrayVar(&f.feeds, "feed", nil, "input as `NAME=JSON`, or NAME=@FILE; once for each input")
	flags.StringArrayVar(&f.lods, "lod", nil, "divide a flat feed into sequences, as `NAME=[0,2,5]`")
	flags.StringSliceVar(&f.fetch, "fetch", nil, "output `names`, separated by commas (default: all)")
	flags.BoolVar(&f.batch, "batch", false, "the feeds have their batch axis")
	flags.DurationVar(&f.timeout, "timeout", 20*time.Second, "deadline of a call, where the SDK config has none")
	_ = cmd.MarkFlagRequired("config")
}

// servers returns the endpoints to call over a transport, or else the variants of the
// SDK config.
func (f *callFlags) servers(cmd *cobra.Command) (endpoints []string, config client.Config, variants []client.Variant, err error) {
	config.Timeout = f.timeout
	if f.sdkConfig == "" {
		if f.predictor != "" {
			return nil, config, nil, fmt.Errorf("--predictor needs --sdk_config")
		}
		if f.protocol != "" {
			config.Transport, err = client.ParseTransport(f.protocol)
		}
		if endpoints = f.endpoints; len(endpoints) == 0 {
			endpoints = []string{defaultEndpoint}
		}
		return endpoints, config, nil, err
	}
	for _, other := range []string{"endpoint", "protocol"} {
		if cmd.Flags().Changed(other) {
			return nil, config, nil, fmt.Errorf("--sdk_config says what --%s does; give one of them", other)
		}
	}
	s, err := client.LoadSDKConfig(f.sdkConfig)
	if err != nil {
		return nil, config, nil, err
	}
	p, err := s.Predictor(f.predictor)
	if err != nil {
		return nil, config, nil, err
	}
	for i := range p.Variants {
		if p.Variants[i].Config.Timeout == 0 {
			p.Variants[i].Config.Timeout = f.timeout
		}
	}
	return nil, config, p.Variants, nil
}

// connect connects to whatever the flags say.
func (f *callFlags) connect(cmd *cobra.Command, c *client.Client) error {
	endpoints, config, variants, err := f.servers(cmd)
	switch {
	case err != nil:
		return err
	case variants != nil:
		return c.ConnectVariants(cmd.Context(), variants...)
	}
	return c.ConnectWith(cmd.Context(), config, endpoints...)
}
