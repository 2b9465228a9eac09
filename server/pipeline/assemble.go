package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/server/graph"
)

// assemble makes the ops and compiles the graph.
func (s *Server) assemble(ctx context.Context, service *Service) error {
	s.memory = engine.NewMemory(service.options.MemoryLimit)
	s.repository = engine.NewRepository(engine.RepositoryOptions{Accept: engine.KeepSignature})
	processors := engine.NewProcessors(0)
	nodes := map[*Node]*node{}
	var faults []error
	for _, n := range service.nodes {
		if n.step == nil {
			continue
		}
		made, err := s.node(ctx, service, n, processors)
		if err != nil {
			faults = append(faults, fmt.Errorf("op %q: %w", n.name, err))
			continue
		}
		nodes[n] = made
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	var err error
	s.plan, err = graph.Compile(service.spec(nodes))
	return err
}

// node makes an op out of its step and its settings.
func (s *Server) node(ctx context.Context, service *Service, n *Node, processors *engine.Processors) (*node, error) {
	switch n.step.(type) {
	case Op, *declared:
	default:
		s.strange = true
	}
	made := &node{
		name: n.name, step: n.step, attempts: 1, meter: s.meters.op(n.name), log: s.options.Logger,
		trace: s.trace, row: int64(1 + slices.Index(service.nodes, n)),
	}
	_, bounded := n.step.(Processor)
	places := int(s.most)
	if c := service.config.Op(n.name); c != nil {
		made.timeout, made.attempts = c.Timeout, max(1, c.Retry)
		places = cmp.Or(c.Concurrency, places)
		bounded = bounded || len(c.Endpoints) > 0
		m, err := s.model(ctx, service, n.name, processors)
		if err != nil {
			return nil, err
		}
		made.model = m
	}
	if bounded {
		made.places = make(chan struct{}, places)
	}
	if d, ok := n.step.(*declared); ok {
		if err := d.fits(made.model); err != nil {
			return nil, err
		}
	}
	if starter, ok := n.step.(Starter); ok {
		if err := starter.Start(ctx); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// model loads or connects what an op runs; nil where its settings name nothing.
func (s *Server) model(ctx context.Context, service *Service, name string, processors *engine.Processors) (model, error) {
	c, conf := service.config.Op(name), service.config
	switch {
	case len(c.Endpoints) > 0 && c.Encrypted:
		return nil, errors.New("use_encryption_model: the key is given to the server of the model itself, sampan serve --use_encryption_model; leave it out here")
	case len(c.Endpoints) > 0 && c.ClientType == "pipeline_grpc":
		m, err := connectPipeline(ctx, c.Endpoints, c.FetchList)
		if err == nil {
			s.remotes = append(s.remotes, m.client)
		}
		return m, err
	case len(c.Endpoints) > 0:
		m, err := connect(ctx, cmp.Or(c.ClientType, conf.DAG.ClientType), conf.Path(c.ClientConfig), c.FetchList, c.Endpoints)
		if err == nil {
			s.remotes = append(s.remotes, m.client)
		}
		return m, err
	case c.Local == nil || c.Local.ModelConfig == "":
		return nil, nil
	}
	o := engine.Options{
		Backend: s.options.Backend, Translators: s.options.Translators, Processors: processors,
		Concurrency: c.Concurrency, Threads: c.Local.ThreadNum, WarmUp: warmUps, Observe: s.meters.observe,
		Sessions: engine.OnGPUs(c.Local.Devices), Memory: s.memory,
	}
	if c.BatchSize > 1 {
		o.Batching = &engine.Batching{MaxRows: int64(c.BatchSize), Delay: c.BatchDelay}
	}
	if err := s.repository.Add(engine.Source{Name: name, Path: conf.Path(c.Local.ModelConfig), Options: o}); err != nil {
		return nil, err
	}
	if err := s.repository.Load(ctx, name); err != nil {
		return nil, err
	}
	live, err := s.repository.Live(name)
	if err != nil {
		return nil, err
	}
	fetch := c.Local.FetchList
	if len(fetch) == 0 {
		fetch = c.FetchList
	}
	return newLocalModel(live, fetch)
}

// warmUps is the number of runs before a model is ready: the first is slow, the second
// tells how long a run takes.
const warmUps = 2
