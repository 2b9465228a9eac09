package client

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/cluster"
)

// Feed gives a value to every variable that the model takes, by alias.
//
// A value is one of
//   - a number, a bool or a string, alone or in slices or arrays nested to any depth,
//   - a [sampan.Tensor],
//   - a *tensor.Dense of gorgonia,
//   - [Sequences] of any of these, for a variable with LoD.
//
// A flat list takes the variable's shape, and its length must fill it. Nested lists and
// tensors keep their own shape, which must have the variable's sizes; where it has
// more dimensions, those that the config knows must be among them in order.
//
// The elements must have the variable's dtype. Two conversions are made: float64 to
// float32, rounded to the nearest; int to int64, or to int32 if it is in range. A
// string variable also takes a []byte as one string, and a float16, bfloat16 or int8 one
// takes it as the elements' little-endian bytes. Values are read, never changed.
type Feed map[string]any

// Option changes one call.
type Option func(*settings)

type settings struct {
	batch bool
	logID uint64
	prof  bool
	key   key
}

func settingsOf(opts []Option) settings {
	var s settings
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// key decides on the endpoint where the balance goes by keys.
type key struct {
	hash uint32
	set  bool
}

// Batch says that the feeds carry their batch axis: a flat list holds the rows one
// after the other, anything else has the rows as its outermost dimension. Without it a
// feed is one row and is sent as a batch of one. Feeds with LoD need no Batch: their
// rows are divided into sequences instead.
func Batch() Option { return func(s *settings) { s.batch = true } }

// LogID marks the call in the server's log.
func LogID(id uint64) Option { return func(s *settings) { s.logID = id } }

// Profile asks for the time stamps of every op, see [Result.Profile].
func Profile() Option { return func(s *settings) { s.prof = true } }

// Key sends calls with the same text to the same endpoint, where the balance is [Murmur]
// or [MD5].
func Key(text string) Option {
	return func(s *settings) { s.key = key{cluster.Hash(text), true} }
}

// Request checks a feed against the config and makes the request that
// [Client.Predict] sends. Its tensors share the memory of the feed where they can.
// Every fault is InvalidArgument, such as `feed "x": 12 numbers, want 13`.
func (c *Client) Request(feed Feed, fetch []string, opts ...Option) (*sampan.Request, error) {
	return c.request(feed, fetch, settingsOf(opts))
}

func (c *Client) request(feed Feed, fetch []string, s settings) (*sampan.Request, error) {
	r := &sampan.Request{Inputs: make([]sampan.Named, 0, len(c.feeds)), Profile: s.prof, LogID: s.logID}
	var err error
	if r.Outputs, err = c.wanted(fetch); err != nil {
		return nil, err
	}
	for i := range c.feeds {
		v := &c.feeds[i]
		value, ok := feed[v.Alias]
		if !ok {
			return nil, c.strayFeed(feed, v.Alias)
		}
		t, err := toTensor(v, value, s.batch)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "feed %q: %w", v.Alias, err)
		}
		r.Inputs = append(r.Inputs, sampan.Named{Name: v.Name, Alias: v.Alias, Tensor: t})
	}
	if len(feed) > len(c.feeds) {
		return nil, c.strayFeed(feed, "")
	}
	return r, nil
}

// strayFeed blames the first name that the model does not take, or else the missing
// one: a misspelt name is both.
func (c *Client) strayFeed(feed Feed, missing string) error {
	for _, name := range slices.Sorted(maps.Keys(feed)) {
		if !known(c.feeds, name) {
			return sampan.Errorf(sampan.InvalidArgument, "feed %q is not known, the model takes %s", name, list(c.feeds))
		}
	}
	return sampan.Errorf(sampan.InvalidArgument, "feed %q is missing, the model takes %s", missing, list(c.feeds))
}

// wanted checks fetch names; none stands for all.
func (c *Client) wanted(fetch []string) ([]string, error) {
	if len(fetch) == 0 {
		return c.aliases, nil
	}
	for i, name := range fetch {
		if !known(c.fetches, name) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "fetch %q is not known, the model gives %s", name, list(c.fetches))
		}
		if slices.Contains(fetch[:i], name) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "fetch %q is there twice", name)
		}
	}
	return fetch, nil
}

func known(vars []Var, alias string) bool {
	return slices.ContainsFunc(vars, func(v Var) bool { return v.Alias == alias })
}

func list(vars []Var) string {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = strconv.Quote(v.Alias)
	}
	return strings.Join(names, ", ")
}
