package listener_test

import (
	"net"
	"testing"

	"github.com/sampanml/sampan/internal/listener"
)

// TestCloseAgain opens sockets between the two calls: the second one must leave them.
func TestCloseAgain(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := listener.Once(plain)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var others []net.Listener
	for range 8 {
		other, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		others = append(others, other)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	for _, other := range others {
		conn, err := net.Dial("tcp", other.Addr().String())
		if err != nil {
			t.Errorf("another listener was closed: %v", err)
			continue
		}
		conn.Close()
	}
	if _, err := net.Dial("tcp", plain.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}
