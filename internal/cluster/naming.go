package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
)

// Server is one entry of a naming.
type Server struct {
	// Address is host:port.
	Address string
	// Weight is for [WeightedRoundRobin]; 1 where the naming gives none.
	Weight int
}

// Naming says which servers there are.
type Naming struct {
	servers []Server
	file    string
}

// ParseNaming reads brpc's way to say where servers are: `list://a:1,b:2`, or
// `file://path` with one server on each line, which is read again when it changes. A
// server is host:port, with a space and a weight behind it if need be; in a file what
// follows a # is a comment. Faults are InvalidArgument, all at once.
func ParseNaming(text string) (Naming, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case ok && scheme == "list":
		servers, err := entries(strings.Split(rest, ","))
		return Naming{servers: servers}, err
	case ok && scheme == "file" && rest != "":
		return Naming{file: rest}, nil
	}
	return Naming{}, sampan.Errorf(sampan.InvalidArgument, "%q, want list://HOST:PORT,… or file://PATH", text)
}

const (
	// maxFile bounds a naming file, in bytes, and maxServers the servers in a naming.
	maxFile    = 1 << 20
	maxServers = 10000
	maxWeight  = 1 << 20
)

// read returns the servers as they are now.
func (n Naming) read() ([]Server, error) {
	if n.file == "" {
		return n.servers, nil
	}
	f, err := os.Open(n.file)
	if err != nil {
		return nil, sampan.Errorf(sampan.Unavailable, "%w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, sampan.Errorf(sampan.Unavailable, "%w", err)
	case len(data) > maxFile:
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: more than %d bytes", n.file, maxFile)
	}
	servers, err := parseFile(data)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", n.file, err)
	}
	return servers, nil
}

func parseFile(data []byte) ([]Server, error) {
	var lines []string
	for line := range bytes.Lines(data) {
		line, _, _ = bytes.Cut(line, []byte("#"))
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, string(line))
		}
	}
	return entries(lines)
}

// entries reads servers and reports every fault. An address that is there twice counts
// once, with the sum of the weights.
func entries(texts []string) ([]Server, error) {
	if len(texts) > maxServers {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d servers, want at most %d", len(texts), maxServers)
	}
	var servers []Server
	var faults []error
	at := map[string]int{}
	for _, text := range texts {
		s, err := entry(text)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if i, twice := at[s.Address]; twice {
			servers[i].Weight = min(servers[i].Weight+s.Weight, maxWeight)
			continue
		}
		at[s.Address] = len(servers)
		servers = append(servers, s)
	}
	if len(servers) == 0 && len(faults) == 0 {
		faults = append(faults, errors.New("no servers"))
	}
	if len(faults) > 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", errors.Join(faults...))
	}
	return servers, nil
}

func entry(text string) (Server, error) {
	address, tag, _ := strings.Cut(strings.TrimSpace(text), " ")
	host, port, err := net.SplitHostPort(address)
	if number, e := strconv.ParseUint(port, 10, 16); err != nil || host == "" || e != nil || number == 0 {
		return Server{}, fmt.Errorf("server %.100q, want host:port", address)
	}
	s := Server{Address: address, Weight: 1}
	if tag = strings.TrimSpace(tag); tag != "" {
		if s.Weight, err = strconv.Atoi(tag); err != nil || s.Weight < 1 || s.Weight > maxWeight {
			return Server{}, fmt.Errorf("server %q: weight %.100q, want a whole number from 1 to %d", address, tag, maxWeight)
		}
	}
	return s, nil
}
