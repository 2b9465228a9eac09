// Package listener makes listeners that Kitex may close as often as it does, and that
// tell when it has begun with them.
//
// netpoll's listener closes its descriptor by number each time that it is told to, and
// Kitex tells it twice in a stop, 100 ms apart: by then the number can be another
// connection's. A Kitex server that is stopped while it begins reads what its beginning
// writes, and may then go on.
package listener

import (
	"net"
	"sync"

	"github.com/cloudwego/netpoll"
)

// Listener is closed by its first Close alone.
type Listener struct {
	net.Listener
	netpoll netpoll.Listener
	closing sync.Once
	err     error

	beginning sync.Once
	begun     chan struct{}
}

// Once makes a Listener of ln.
func Once(ln net.Listener) (*Listener, error) {
	converted, err := netpoll.ConvertListener(ln)
	if err != nil {
		return nil, err
	}
	return &Listener{Listener: converted, netpoll: converted, begun: make(chan struct{})}, nil
}

// Close closes the listener.
func (l *Listener) Close() error {
	l.closing.Do(func() { l.err = l.Listener.Close() })
	return l.err
}

// Fd is the descriptor, which netpoll asks for when it begins to accept.
func (l *Listener) Fd() int {
	l.beginning.Do(func() { close(l.begun) })
	return l.netpoll.Fd()
}

// Begun is closed when netpoll has begun to accept.
func (l *Listener) Begun() <-chan struct{} { return l.begun }
