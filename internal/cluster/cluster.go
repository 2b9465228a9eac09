package cluster

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config describes a [Cluster].
type Config struct {
	Naming  Naming
	Balance Balance
	// Retries is how often a call is repeated at most because a server that had it did
	// not answer. Servers that take no connection do not count.
	Retries int
	// Peer makes what the transport keeps for a server; nil for nothing.
	Peer func(address string) any
}

// Cluster is a number of servers that all do the same.
type Cluster struct {
	naming  Naming
	balance Balance
	retries int
	peer    func(address string) any
	// intN draws below n.
	intN func(n int) int

	turn   atomic.Uint32
	budget budget
	set    atomic.Pointer[set]

	mu    sync.Mutex
	fault error
	stop  chan struct{}
	ended chan struct{}
}

// set is the endpoints as the naming has them.
type set struct {
	servers   []Server
	endpoints []*Endpoint
	weights   weights
	ring      ring
}

// poll is how often a naming file is looked at.
const poll = time.Second

// New reads the naming. One that can change is watched until [Cluster.Close].
func New(config Config) (*Cluster, error) {
	servers, err := config.Naming.read()
	if err != nil {
		return nil, err
	}
	c := &Cluster{naming: config.Naming, balance: config.Balance, retries: config.Retries, peer: config.Peer, intN: rand.IntN}
	if c.peer == nil {
		c.peer = func(string) any { return nil }
	}
	c.update(servers)
	if config.Naming.file != "" {
		c.stop, c.ended = make(chan struct{}), make(chan struct{})
		go c.watch(c.stop)
	}
	return c, nil
}

// Close ends the watch. A second Close does nothing.
func (c *Cluster) Close() {
	c.mu.Lock()
	stop := c.stop
	c.stop = nil
	c.mu.Unlock()
	if stop != nil {
		close(stop)
		<-c.ended
	}
}

// watch reads the naming again and again. While it cannot be read, or names nobody, the
// servers stay as they were.
func (c *Cluster) watch(stop <-chan struct{}) {
	defer close(c.ended)
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		servers, err := c.naming.read()
		c.mu.Lock()
		c.fault = err
		c.mu.Unlock()
		if err == nil && !slices.Equal(servers, c.set.Load().servers) {
			c.update(servers)
		}
	}
}

// update installs a new set. Endpoints whose address is still there stay.
func (c *Cluster) update(servers []Server) {
	known := map[string]*Endpoint{}
	if old := c.set.Load(); old != nil {
		for _, e := range old.endpoints {
			known[e.Address] = e
		}
	}
	s := &set{servers: servers, endpoints: make([]*Endpoint, len(servers))}
	for i, server := range servers {
		e := known[server.Address]
		if e == nil {
			e = &Endpoint{Address: server.Address, Peer: c.peer(server.Address)}
		}
		e.weight.Store(int32(server.Weight))
		s.endpoints[i] = e
	}
	s.weights.gained = make([]int64, len(servers))
	switch c.balance {
	case Murmur:
		s.ring = newRing(s.endpoints, murmur)
	case MD5:
		s.ring = newRing(s.endpoints, md5Hash)
	}
	c.set.Store(s)
}

// Endpoints returns those of this moment. The slice must not be changed.
func (c *Cluster) Endpoints() []*Endpoint { return c.set.Load().endpoints }

// Status returns the endpoints' state, and why the naming cannot be read at the moment.
func (c *Cluster) Status() ([]Status, error) {
	var out []Status
	for _, e := range c.Endpoints() {
		out = append(out, e.status())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return out, c.fault
}

// Spend reports whether the budget has room for one more call, and takes it.
func (c *Cluster) Spend() bool { return c.budget.spend() }
