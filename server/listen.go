package server

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// listen takes a port, or says in one line why it cannot.
func listen(host string, port int) (net.Listener, error) {
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

// baseName is a model's name by default: that of its directory, or of its file
// without the extension.
func baseName(path string) string {
	base := filepath.Base(filepath.Clean(path))
	return strings.TrimSuffix(base, ".onnx")
}
