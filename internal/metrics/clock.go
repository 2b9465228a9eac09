package metrics

import "time"

// epoch is when the program started.
var epoch = time.Now()

// Instant is a time by the monotonic clock alone: reading it takes half as long as
// time.Now.
type Instant int64

// Now is the present.
func Now() Instant { return Instant(time.Since(epoch)) }

// Since is the time from then to i.
func (i Instant) Since(then Instant) time.Duration { return time.Duration(i - then) }
