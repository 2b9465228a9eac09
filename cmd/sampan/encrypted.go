package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/server"
)

// keyDoor waits for the key of encrypted models: POST {"key":"<base64>"} to the port.
// The first good key starts the server, on a port of its own; everybody who knows the
// key is told that port. The key stays in memory.
type keyDoor struct {
	config server.Config
	// firstPort is where the search for the server's port begins.
	firstPort int
	// serve runs a server until ctx ends.
	serve func(ctx context.Context, s *server.Server) error
	ctx   context.Context

	mu    sync.Mutex
	key   []byte
	port  int
	ended chan error
}

const (
	maxKeyRequest = 1 << 20
	keyTimeout    = 10 * time.Second
	// triedPorts is how many ports are tried, as the original does.
	triedPorts = 1000
)

// run waits for keys until ctx ends, or the server does.
func (d *keyDoor) run(ctx context.Context, out io.Writer) error {
	ln, err := net.Listen("tcp", net.JoinHostPort(d.config.Host, strconv.Itoa(d.config.Port)))
	if err != nil {
		return err
	}
	d.ctx, d.ended = ctx, make(chan error, 1)
	keys := &http.Server{Handler: d, ReadTimeout: keyTimeout, WriteTimeout: time.Minute, MaxHeaderBytes: maxKeyRequest}
	done := make(chan error, 1)
	go func() { done <- keys.Serve(ln) }()
	fmt.Fprintf(out, "waiting for the models' key on %s: POST {\"key\":\"<base64>\"}\n", ln.Addr())
	select {
	case <-ctx.Done():
	case err = <-d.ended:
	}
	stop, cancel := context.WithTimeout(context.Background(), keyTimeout)
	defer cancel()
	err = errors.Join(err, keys.Shutdown(stop))
	<-done
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.port != 0 && ctx.Err() != nil {
		err = errors.Join(err, <-d.ended)
	}
	return err
}

// ServeHTTP answers as the original does: 200 and a message whatever is wrong.
func (d *keyDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply := map[string]any{"message": "start serving failed"}
	if r.Method != http.MethodPost {
		http.Error(w, `POST {"key":"<base64>"}`, http.StatusMethodNotAllowed)
		return
	}
	if port, err := d.open(http.MaxBytesReader(w, r.Body, maxKeyRequest)); err != nil {
		slog.Error("a key was refused", "from", r.RemoteAddr, "reason", err)
	} else {
		reply = map[string]any{"endpoint_list": []int{port}}
	}
	w.Header().Set("Content-Type", "application/json")
	// A caller who has left needs no answer.
	_ = json.NewEncoder(w).Encode(reply)
}

// open checks a key and returns the server's port.
func (d *keyDoor) open(body io.Reader) (int, error) {
	var request struct{ Key *string }
	if err := json.NewDecoder(body).Decode(&request); err != nil {
		return 0, fmt.Errorf("the request is not JSON: %w", err)
	}
	if request.Key == nil {
		return 0, errors.New("the request has no key")
	}
	key, err := base64.StdEncoding.DecodeString(*request.Key)
	if err != nil {
		return 0, fmt.Errorf("the key is not base64: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.port != 0 && bytes.Equal(key, d.key):
		return d.port, nil
	case d.port != 0:
		return 0, errors.New("it is another key than the one that the models were opened with")
	}
	c := d.config
	c.Translators = append([]engine.Translator{paddle.Encrypted{Key: key}}, c.Translators...)
	if c.Port, err = firstFree(c.Host, d.firstPort); err != nil {
		return 0, err
	}
	s, err := server.New(d.ctx, c)
	if err != nil {
		return 0, err
	}
	d.key, d.port = key, c.Port
	go func() { d.ended <- d.serve(d.ctx, s) }()
	return d.port, nil
}

// firstFree is the first port from there on that nobody has.
func firstFree(host string, port int) (int, error) {
	for p := port; p < port+triedPorts && p <= mostPort; p++ {
		if ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(p))); err == nil {
			return p, ln.Close()
		}
	}
	return 0, fmt.Errorf("no port from %d to %d is free", port, min(port+triedPorts, mostPort+1)-1)
}
