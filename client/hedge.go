package client

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/cluster"
)

// errBeaten ends a call whose hedge has won.
var errBeaten = errors.New("another endpoint was faster")

// racer is one of the two calls of a hedged one.
type racer struct {
	cancel context.CancelCauseFunc
	// at is the endpoint of the attempt under way.
	at atomic.Pointer[cluster.Endpoint]
}

// hedge makes a call, and the same one at another endpoint when the answer does not
// come in time. The first answer wins; the other call is given up, which counts against
// its endpoint if it was the first.
func (v *variant) hedge(ctx context.Context, round cluster.Round, k key, p *parcel, deadline time.Time) answer {
	answers := make(chan answer, 2)
	first := v.race(ctx, round, p, deadline, answers)
	timer := time.NewTimer(v.config.HedgeAfter)
	defer timer.Stop()
	select {
	case a := <-answers:
		first.cancel(nil)
		return a
	case <-timer.C:
	}
	slow := first.at.Load()
	if slow == nil || !v.servers.Spend() {
		a := <-answers
		first.cancel(nil)
		return a
	}
	other := v.round(k)
	other.Avoid(slow)
	second := v.race(ctx, other, p, deadline, answers)
	a := <-answers
	switch sampan.CodeOf(a.err) {
	case sampan.Unavailable, sampan.ResourceExhausted:
		if b := <-answers; b.err == nil {
			a = b
		}
	}
	if a.endpoint != slow {
		first.cancel(errBeaten)
	}
	first.cancel(nil)
	second.cancel(nil)
	return a
}

// race makes a call in a goroutine of its own.
func (v *variant) race(ctx context.Context, round cluster.Round, p *parcel, deadline time.Time, answers chan<- answer) *racer {
	r := new(racer)
	ctx, r.cancel = context.WithCancelCause(ctx)
	p.hold()
	v.racers.Go(func() {
		defer p.release()
		var a answer
		for round.Next() {
			a.endpoint = round.Endpoint()
			r.at.Store(a.endpoint)
			a.message, a.err = v.try(ctx, a.endpoint, p.body, deadline)
			if a.err != nil && context.Cause(ctx) == errBeaten {
				a.err = cluster.Mark(cluster.Beaten, sampan.ContextError(ctx))
			}
			round.Done(a.err)
		}
		a.err = round.Err()
		answers <- a
	})
	return r
}
