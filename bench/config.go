package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// Protocol is how requests travel.
type Protocol string

// The protocols. HTTP is `POST /NAME/prediction` with the feed/fetch JSON of Paddle
// Serving's web service.
const (
	TTHeader Protocol = "ttheader"
	GRPC     Protocol = "grpc"
	HTTP     Protocol = "http"
	BaiduStd Protocol = "baidu_std"
	Mux      Protocol = "mux"
	// SDK is a report's word for [Config].Endpoints and Variants.
	SDK Protocol = "sdk"
)

// Protocols lists them.
var Protocols = []Protocol{TTHeader, GRPC, HTTP, BaiduStd, Mux}

// Config describes one run. A zero field stands for its default.
type Config struct {
	// Conf are the paths of client configs, as [client.Load] takes them. Required.
	Conf []string
	// Endpoint is the server's host:port. Required, but for Endpoints and Variants.
	Endpoint string
	// Endpoints are several servers, with URLs as [client.Client.ConnectWith] takes
	// them, and Tuning how they are called; Protocol is not used.
	Endpoints []string
	Tuning    client.Config
	// Variants are what [client.Client.ConnectVariants] takes; Protocol is not used.
	Variants []client.Variant
	// Protocol is TTHeader by default.
	Protocol Protocol
	// Name is the service's name in the path; required for HTTP, else not used.
	Name string
	// Concurrency is the number of workers, each with one request under way. Default
	// 16.
	Concurrency int
	// Rate is the number of requests a second that are sent at even distances, whatever
	// becomes of them, as many at once as there are workers: an open loop, which shows
	// what a server does with more than it can answer. Latencies count from when a
	// request was due. 0 is a closed loop: each worker sends its next request when the
	// last one is answered.
	Rate float64
	// Duration and Requests bound the measured part; the first one that is met ends
	// it. Default 10 s if neither is given.
	Duration time.Duration
	Requests int64
	// WarmUp runs the same load before, without counting it. Default none.
	WarmUp time.Duration
	// Timeout bounds one request. Default 20 s.
	Timeout time.Duration
	// Feed is what is sent. With a Batch it carries its batch axis, of as many rows,
	// as with [client.Batch]; without one it is a single row. Default [RandomFeed],
	// with one row if there is no Batch.
	Feed  client.Feed
	Batch int
	// Fetch are the wanted outputs; none stands for all.
	Fetch []string
	// Seed seeds the default feed.
	Seed uint64
	// Progress is called every second, from one goroutine. May be nil.
	Progress func(Progress)
	// Echo starts an echo server and makes the run measure a floor against it after
	// the server itself, with the same load: what the transport alone can do. It gets
	// the encoded reply of the measured server, which [ServeEcho] answers every
	// request with, and returns the echo server's host:port and what ends it. For a
	// fair floor it starts another process. May be nil.
	Echo func(ctx context.Context, p Protocol, reply []byte) (endpoint string, stop func() error, err error)
	// Local makes the run measure another floor: the same number of workers calling
	// it, such as the model's session run in this process. It must be safe for
	// concurrent use. May be nil.
	Local func(ctx context.Context) error
}

// Progress is how far a run has come.
type Progress struct {
	// Part is "warm-up", "server", "echo floor" or "local floor".
	Part string
	// Elapsed is the time since the part began.
	Elapsed time.Duration
	// Requests counts those that have ended in the part, Errors those among them that
	// failed.
	Requests, Errors int64
}

const (
	defaultConcurrency = 16
	defaultDuration    = 10 * time.Second
	defaultTimeout     = 20 * time.Second
)

func (c Config) withDefaults() Config {
	switch {
	case c.bySDK():
		c.Protocol = SDK
	case c.Protocol == "":
		c.Protocol = TTHeader
	}
	if c.Concurrency == 0 {
		c.Concurrency = defaultConcurrency
	}
	if c.Duration == 0 && c.Requests == 0 {
		c.Duration = defaultDuration
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	return c
}

// bySDK reports whether the SDK chooses among servers.
func (c Config) bySDK() bool { return len(c.Endpoints) > 0 || len(c.Variants) > 0 }

// target names what is measured.
func (c Config) target() string {
	names := append([]string{c.Endpoint}, c.Endpoints...)
	for _, v := range c.Variants {
		names = append(names, v.Cluster)
	}
	return strings.Join(slices.DeleteFunc(names, func(s string) bool { return s == "" }), ", ")
}

// validate reports every fault at once.
func (c Config) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(c.Conf) == 0 {
		fault("Conf names no client config")
	}
	given := 0
	for _, set := range []bool{c.Endpoint != "", len(c.Endpoints) > 0, len(c.Variants) > 0} {
		if set {
			given++
		}
	}
	switch _, port, err := net.SplitHostPort(c.Endpoint); {
	case given > 1:
		fault("Endpoint, Endpoints and Variants: %d of them are given, want one", given)
	case c.bySDK() && c.Echo != nil:
		fault("Echo is there for a single Endpoint only")
	case !c.bySDK() && (err != nil || port == ""):
		fault("Endpoint is %q, want host:port", c.Endpoint)
	}
	switch c.Protocol {
	case TTHeader, GRPC, BaiduStd, Mux:
	case SDK:
		if !c.bySDK() {
			fault("Protocol is %q, want one of %q", c.Protocol, Protocols)
		}
	case HTTP:
		if c.Name == "" {
			fault("Name is empty, want the service's name for HTTP")
		}
	default:
		fault("Protocol is %q, want one of %q", c.Protocol, Protocols)
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"Concurrency", int64(c.Concurrency)}, {"Duration", int64(c.Duration)}, {"Requests", c.Requests},
		{"WarmUp", int64(c.WarmUp)}, {"Timeout", int64(c.Timeout)}, {"Batch", int64(c.Batch)},
	} {
		if n.value < 0 {
			fault("%s is negative", n.name)
		}
	}
	if c.Rate < 0 {
		fault("Rate is negative")
	}
	if len(faults) == 0 {
		return nil
	}
	return sampan.Errorf(sampan.InvalidArgument, "bench: %w", errors.Join(faults...))
}
