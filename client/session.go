package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/sampanml/sampan"
)

// session is what a connected client calls: one variant of the model, or several among
// which calls are drawn.
type session struct {
	variants []*variant
	// weights is the sum of all.
	weights int
	// intN draws below n.
	intN func(n int) int
}

// newSession checks the variants, all faults at once, and connects.
func newSession(ctx context.Context, variants []Variant) (*session, error) {
	s := &session{intN: rand.IntN}
	var faults []error
	if len(variants) == 0 {
		faults = append(faults, errors.New("no variant is given"))
	}
	for i, v := range variants {
		where := ""
		if len(variants) > 1 || v.Tag != "" {
			where = fmt.Sprintf("variant %q: ", v.Tag)
		}
		if slices.ContainsFunc(variants[:i], func(o Variant) bool { return o.Tag == v.Tag }) {
			faults = append(faults, fmt.Errorf("%sthe tag is there twice", where))
		}
		made, wrong := newVariant(v)
		for _, fault := range wrong {
			faults = append(faults, fmt.Errorf("%s%w", where, fault))
		}
		if made != nil {
			s.variants = append(s.variants, made)
			s.weights += made.weight
		}
	}
	if len(faults) == 0 && s.weights == 0 {
		faults = append(faults, errors.New("all variants have weight 0"))
	}
	err := joinFaults(faults)
	if err == nil {
		err = s.probe(ctx)
	}
	if err != nil {
		_ = s.close()
		return nil, err
	}
	return s, nil
}

// joinFaults makes one error of all. It is Unavailable where a naming file could not be
// read and nothing else is wrong.
func joinFaults(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	code := sampan.Unavailable
	for _, f := range faults {
		if sampan.CodeOf(f) != sampan.Unavailable {
			code = sampan.InvalidArgument
		}
	}
	return sampan.Errorf(code, "connect: %w", errors.Join(faults...))
}

// close ends the watches and the connections. No call is under way.
func (s *session) close() error {
	var faults []error
	for _, v := range s.variants {
		faults = append(faults, v.close())
	}
	if err := errors.Join(faults...); err != nil {
		return sampan.Errorf(sampan.Internal, "close: %w", err)
	}
	return nil
}

// choose draws a variant by the weights.
func (s *session) choose() *variant {
	if len(s.variants) == 1 {
		return s.variants[0]
	}
	drawn := s.intN(s.weights)
	for _, v := range s.variants {
		if drawn -= v.weight; drawn < 0 {
			return v
		}
	}
	return s.variants[0]
}

// maxProbes bounds the connections that are tried at the same time.
const maxProbes = 100

// probe returns as soon as one endpoint takes a connection, or with all the reasons
// why none does.
func (s *session) probe(ctx context.Context) error {
	type try struct {
		address string
		within  time.Duration
	}
	var tries []try
	for _, v := range s.variants {
		for _, e := range v.servers.Endpoints() {
			tries = append(tries, try{e.Address, v.config.ConnectTimeout})
		}
	}
	dialing, stop := context.WithCancel(ctx)
	defer stop()
	faults := make(chan error)
	places := make(chan struct{}, maxProbes)
	for _, t := range tries {
		go func() {
			places <- struct{}{}
			defer func() { <-places }()
			dialer := net.Dialer{Timeout: t.within}
			conn, err := dialer.DialContext(dialing, "tcp", t.address)
			if err == nil {
				_ = conn.Close()
			}
			faults <- connectFault(t.address, err)
		}()
	}
	var texts []string
	up := false
	for range tries {
		if err := <-faults; err == nil {
			up = true
			stop()
		} else if !up {
			texts = append(texts, err.Error())
		}
	}
	switch {
	case up:
		return nil
	case ctx.Err() != nil:
		return sampan.ContextError(ctx)
	}
	slices.Sort(texts)
	return sampan.Errorf(sampan.Unavailable, "%s", strings.Join(slices.Compact(texts), "; "))
}
