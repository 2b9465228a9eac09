package client

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
)

// sharedPool has the shared connections to all endpoints, a few to each, made when they
// are needed.
type sharedPool[R any] struct {
	config  Config
	framing framing[R]

	mu    sync.Mutex
	lanes map[string]*lanes[R]
}

// lanes are the connections to one endpoint, which take turns.
type lanes[R any] struct {
	turn  atomic.Uint32
	lanes []lane[R]
}

// lane is the place of one connection.
type lane[R any] struct {
	mu   sync.Mutex
	conn *shared[R]
}

func newSharedPool[R any](config Config, f framing[R]) *sharedPool[R] {
	return &sharedPool[R]{config: config, framing: f, lanes: map[string]*lanes[R]{}}
}

func (p *sharedPool[R]) endpoint(address string) *lanes[R] {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lanes[address]
	if l == nil {
		l = &lanes[R]{lanes: make([]lane[R], p.config.MaxConns)}
		p.lanes[address] = l
	}
	return l
}

// get returns a connection, made if need be within the time that there is. A failure to
// make one is refused.
func (p *sharedPool[R]) get(ctx context.Context, address string, deadline time.Time) (*shared[R], error) {
	if p.config.Connections == Short {
		return p.dial(ctx, address, deadline)
	}
	lanes := p.endpoint(address)
	l := &lanes.lanes[int(lanes.turn.Add(1))%len(lanes.lanes)]
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil && l.conn.usable() {
		return l.conn, nil
	}
	// One that is over closes itself with its last call.
	var err error
	l.conn, err = p.dial(ctx, address, deadline)
	return l.conn, err
}

// done ends a call's use of a connection.
func (p *sharedPool[R]) done(conn *shared[R]) {
	if p.config.Connections == Short {
		conn.close()
	}
}

func (p *sharedPool[R]) dial(ctx context.Context, address string, deadline time.Time) (*shared[R], error) {
	patience := left(deadline)
	dialing, cancel := context.WithTimeout(ctx, min(patience, p.config.ConnectTimeout))
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(dialing, "tcp", address)
	switch {
	case err == nil:
		return newShared(conn, p.framing, p.config.Timeout), nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, sampan.ContextError(ctx)
	case timedOut(err) && patience < p.config.ConnectTimeout:
		return nil, errLate()
	}
	return nil, connectFault(address, err)
}

// close ends all connections.
func (p *sharedPool[R]) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, lanes := range p.lanes {
		for i := range lanes.lanes {
			l := &lanes.lanes[i]
			l.mu.Lock()
			if l.conn != nil {
				l.conn.close()
				l.conn = nil
			}
			l.mu.Unlock()
		}
	}
}
