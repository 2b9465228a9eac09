package listener

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// Listen takes a port, or says in one line why it cannot.
func Listen(host string, port int) (net.Listener, error) {
	ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is already used by another program; choose another one", port)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d may not be used without more rights; choose one above 1023", port)
	case err != nil:
		return nil, fmt.Errorf("listen on %s port %d: %w", host, port, err)
	}
	return ln, nil
}

// First takes the first free port from number on.
func First(host string, number int) (net.Listener, error) {
	for ; number < 65536; number++ {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(number)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return ln, err
		}
	}
	return nil, fmt.Errorf("no port is free")
}
