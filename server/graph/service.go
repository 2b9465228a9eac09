package graph

import (
	"context"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// Service runs a request through several plans in order and merges their replies: the
// outputs, and the profiles, of each behind those of the one before. The first error
// ends it.
type Service struct {
	// Plans has at least one.
	Plans []*Plan
}

// Run is [Plan.Run] for all plans.
func (s *Service) Run(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	if len(s.Plans) == 1 {
		return s.Plans[0].Run(ctx, req)
	}
	all := &sampan.Reply{}
	for _, p := range s.Plans {
		reply, err := p.Run(ctx, req)
		if err != nil {
			return nil, err
		}
		all.Outputs = append(all.Outputs, reply.Outputs...)
		all.Profile = append(all.Profile, reply.Profile...)
	}
	return all, nil
}

// Takes has what a request feeds the first plan as its inputs; nil where the op behind its
// reader does not say.
func (s *Service) Takes() *engine.Signature {
	reader := s.Plans[0].nodes[0].signature()
	if reader == nil || reader.Outputs == nil {
		return nil
	}
	return &engine.Signature{Inputs: reader.Outputs}
}
