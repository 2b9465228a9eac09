package client

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// transport carries encoded requests to endpoints. Safe for concurrent use.
type transport interface {
	// send makes one call at one endpoint. Its errors are the final ones; one that is
	// refused says that nothing was sent. The body is not read after the return.
	send(ctx context.Context, e *endpoint, body []byte, deadline time.Time) (*generalmodel.Response, error)
	// close ends the connections. No call is under way.
	close() error
}

// newTransport makes the one that the config names.
func newTransport(config Config) (transport, error) {
	if config.Transport == BaiduStd {
		return newBaidu(config), nil
	}
	return newKitex(config)
}

// session is a connected client's transport and its endpoints.
type session struct {
	config    Config
	transport transport
	endpoints []*endpoint
	turn      atomic.Uint32
}

// endpoint is one server.
type endpoint struct {
	address  string
	instance discovery.Instance
	// slots bounds the calls in flight, each of which has a connection; nil where they
	// share connections.
	slots chan struct{}
	// restsUntil, in nanoseconds since the epoch, keeps calls away after a failure to
	// connect.
	restsUntil atomic.Int64
}

// rest is how long an endpoint that took no connection is left alone: long enough that
// a dead one costs little, short enough that one that came back is soon used.
const rest = time.Second

func newSession(ctx context.Context, config Config, addresses []string) (*session, error) {
	s := &session{config: config}
	for _, a := range addresses {
		e := &endpoint{address: a, instance: discovery.NewInstance("tcp", a, discovery.DefaultWeight, nil)}
		if config.Transport == TTHeader {
			e.slots = make(chan struct{}, config.MaxConns)
		}
		s.endpoints = append(s.endpoints, e)
	}
	if err := s.probe(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.transport, err = newTransport(config); err != nil {
		return nil, sampan.Errorf(sampan.Internal, "connect: %w", err)
	}
	return s, nil
}

func (s *session) close() error {
	if err := s.transport.close(); err != nil {
		return sampan.Errorf(sampan.Internal, "close: %w", err)
	}
	return nil
}

// probe returns as soon as one endpoint takes a connection, or with all the reasons
// why none does.
func (s *session) probe(ctx context.Context) error {
	dialing, stop := context.WithTimeout(ctx, s.config.ConnectTimeout)
	defer stop()
	faults := make(chan error)
	for _, e := range s.endpoints {
		go func() {
			var dialer net.Dialer
			conn, err := dialer.DialContext(dialing, "tcp", e.address)
			if err == nil {
				_ = conn.Close()
			}
			faults <- connectFault(e.address, err)
		}()
	}
	var texts []string
	up := false
	for range s.endpoints {
		if err := <-faults; err == nil {
			up = true
			stop()
		} else if !up {
			texts = append(texts, err.Error())
		}
	}
	switch {
	case up:
		return nil
	case ctx.Err() != nil:
		return sampan.ContextError(ctx)
	}
	slices.Sort(texts)
	return sampan.Errorf(sampan.Unavailable, "%s", strings.Join(slices.Compact(texts), "; "))
}

// do sends a request to one endpoint, and to the next ones as long as no connection
// can be made.
func (s *session) do(ctx context.Context, body []byte, deadline time.Time) (*generalmodel.Response, error) {
	first := s.endpoints[0]
	var start int
	if len(s.endpoints) > 1 {
		start = int(s.turn.Add(1) % uint32(len(s.endpoints)))
		first = s.endpoints[s.awake(start)]
	}
	m, err := s.try(ctx, first, body, deadline)
	if !refused(err) {
		return m, err
	}
	faults := []string{err.Error()}
	for _, e := range s.others(first, start) {
		if m, err = s.try(ctx, e, body, deadline); !refused(err) {
			return m, err
		}
		faults = append(faults, err.Error())
	}
	return nil, sampan.Errorf(sampan.Unavailable, "%s", strings.Join(faults, "; "))
}

// try makes the call on one endpoint. Its errors are the final ones.
func (s *session) try(ctx context.Context, e *endpoint, body []byte, deadline time.Time) (*generalmodel.Response, error) {
	if e.slots != nil {
		if err := e.enter(ctx, deadline); err != nil {
			return nil, err
		}
		defer func() { <-e.slots }()
	}
	m, err := s.transport.send(ctx, e, body, deadline)
	if refused(err) {
		e.restsUntil.Store(time.Now().Add(rest).UnixNano())
	}
	return m, err
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

// awake returns the first endpoint from start on that does not rest; start if all do.
func (s *session) awake(start int) int {
	now := time.Now().UnixNano()
	for k := range s.endpoints {
		if i := (start + k) % len(s.endpoints); s.endpoints[i].restsUntil.Load() < now {
			return i
		}
	}
	return start
}

// others are the endpoints to try after first: round from start, the resting ones
// last.
func (s *session) others(first *endpoint, start int) []*endpoint {
	now := time.Now().UnixNano()
	var awake, resting []*endpoint
	for k := range s.endpoints {
		e := s.endpoints[(start+k)%len(s.endpoints)]
		switch {
		case e == first:
		case e.restsUntil.Load() < now:
			awake = append(awake, e)
		default:
			resting = append(resting, e)
		}
	}
	return append(awake, resting...)
}
