package client

import (
	"context"
	"fmt"

	"github.com/sampanml/sampan"
)

// PredictRows is [Client.Predict] for a list of feeds, which are sent as one batch: the
// rows of a variable one after the other, those of a variable with LoD as a sequence
// each. The outputs have the answers in the same order.
func (c *Client) PredictRows(ctx context.Context, feeds []Feed, fetch []string, opts ...Option) (*Result, error) {
	set := settingsOf(opts)
	r, err := c.requestRows(feeds, fetch, set)
	if err != nil {
		return nil, err
	}
	return c.predict(ctx, r, set.key)
}

// RequestRows makes the request that [Client.PredictRows] sends. Every fault is
// InvalidArgument and says in which feed it is, such as `row 2: feed "x": 12 numbers,
// want 13`.
func (c *Client) RequestRows(feeds []Feed, fetch []string, opts ...Option) (*sampan.Request, error) {
	return c.requestRows(feeds, fetch, settingsOf(opts))
}

func (c *Client) requestRows(feeds []Feed, fetch []string, s settings) (*sampan.Request, error) {
	if len(feeds) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "no feed is given")
	}
	var all *sampan.Request
	for i, feed := range feeds {
		r, err := c.request(feed, fetch, s)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "row %d: %w", i, err)
		}
		if all == nil {
			all = r
			if len(feeds) > 1 {
				own(all)
			}
			continue
		}
		for j := range r.Inputs {
			if err := join(&all.Inputs[j].Tensor, r.Inputs[j].Tensor); err != nil {
				return nil, sampan.Errorf(sampan.InvalidArgument, "row %d: feed %q: %w", i, r.Inputs[j].Alias, err)
			}
		}
	}
	return all, nil
}

// own takes the tensors out of the feed's memory, as they are going to grow.
func own(r *sampan.Request) {
	for i := range r.Inputs {
		t := &r.Inputs[i].Tensor
		t.Data = append(make([]byte, 0, 2*len(t.Data)), t.Data...)
		t.Shape = append(sampan.Shape(nil), t.Shape...)
		lod := make(sampan.LoD, len(t.LoD))
		for level := range t.LoD {
			lod[level] = append([]int64(nil), t.LoD[level]...)
		}
		if t.LoD != nil {
			t.LoD = lod
		}
	}
}

// join puts the rows of u behind those of t.
func join(t *sampan.Tensor, u sampan.Tensor) error {
	if !t.Shape[1:].Equal(u.Shape[1:]) {
		return fmt.Errorf("rows of shape %v, want %v as in row 0", u.Shape[1:], t.Shape[1:])
	}
	if len(t.LoD) != len(u.LoD) {
		return fmt.Errorf("%d levels of LoD, want %d as in row 0", len(u.LoD), len(t.LoD))
	}
	for level, offsets := range u.LoD {
		last := t.LoD[level][len(t.LoD[level])-1]
		for _, o := range offsets[1:] {
			t.LoD[level] = append(t.LoD[level], last+o)
		}
	}
	t.Shape[0] += u.Shape[0]
	t.Data = append(t.Data, u.Data...)
	return nil
}
