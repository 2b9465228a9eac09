package bench

import (
	"context"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// target is what a run calls.
type target interface {
	// worker returns what one worker calls again and again, and what it calls in the
	// end. Not safe for concurrent use.
	worker(ctx context.Context) (call func() error, end func())
	// sample makes one call and returns its encoded reply.
	sample(ctx context.Context) ([]byte, error)
	close() error
}

// newTarget connects to a server, with the request at hand.
func newTarget(ctx context.Context, config Config, endpoint string) (target, error) {
	c, err := client.Load(config.Conf...)
	if err != nil {
		return nil, err
	}
	r, err := request(c, config)
	if err != nil {
		return nil, err
	}
	if config.Protocol == HTTP {
		return newHTTPTarget(ctx, config, endpoint, r)
	}
	return newRPCTarget(ctx, config, endpoint, c, r)
}

// request makes what is sent, from the feed or at random.
func request(c *client.Client, config Config) (*sampan.Request, error) {
	feed := config.Feed
	opts := []client.Option{client.Batch()}
	switch {
	case feed == nil:
		var err error
		if feed, err = RandomFeed(c.Feeds(), max(config.Batch, 1), config.Seed); err != nil {
			return nil, err
		}
	case config.Batch == 0:
		opts = nil
	}
	return c.Request(feed, config.Fetch, opts...)
}

// single is a target that only calls a function: the local floor.
type single func(ctx context.Context) error

func (f single) worker(ctx context.Context) (func() error, func()) {
	return func() error { return f(ctx) }, func() {}
}

func (f single) sample(ctx context.Context) ([]byte, error) { return nil, f(ctx) }
func (f single) close() error                               { return nil }
