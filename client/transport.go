package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
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
	// HTTP is HTTP/1.1 with protobuf bodies, as Paddle Serving's HttpClient calls. A
	// connection carries one call at a time. Its errors have HTTP's statuses, so that
	// FailedPrecondition arrives as InvalidArgument.
	HTTP
)

var transportNames = []string{"ttheader", "grpc", "baidu_std", "mux", "http"}

// shares reports whether calls share connections.
func (t Transport) shares() bool { return t != TTHeader && t != HTTP }

// String returns "ttheader", "grpc", "baidu_std", "mux" or "http".
func (t Transport) String() string {
	if int(t) < len(transportNames) {
		return transportNames[t]
	}
	return fmt.Sprintf("transport(%d)", uint8(t))
}

// ParseTransport finds a transport by its name, see [Transport.String]. An unknown one is
// InvalidArgument.
func ParseTransport(name string) (Transport, error) {
	if i := slices.Index(transportNames, name); i >= 0 {
		return Transport(i), nil
	}
	return 0, sampan.Errorf(sampan.InvalidArgument, "transport %q is not known; known are %s", name, strings.Join(transportNames, ", "))
}

// transport carries encoded requests to endpoints. Safe for concurrent use.
type transport interface {
	// send makes one call at one endpoint. Its errors are the final ones, marked with
	// how far the call got. The body is not read after the return.
	send(ctx context.Context, e *endpoint, body []byte, deadline time.Time) (*generalmodel.Response, error)
	// close ends the connections. No call is under way.
	close() error
}

// modelKey is the header, metadata or TTHeader's key that names the model of a call.
const modelKey = "sampan-model"

// newTransport makes the one that the config names.
func newTransport(config Config) (transport, error) {
	switch config.Transport {
	case BaiduStd:
		return newBaidu(config), nil
	case HTTP:
		return newHTTP(config), nil
	}
	return newKitex(config)
}

// endpoint is what the transports know of a server.
type endpoint struct {
	address  string
	instance discovery.Instance
	// slots bounds the calls in flight, each of which has a connection; nil where they
	// share connections.
	slots chan struct{}
}

func newEndpoint(config Config, address string) *endpoint {
	e := &endpoint{address: address, instance: discovery.NewInstance("tcp", address, discovery.DefaultWeight, nil)}
	if !config.Transport.shares() {
		e.slots = make(chan struct{}, config.MaxConns)
	}
	return e
}

// enter takes a slot.
func (e *endpoint) enter(ctx context.Context, deadline time.Time) error {
	select {
	case e.slots <- struct{}{}:
		return nil
	default:
	}
	late := time.NewTimer(time.Until(deadline))
	defer late.Stop()
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return sampan.ContextError(ctx)
	case <-late.C:
		return errLate()
	}
}
