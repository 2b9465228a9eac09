// Package listener makes listeners that Kitex may close as often as it does.
//
// netpoll's listener closes its descriptor by number each time that it is told to, and
// Kitex tells it twice in a stop, 100 ms apart: by then the number can be another
// connection's.
package listener

import (
	"net"
	"sync"

	"github.com/cloudwego/netpoll"
)

// Once returns a listener over ln that is closed by its first Close alone.
func Once(ln net.Listener) (net.Listener, error) {
	converted, err := netpoll.ConvertListener(ln)
	if err != nil {
		return nil, err
	}
	return &once{Listener: converted}, nil
}

type once struct {
	netpoll.Listener
	closing sync.Once
	err     error
}

func (l *once) Close() error {
	l.closing.Do(func() { l.err = l.Listener.Close() })
	return l.err
}
