package cluster

import (
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
)

// Balance is the rule by which calls are spread over endpoints.
type Balance uint8

// The rules, with the names of brpc's.
const (
	// RoundRobin ("rr") takes turns.
	RoundRobin Balance = iota
	// LocalityAware ("la") prefers the endpoint that answers sooner: of two chosen at
	// random the one with the shorter latency × calls under way.
	LocalityAware
	// WeightedRoundRobin ("wrr") takes turns by the weights of the naming, the turns of
	// one endpoint far from each other.
	WeightedRoundRobin
	// Random ("random") draws.
	Random
	// Murmur ("c_murmurhash") and MD5 ("c_md5") give the same endpoint to the same key,
	// and move few keys when endpoints come and go. Calls without a key are drawn.
	Murmur
	MD5
)

var balanceNames = []string{"rr", "la", "wrr", "random", "c_murmurhash", "c_md5"}

// String returns the name.
func (b Balance) String() string {
	if int(b) < len(balanceNames) {
		return balanceNames[b]
	}
	return fmt.Sprintf("balance(%d)", uint8(b))
}

// ParseBalance finds a rule by its name; an unknown one is InvalidArgument.
func ParseBalance(name string) (Balance, error) {
	for i, known := range balanceNames {
		if name == known {
			return Balance(i), nil
		}
	}
	return 0, sampan.Errorf(sampan.InvalidArgument, "%q, want one of %s", name, strings.Join(balanceNames, ", "))
}

// choose returns a usable endpoint by the rule; nil if there is none.
func (r *Round) choose() *Endpoint {
	s := r.set
	switch r.cluster.balance {
	case LocalityAware:
		return r.sooner(r.cluster.intN(len(s.endpoints)), r.cluster.intN(len(s.endpoints)-1))
	case WeightedRoundRobin:
		return s.weights.next(r)
	case Random:
		return r.from(r.cluster.intN(len(s.endpoints)))
	case Murmur, MD5:
		if r.keyed {
			return s.ring.find(r)
		}
		return r.from(r.cluster.intN(len(s.endpoints)))
	}
	return r.from(int(r.cluster.turn.Add(1) % uint32(len(s.endpoints))))
}

// from returns the first usable endpoint from the i-th on.
func (r *Round) from(i int) *Endpoint {
	for k := range r.set.endpoints {
		if e := r.set.endpoints[(i+k)%len(r.set.endpoints)]; r.usable(e) {
			return e
		}
	}
	return nil
}

// sooner compares the i-th endpoint with the j-th of the others.
func (r *Round) sooner(i, j int) *Endpoint {
	if j >= i {
		j++
	}
	a, b := r.set.endpoints[i], r.set.endpoints[j]
	switch {
	case !r.usable(a):
		return r.from(j)
	case r.usable(b) && b.load.score(r.now) < a.load.score(r.now):
		return b
	}
	return a
}
