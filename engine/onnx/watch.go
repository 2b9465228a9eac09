package onnx

// #include "ort.h"
import "C"

import (
	"context"
	"slices"
	"time"
)

// tick is how often the contexts of runs under way are looked at, and so how long a
// run goes on at most after its context has ended. Waiting for each context by itself
// would cost a goroutine's worth of work in every run of a microsecond.
const tick = 2 * time.Millisecond

// take returns a call that nobody uses, watched until it is given back.
func (s *session) take(ctx context.Context) (*call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c *call
	if n := len(s.idle); n > 0 {
		c, s.idle = s.idle[n-1], s.idle[:n-1]
	} else {
		var err error
		if c, err = newCall(s); err != nil {
			return nil, err
		}
	}
	c.ctx = ctx
	s.busy = append(s.busy, c)
	if !s.watching && canEnd(ctx) {
		s.watching = true
		s.watched.Go(s.watch)
	}
	return c, nil
}

// canEnd reports whether a context has a deadline or can be cancelled. The order
// matters: asking for Done can start a timer.
func canEnd(ctx context.Context) bool {
	_, ok := ctx.Deadline()
	return ok || ctx.Done() != nil
}

// give puts a call back.
func (s *session) give(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.busy, c)
	last := len(s.busy) - 1
	s.busy[i] = s.busy[last]
	s.busy[last] = nil
	s.busy = s.busy[:last]
	c.ctx = nil
	if c.stopped {
		C.sampan_call_unterminate(c.c)
		c.stopped = false
	}
	s.idle = append(s.idle, c)
}

// watch stops runs whose contexts have ended. It ends when it has found none under way
// for a while, and when the session closes.
func (s *session) watch() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for quiet := 0; ; {
		<-ticker.C
		s.mu.Lock()
		if quiet++; len(s.busy) > 0 {
			quiet = 0
		}
		for _, c := range s.busy {
			if !c.stopped && c.ctx.Err() != nil {
				C.sampan_call_terminate(c.c)
				c.stopped = true
			}
		}
		if s.closed || quiet > 100 {
			s.watching = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}
