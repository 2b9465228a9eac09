package listener_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan/internal/listener"
)

// Begun is told when an event loop accepts, and not before.
func TestBegun(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := listener.Once(plain)
	if err != nil {
		t.Fatal(err)
	}
	loop, err := netpoll.NewEventLoop(func(context.Context, netpoll.Connection) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.Begun():
		t.Error("it has begun before anybody accepts")
	default:
	}
	served := make(chan error, 1)
	go func() { served <- loop.Serve(l) }()
	select {
	case <-l.Begun():
	case <-time.After(10 * time.Second):
		t.Error("nobody says that it has begun")
	}
	if err := loop.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
