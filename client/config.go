package client

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/sampanml/sampan"
)

// Transport is how calls travel.
type Transport uint8

const (
	// TTHeader is Kitex's own protocol, framed protobuf with a header. It costs least
	// for small tensors. A connection carries one call at a time.
	TTHeader Transport = iota
	// GRPC is gRPC over HTTP/2 without TLS. Calls share few connections.
	GRPC
	// BaiduStd is brpc's own protocol, the one that the servers of Paddle Serving speak.
	// Calls share few connections. Its errors have codes of brpc's:
	// FailedPrecondition arrives as InvalidArgument, Unimplemented as NotFound.
	BaiduStd
	// Mux is TTHeader with calls that share few connections.
	Mux
)

// shares reports whether calls share connections.
func (t Transport) shares() bool { return t != TTHeader }

// String returns "ttheader", "grpc", "baidu_std" or "mux".
func (t Transport) String() string {
	switch t {
	case TTHeader:
		return "ttheader"
	case GRPC:
		return "grpc"
	case BaiduStd:
		return "baidu_std"
	case Mux:
		return "mux"
	}
	return fmt.Sprintf("transport(%d)", uint8(t))
}

// ParseTransport finds a transport by its name, see [Transport.String]. An unknown one is
// InvalidArgument.
func ParseTransport(name string) (Transport, error) {
	for t := TTHeader; t <= Mux; t++ {
		if t.String() == name {
			return t, nil
		}
	}
	return 0, sampan.Errorf(sampan.InvalidArgument, "transport %q is not known; known are ttheader, grpc, baidu_std and mux", name)
}

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
	// MaxConns bounds the connections to one endpoint. Over TTHeader calls beyond it
	// wait for a free one as long as their context lets them, and the default is 512.
	// Over the others it is the number of connections that calls share, by default three
	// for every two processors.
	MaxConns int
	// MaxMessageBytes bounds a request and, except over gRPC, a reply. Default 512 MiB,
	// the bound of Paddle Serving's clients.
	MaxMessageBytes int
}

const (
	defaultTimeout         = 20 * time.Second
	defaultConnectTimeout  = 2 * time.Second
	defaultMaxConns        = 512
	defaultMaxMessageBytes = 512 << 20
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
	}
	if c.MaxMessageBytes == 0 {
		c.MaxMessageBytes = defaultMaxMessageBytes
	}
	return c
}

// validate reports every fault of the config and the endpoints at once.
func (c Config) validate(endpoints []string) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c.Transport > Mux {
		fault("Transport is %d, want TTHeader, GRPC, BaiduStd or Mux", c.Transport)
	}
	switch {
	case c.Compression > Zlib:
		fault("Compression is %d, want NoCompression, Snappy, Gzip or Zlib", c.Compression)
	case c.Compression != NoCompression && c.Transport != BaiduStd:
		fault("Compression is not done over %v, want BaiduStd", c.Transport)
	}
	if c.Timeout < 0 {
		fault("Timeout is %v, want a positive time", c.Timeout)
	}
	if c.ConnectTimeout < 0 {
		fault("ConnectTimeout is %v, want a positive time", c.ConnectTimeout)
	}
	if c.MaxConns < 0 {
		fault("MaxConns is %d, want a positive number", c.MaxConns)
	}
	if c.MaxMessageBytes < 0 {
		fault("MaxMessageBytes is %d, want a positive number", c.MaxMessageBytes)
	}
	if len(endpoints) == 0 {
		fault("no endpoint is given")
	}
	for _, e := range endpoints {
		if _, port, err := net.SplitHostPort(e); err != nil || port == "" {
			fault("endpoint %q, want host:port", e)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return sampan.Errorf(sampan.InvalidArgument, "connect: %w", errors.Join(faults...))
}
