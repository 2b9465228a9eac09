package cluster

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
)

// replicas is how many places on the ring an endpoint has, as in brpc's
// consistent_hashing_load_balancer.cpp (FLAGS_chash_num_replicas).
const replicas = 100

// ring has the endpoints in the order of hashes, those of "host:port-0" to
// "host:port-99", as brpc's DefaultReplicaPolicy makes them.
type ring []place

type place struct {
	hash     uint32
	endpoint *Endpoint
}

func newRing(endpoints []*Endpoint, hash func([]byte) uint32) ring {
	out := make(ring, 0, replicas*len(endpoints))
	for _, e := range endpoints {
		for i := range replicas {
			out = append(out, place{hash(strconv.AppendInt([]byte(e.Address+"-"), int64(i), 10)), e})
		}
	}
	slices.SortFunc(out, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.endpoint.Address, b.endpoint.Address))
	})
	return out
}

// find returns the first usable endpoint from the key's place on; nil if there is none.
func (g ring) find(r *Round) *Endpoint {
	i, _ := slices.BinarySearchFunc(g, r.key, func(p place, key uint32) int { return cmp.Compare(p.hash, key) })
	for k := range g {
		if e := g[(i+k)%len(g)].endpoint; r.usable(e) {
			return e
		}
	}
	return nil
}

// Hash is where a key's calls begin to look on the ring of [Murmur].
func Hash(key string) uint32 { return murmur([]byte(key)) }

// murmur is MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain).
func murmur(data []byte) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	mix := func(k uint32) uint32 { return bits.RotateLeft32(k*c1, 15) * c2 }
	h, n := uint32(0), uint32(len(data))
	for ; len(data) >= 4; data = data[4:] {
		h = bits.RotateLeft32(h^mix(binary.LittleEndian.Uint32(data)), 13)*5 + 0xe6546b64
	}
	var tail [4]byte
	copy(tail[:], data)
	h ^= mix(binary.LittleEndian.Uint32(tail[:])) ^ n
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

// md5Hash is the digest's first four bytes, as brpc's MD5Hash32.
func md5Hash(data []byte) uint32 {
	sum := md5.Sum(data)
	return binary.LittleEndian.Uint32(sum[:])
}
