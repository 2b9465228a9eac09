// Package cluster chooses which of several servers a call goes to: it knows who is
// there, takes turns, leaves those alone that fail, and says when a call may be made
// again at another one. It carries nothing itself, so that every transport is treated
// alike.
//
//	round := servers.Round(key)
//	for round.Next() {
//		reply, err := call(round.Endpoint())
//		round.Done(err)
//	}
//	return reply, round.Err()
//
// A [Cluster] is safe for concurrent use; a [Round] belongs to one call. One invariant:
// a breaker steers and never refuses. Where all endpoints are open, they are used.
package cluster
