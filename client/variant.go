package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sampanml/sampan/internal/cluster"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// Variant is one of several groups of servers among which calls are drawn, such as the
// two sides of an A/B test.
type Variant struct {
	// Tag names the variant in the result, see [Result.Variant].
	Tag string
	// Weight is the variant's share of the calls: its part of the sum of all weights. 0
	// is no calls.
	Weight int
	// Cluster says where the servers are: "list://HOST:PORT,HOST:PORT" or
	// "file://PATH", a file with one HOST:PORT a line which is read again when it
	// changes; what follows a # is a comment. A weight may follow behind a space, for
	// [WeightedRoundRobin].
	Cluster string
	Config  Config
}

// maxVariantWeight keeps sums of weights small.
const maxVariantWeight = 1 << 20

// variant is a connected one.
type variant struct {
	tag       string
	weight    int
	config    Config
	transport transport
	servers   *cluster.Cluster
	// racers are the calls of hedged ones, some of which end after another one has won.
	racers sync.WaitGroup
}

// newVariant returns the variant, or else every fault.
func newVariant(v Variant) (*variant, []error) {
	faults := v.Config.faults()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if v.Weight < 0 || v.Weight > maxVariantWeight {
		fault("Weight is %d, want 0 to %d", v.Weight, maxVariantWeight)
	}
	naming, err := cluster.ParseNaming(v.Cluster)
	if err != nil {
		fault("Cluster: %w", err)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	config := v.Config.withDefaults()
	out := &variant{tag: v.Tag, weight: v.Weight, config: config}
	if out.transport, err = newTransport(config); err != nil {
		return nil, []error{err}
	}
	out.servers, err = cluster.New(cluster.Config{
		Naming: naming, Balance: cluster.Balance(config.Balance), Retries: max(0, config.Retries),
		Peer: func(address string) any { return newEndpoint(config, address) },
	})
	if err != nil {
		_ = out.transport.close()
		fault("Cluster: %w", err)
		return nil, faults
	}
	return out, nil
}

func (v *variant) close() error {
	v.servers.Close()
	v.racers.Wait()
	return v.transport.close()
}

// answer is what a call came to, and at which endpoint.
type answer struct {
	message  *generalmodel.Response
	endpoint *cluster.Endpoint
	err      error
}

// call sends a request until it is answered, as often as the config allows.
func (v *variant) call(ctx context.Context, k key, p *parcel, deadline time.Time) answer {
	round := v.round(k)
	if v.config.HedgeAfter > 0 && len(v.servers.Endpoints()) > 1 {
		return v.hedge(ctx, round, k, p, deadline)
	}
	var a answer
	for round.Next() {
		a.endpoint = round.Endpoint()
		a.message, a.err = v.try(ctx, a.endpoint, p.body, deadline)
		round.Done(a.err)
	}
	a.err = round.Err()
	return a
}

// round begins a call's way through the endpoints.
func (v *variant) round(k key) cluster.Round {
	if k.set {
		return v.servers.KeyedRound(k.hash)
	}
	return v.servers.Round()
}

// try makes the call on one endpoint. Its errors are the final ones.
func (v *variant) try(ctx context.Context, to *cluster.Endpoint, body []byte, deadline time.Time) (*generalmodel.Response, error) {
	e := to.Peer.(*endpoint)
	if e.slots != nil {
		if err := e.enter(ctx, deadline); err != nil {
			return nil, err
		}
		defer func() { <-e.slots }()
	}
	return v.transport.send(ctx, e, body, deadline)
}

// EndpointStatus is the state of one server at one moment.
type EndpointStatus struct {
	// Variant is the tag of its variant.
	Variant string
	Address string
	Weight  int
	// InFlight is the number of calls under way.
	InFlight int
	// Latency is a moving average of what calls took; 0 before the first one.
	Latency time.Duration
	// Open says that the server is left alone after failures, but for a probe now and
	// then.
	Open bool
}

// Endpoints returns the state of all servers. The error says that a naming file cannot
// be used at the moment; its servers are those that it named last.
func (c *Client) Endpoints() ([]EndpointStatus, error) {
	s, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.calls.Done()
	var out []EndpointStatus
	for _, v := range s.variants {
		servers, fault := v.servers.Status()
		for _, e := range servers {
			out = append(out, EndpointStatus{v.tag, e.Address, e.Weight, e.InFlight, e.Latency, e.Open})
		}
		if err == nil && fault != nil {
			err = fault
		}
	}
	return out, err
}
