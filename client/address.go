package client

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// address is an endpoint as users write it: host:port, or a URL whose scheme is a
// transport's name, such as grpc://host:port or http://host:port/path.
type address struct {
	hostPort  string
	transport Transport
	// named says that there is a scheme.
	named bool
	path  string
}

func parseAddress(text string) (address, error) {
	a := address{hostPort: text}
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		var err error
		if a.transport, err = ParseTransport(scheme); err != nil {
			return a, fmt.Errorf("endpoint %.100q: %w", text, err)
		}
		a.named = true
		a.hostPort = rest
		if i := strings.IndexByte(rest, '/'); i >= 0 && a.transport == HTTP {
			a.hostPort, a.path = rest[:i], strings.TrimRight(rest[i:], "/")
		}
	}
	_, port, err := net.SplitHostPort(a.hostPort)
	if number, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || number == 0 {
		return a, fmt.Errorf("endpoint %.100q, want host:port or TRANSPORT://host:port", text)
	}
	return a, nil
}

// addresses reads endpoints. What the first one's scheme says goes into the config, and
// the others must say the same.
func (c Config) addresses(texts []string) (Config, []string, []error) {
	var out []string
	var faults []error
	if len(texts) == 0 {
		faults = append(faults, errors.New("no endpoint is given"))
	}
	for i, text := range texts {
		a, err := parseAddress(text)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if !a.named {
			a.transport = c.Transport
		}
		if i == 0 && c.Transport == TTHeader {
			c.Transport = a.transport
		}
		if i == 0 && c.Path == "" {
			c.Path = a.path
		}
		if a.transport != c.Transport {
			faults = append(faults, fmt.Errorf("endpoint %q is called over %v, want %v as the others", text, a.transport, c.Transport))
		}
		if a.path != "" && a.path != c.Path {
			faults = append(faults, fmt.Errorf("endpoint %q: path %q, want %q as the others", text, a.path, c.Path))
		}
		out = append(out, a.hostPort)
	}
	return c, out, faults
}
