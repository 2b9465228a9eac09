package client

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/cluster"
)

// Balance is the rule by which calls are spread over endpoints.
type Balance uint8

// The rules, with brpc's names in brackets.
const (
	// RoundRobin ("rr") takes turns.
	RoundRobin = Balance(cluster.RoundRobin)
	// LocalityAware ("la") prefers the endpoint that answers sooner: of two chosen at
	// random the one with the shorter latency × calls under way.
	LocalityAware = Balance(cluster.LocalityAware)
	// WeightedRoundRobin ("wrr") takes turns by the weights in [Variant].Cluster.
	WeightedRoundRobin = Balance(cluster.WeightedRoundRobin)
	// Random ("random") draws.
	Random = Balance(cluster.Random)
	// Murmur ("c_murmurhash") sends calls with the same [Key] to the same endpoint, and
	// few keys elsewhere when endpoints come and go. Calls without a key are drawn.
	Murmur = Balance(cluster.Murmur)
	// MD5 ("c_md5") is Murmur with another hash.
	MD5 = Balance(cluster.MD5)
)

// String returns brpc's name, such as "la".
func (b Balance) String() string { return cluster.Balance(b).String() }

// ParseBalance finds a rule by brpc's name. An unknown one is InvalidArgument.
func ParseBalance(name string) (Balance, error) {
	b, err := cluster.ParseBalance(name)
	if err != nil {
		return 0, sampan.Errorf(sampan.InvalidArgument, "balance %w", err)
	}
	return Balance(b), nil
}
