package cluster

import (
	"slices"
	"strings"
	"time"

	"github.com/sampanml/sampan"
)

// Round is one call's way through the endpoints. Make it with [Cluster.Round].
type Round struct {
	cluster *Cluster
	set     *set
	key     uint32
	keyed   bool

	endpoint *Endpoint
	// probe says that the attempt is to show whether the endpoint is back.
	probe bool
	begun time.Time
	// now, in nanoseconds since the epoch, and lenient are what usable goes by.
	now     int64
	lenient bool
	// tried are the endpoints that failed, faults what they came to.
	tried   []*Endpoint
	faults  []string
	retries int
	over    bool
	err     error
}

// Round begins a call without a key.
func (c *Cluster) Round() Round {
	c.budget.earn()
	return Round{cluster: c, set: c.set.Load()}
}

// KeyedRound begins a call whose endpoint follows from its key; other rules than
// [Murmur] and [MD5] do not ask for one.
func (c *Cluster) KeyedRound(key uint32) Round {
	r := c.Round()
	r.key, r.keyed = key, true
	return r
}

// Avoid makes an endpoint the last choice.
func (r *Round) Avoid(e *Endpoint) { r.tried = append(r.tried, e) }

// Next chooses the endpoint of the first attempt, or of the next one where that makes
// sense. It reports false when the call is over.
func (r *Round) Next() bool {
	if r.over {
		return false
	}
	r.begun = time.Now()
	r.now = r.begun.UnixNano()
	r.endpoint = r.pick()
	r.endpoint.load.begin()
	return true
}

// Endpoint is where the attempt goes.
func (r *Round) Endpoint() *Endpoint { return r.endpoint }

// Err is what the call came to.
func (r *Round) Err() error { return r.err }

// pick prefers endpoints that are neither tried nor open, then those that are not
// tried.
func (r *Round) pick() *Endpoint {
	if len(r.set.endpoints) == 1 {
		_, r.probe = r.set.endpoints[0].admit(r.now)
		return r.set.endpoints[0]
	}
	r.lenient = false
	for e := r.choose(); e != nil; e = r.choose() {
		var ok bool
		if ok, r.probe = e.admit(r.now); ok {
			return e
		}
	}
	r.lenient = true
	if e := r.choose(); e != nil {
		return e
	}
	r.tried = r.tried[:0]
	return r.choose()
}

// usable reports whether the endpoint may be chosen.
func (r *Round) usable(e *Endpoint) bool {
	return (r.lenient || e.due(r.now)) && !slices.Contains(r.tried, e)
}

// Done tells what the attempt came to.
func (r *Round) Done(err error) {
	now := time.Now()
	r.endpoint.load.end(now, now.Sub(r.begun))
	kind := KindOf(err)
	switch {
	case err == nil || !unanswered(err) && sampan.CodeOf(err) != sampan.Canceled:
		r.endpoint.succeed()
	case unanswered(err):
		r.endpoint.fail(now.UnixNano(), kind == Refused, r.probe)
	}
	if err == nil || sampan.CodeOf(err) != sampan.Unavailable {
		r.over, r.err = true, err
		return
	}
	if text := err.Error(); !slices.Contains(r.faults, text) {
		r.faults = append(r.faults, text)
	}
	if r.err = err; len(r.faults) > 1 {
		r.err = sampan.Errorf(sampan.Unavailable, "%s", strings.Join(r.faults, "; "))
	}
	r.tried = append(r.tried, r.endpoint)
	r.over = !r.again(kind)
}

// again reports whether a call without an answer is to be repeated: always where nothing
// was sent and somebody is left; else as often as allowed and within the budget, at the
// same endpoint only if the connection broke.
func (r *Round) again(kind Kind) bool {
	left := slices.ContainsFunc(r.set.endpoints, func(e *Endpoint) bool { return !slices.Contains(r.tried, e) })
	if kind == Refused {
		return left
	}
	if r.retries == r.cluster.retries || !left && kind != Broken || !r.cluster.budget.spend() {
		return false
	}
	r.retries++
	return true
}
