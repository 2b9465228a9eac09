package client

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// Compression is how requests travel over [BaiduStd]; its numbers are brpc's.
type Compression uint8

// The compressions that brpc knows. A server of ours answers with the same one where the
// reply is not small.
const (
	NoCompression Compression = iota
	Snappy
	Gzip
	Zlib
)

// Connections is how the connections to an endpoint are kept.
type Connections uint8

const (
	// Pooled keeps connections for later calls.
	Pooled Connections = iota
	// Single has one connection, which all calls share; not over TTHeader and HTTP.
	Single
	// Short makes a connection for every call; not over GRPC.
	Short
)

// Config tunes a connection. A zero field stands for its default.
type Config struct {
	Transport Transport
	// Compression of requests, over BaiduStd alone. Whatever a reply comes in is
	// understood. It costs more time than it saves unless the network is slow.
	Compression Compression
	// Timeout bounds a call whose context has no deadline. Default 20 s, the
	// rpc_timeout_ms of Paddle Serving's SDK.
	Timeout time.Duration
	// ConnectTimeout bounds the making of one connection. A call whose context is
	// canceled meanwhile returns when the attempt does. Default 2 s.
	ConnectTimeout time.Duration
	// MaxConns bounds the connections to one endpoint. Over TTHeader and HTTP calls
	// beyond it wait for a free one as long as their context lets them, and the default
	// is 512.
	// Over the others it is the number of connections that calls share, by default three
	// for every two processors.
	MaxConns int
	// Connections is how they are kept.
	Connections Connections
	// MaxMessageBytes bounds a request and, except over gRPC, a reply. Default 512 MiB,
	// the bound of Paddle Serving's clients.
	MaxMessageBytes int
	// Balance is how calls are spread over the endpoints. Default RoundRobin.
	Balance Balance
	// Retries is how often a call is repeated at most because its server is Unavailable,
	// at another one if there is one. A budget of one for every ten calls, and a hundred
	// in store, keeps a server in trouble from getting many more calls than usual.
	// Servers that take no connection cost neither. Default 2, negative for none.
	Retries int
	// HedgeAfter is when a call that is not answered goes to a second endpoint too; the
	// first answer counts. It has the same budget. Default never.
	HedgeAfter time.Duration
	// Path is where HTTP posts to. Default "/GeneralModelService/inference".
	Path string
	// Model is the one that calls are for, of a server that has several: NAME, or
	// NAME:VERSION with a number or a label. Default the server's own choice.
	Model string
}

const (
	defaultTimeout         = 20 * time.Second
	defaultConnectTimeout  = 2 * time.Second
	defaultMaxConns        = 512
	defaultMaxMessageBytes = 512 << 20
	defaultRetries         = 2
	defaultPath            = "/GeneralModelService/inference"
	// maxModelName bounds a name, as servers bound headers.
	maxModelName = 255
)

// withDefaults fills the zero fields.
func (c Config) withDefaults() Config {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = defaultConnectTimeout
	}
	if c.MaxConns == 0 {
		c.MaxConns = defaultMaxConns
		if c.Transport.shares() {
			c.MaxConns = max(1, runtime.GOMAXPROCS(0)*3/2)
		}
		if c.Connections == Single {
			c.MaxConns = 1
		}
	}
	if c.MaxMessageBytes == 0 {
		c.MaxMessageBytes = defaultMaxMessageBytes
	}
	if c.Retries == 0 {
		c.Retries = defaultRetries
	}
	if c.Path == "" {
		c.Path = defaultPath
	}
	return c
}

// faults are all that is wrong with a config.
func (c Config) faults() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c.Transport > HTTP {
		fault("Transport is %d, want TTHeader, GRPC, BaiduStd, Mux or HTTP", c.Transport)
	}
	switch {
	case c.Compression > Zlib:
		fault("Compression is %d, want NoCompression, Snappy, Gzip or Zlib", c.Compression)
	case c.Compression != NoCompression && c.Transport != BaiduStd:
		fault("Compression is not done over %v, want BaiduStd", c.Transport)
	}
	switch {
	case c.Connections > Short:
		fault("Connections is %d, want Pooled, Single or Short", c.Connections)
	case c.Connections == Single && !c.Transport.shares():
		fault("Connections is Single, but over %v a connection carries one call at a time", c.Transport)
	case c.Connections == Single && c.MaxConns > 1:
		fault("Connections is Single, but MaxConns is %d", c.MaxConns)
	case c.Connections == Short && c.Transport == GRPC:
		fault("Connections is Short, but over grpc connections are kept")
	}
	for _, limit := range []struct {
		name  string
		value time.Duration
	}{{"Timeout", c.Timeout}, {"ConnectTimeout", c.ConnectTimeout}, {"HedgeAfter", c.HedgeAfter}} {
		if limit.value < 0 {
			fault("%s is %v, want a positive time", limit.name, limit.value)
		}
	}
	if c.MaxConns < 0 {
		fault("MaxConns is %d, want a positive number", c.MaxConns)
	}
	if c.MaxMessageBytes < 0 {
		fault("MaxMessageBytes is %d, want a positive number", c.MaxMessageBytes)
	}
	if c.Balance > MD5 {
		fault("Balance is %d, want RoundRobin, LocalityAware, WeightedRoundRobin, Random, Murmur or MD5", c.Balance)
	}
	if c.Path != "" && (c.Path[0] != '/' || strings.ContainsAny(c.Path, "?# \r\n")) {
		fault("Path is %.100q, want a path such as %s", c.Path, defaultPath)
	}
	if len(c.Model) > maxModelName || strings.ContainsFunc(c.Model, func(r rune) bool { return r <= ' ' || r > '~' }) {
		fault("Model is %.100q, want NAME or NAME:VERSION, at most %d visible ASCII characters", c.Model, maxModelName)
	}
	return faults
}
