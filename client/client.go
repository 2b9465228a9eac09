package client

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/modelconf"
)

// Var is one variable that a model takes or gives.
type Var struct {
	// Name is the variable's name in the model, Alias the public one, by which it is
	// fed and fetched.
	Name, Alias string
	DType       sampan.DType
	// Shape is that of one row, without the batch axis. Sizes that are not fixed may
	// be missing: Paddle's converter drops them.
	Shape sampan.Shape
	// LoD says that the rows are divided into sequences; Shape then says nothing.
	LoD bool
}

// Client calls one model, or a chain of them, on one or several servers. Make it with
// [Load].
type Client struct {
	feeds, fetches []Var
	aliases        []string

	mu      sync.RWMutex
	session *session
	closed  bool
	// calls counts those in flight. It grows under mu and only while not closed, so
	// that Close can wait for it.
	calls sync.WaitGroup
}

// confName is the file that Paddle Serving's converter writes into a client directory.
const confName = "serving_client_conf"

// Load reads client configs: a serving_client_conf.prototxt, its binary twin
// *.stream.prototxt, or a directory that holds either. Several paths describe a chain
// of models: the feeds are those of the first, the fetches those of the last.
func Load(paths ...string) (*Client, error) {
	if len(paths) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "load client config: no path is given")
	}
	var first, last *modelconf.Conf
	for _, path := range paths {
		conf, err := loadConf(path)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = conf
		}
		last = conf
	}
	c := &Client{feeds: fromConf(first.Feeds), fetches: fromConf(last.Fetches)}
	for _, v := range c.fetches {
		c.aliases = append(c.aliases, v.Alias)
	}
	return c, nil
}

func loadConf(path string) (*modelconf.Conf, error) {
	file := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		file = filepath.Join(path, confName+".prototxt")
		stream := filepath.Join(path, confName+".stream.prototxt")
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(stream); err == nil {
				file = stream
			}
		}
	}
	conf, err := modelconf.Load(file)
	if err != nil {
		code := sampan.InvalidArgument
		if errors.Is(err, fs.ErrNotExist) {
			code = sampan.NotFound
		}
		return nil, sampan.Errorf(code, "load client config: %w", err)
	}
	return conf, nil
}

func fromConf(vars []modelconf.Var) []Var {
	out := make([]Var, len(vars))
	for i, v := range vars {
		out[i] = Var(v)
	}
	return out
}

// Feeds returns what the model takes, in the config's order. It must not be changed.
func (c *Client) Feeds() []Var { return c.feeds }

// Fetches returns what the model gives, in the config's order. It must not be changed.
func (c *Client) Fetches() []Var { return c.fetches }

// Connect is [Client.ConnectWith] with the default config.
func (c *Client) Connect(ctx context.Context, endpoints ...string) error {
	return c.ConnectWith(ctx, Config{}, endpoints...)
}

// ConnectWith makes the client ready to call servers. An endpoint is host:port, or has
// the transport in front, as in grpc://host:port or http://host:port/path.
//
// Calls are spread over the endpoints by [Config].Balance. Where no connection can be
// made, or a server that is being stopped refuses the call, the next endpoint is asked.
// A call whose server had it and is Unavailable is repeated too, within
// [Config].Retries; inference has no effects, so nothing happens twice. An endpoint
// that fails is left alone for a second at first, then one call looks whether it is
// back.
//
// It fails with Unavailable if none of the endpoints takes a connection, and with
// FailedPrecondition on a client that is connected or closed.
func (c *Client) ConnectWith(ctx context.Context, config Config, endpoints ...string) error {
	config, addresses, faults := config.addresses(endpoints)
	if faults = append(config.faults(), faults...); len(faults) > 0 {
		return joinFaults(faults)
	}
	return c.ConnectVariants(ctx, Variant{Weight: 1, Config: config, Cluster: "list://" + strings.Join(addresses, ",")})
}

// ConnectVariants is [Client.ConnectWith] for several groups of servers: each call goes
// to one that is drawn by the weights, and stays there. All faults are reported at
// once.
func (c *Client) ConnectVariants(ctx context.Context, variants ...Variant) error {
	s, err := newSession(ctx, variants)
	if err != nil {
		return err
	}
	if err := c.install(s); err != nil {
		_ = s.close()
		return err
	}
	return nil
}

func (c *Client) install(s *session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return errClosed()
	case c.session != nil:
		return sampan.Errorf(sampan.FailedPrecondition, "the client is connected already")
	}
	c.session = s
	return nil
}

// Close waits for the calls in flight and closes the connections. To hurry it, end the
// calls' contexts. Later calls fail with FailedPrecondition. A second Close does
// nothing.
func (c *Client) Close() error {
	c.mu.Lock()
	s := c.session
	c.session, c.closed = nil, true
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	c.calls.Wait()
	return s.close()
}

// enter returns the session for one call, which ends with c.calls.Done.
func (c *Client) enter() (*session, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	switch {
	case c.closed:
		return nil, errClosed()
	case c.session == nil:
		return nil, sampan.Errorf(sampan.FailedPrecondition, "the client is not connected")
	}
	c.calls.Add(1)
	return c.session, nil
}

func errClosed() error { return sampan.Errorf(sampan.FailedPrecondition, "the client is closed") }
