// Package deadline has a context with a deadline that costs next to nothing while
// nobody waits for it.
//
// context.WithTimeout starts a timer for every request, though most are answered in
// microseconds and never look. Here the timer starts when Done is first asked for; Err
// looks at the clock. Otherwise the context behaves as the standard one does. Safe for
// concurrent use.
package deadline

import (
	"context"
	"sync"
	"time"
)

// WithTimeout returns a context that ends after d, or with its parent, or when cancel
// is called. cancel has to be called; it frees the timer, if there is one.
func WithTimeout(parent context.Context, d time.Duration) (ctx context.Context, cancel func()) {
	at := time.Now().Add(d)
	if earlier, ok := parent.Deadline(); ok && earlier.Before(at) {
		at = earlier
	}
	l := &lazy{Context: parent, at: at}
	return l, l.end
}

// lazy is the context. Value is its parent's.
type lazy struct {
	context.Context
	at time.Time

	mu sync.Mutex
	// armed is the standard context, made when somebody waits.
	armed  context.Context
	cancel context.CancelFunc
	ended  bool
}

func (l *lazy) Deadline() (time.Time, bool) { return l.at, true }

func (l *lazy) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.armed == nil {
		l.armed, l.cancel = context.WithDeadline(l.Context, l.at)
		if l.ended {
			l.cancel()
		}
	}
	return l.armed.Done()
}

func (l *lazy) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.armed != nil:
		return l.armed.Err()
	case l.ended:
		return context.Canceled
	case l.Context.Err() != nil:
		return l.Context.Err()
	case time.Until(l.at) <= 0:
		return context.DeadlineExceeded
	}
	return nil
}

func (l *lazy) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.cancel != nil {
		l.cancel()
	}
}
