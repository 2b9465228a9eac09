package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
)

// catalog answers for every model of a repository, each version with a graph of its own:
// reader, infer, response. Versions of a model may differ in their signatures.
type catalog struct {
	repository *engine.Repository
	// name is the model of requests that name none; empty where only a repository of one
	// model has such.
	name  string
	trace *trace.Recorder
	// plans has a *graph.Plan for each *engine.Model that can be called.
	plans sync.Map
}

// accept makes a version's plan before it can be called. It refuses files that change the
// signature of a version in its place: that takes a version of its own.
func (c *catalog) accept(m, replaces *engine.Model) error {
	if replaces != nil && replaces.Version() == m.Version() {
		if err := m.Signature().Same(replaces.Signature()); err != nil {
			return sampan.Errorf(sampan.FailedPrecondition, "another signature: %w; make it a new version, or unload the model first", err)
		}
	}
	spec := graph.Default([]ops.Model{m}, nil)
	spec.Name, spec.Trace = m.Name(), c.trace
	plan, err := graph.Compile(spec)
	if err != nil {
		return err
	}
	c.plans.Store(m, plan)
	return nil
}

// changed forgets the plans of versions that are not there any more.
func (c *catalog) changed(name string) {
	c.plans.Range(func(key, _ any) bool {
		m := key.(*engine.Model)
		if m.Name() != name {
			return true
		}
		if now, err := c.repository.Model(name, m.Version()); err != nil || now != m {
			c.plans.Delete(m)
		}
		return true
	})
}

// find gives the model that a request means by NAME or NAME:VERSION.
func (c *catalog) find(wanted string) (*engine.Model, error) {
	name, version, _ := strings.Cut(wanted, ":")
	if name == "" {
		if name = c.name; name == "" {
			all := c.repository.Models()
			if len(all) != 1 {
				return nil, sampan.Errorf(sampan.NotFound, "the request names no model; this server has %s", quoted(all))
			}
			name = all[0]
		}
	}
	m, err := c.repository.Model(name, version)
	if err != nil && sampan.CodeOf(err) == sampan.NotFound && version == "" {
		return nil, sampan.Errorf(sampan.NotFound, "%w; this server has %s", err, quoted(c.repository.Models()))
	}
	return m, err
}

// mostNames bounds the models that an error names.
const mostNames = 16

func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	more := ""
	if len(names) > mostNames {
		names, more = names[:mostNames], ", …"
	}
	return fmt.Sprintf("%q", names) + more
}

// Signature is that of the model which a request means.
func (c *catalog) Signature(wanted string) (*engine.Signature, error) {
	m, err := c.find(wanted)
	if err != nil {
		return nil, err
	}
	return m.Signature(), nil
}

// Run answers a request. One that meets a version as it is replaced runs on its successor.
func (c *catalog) Run(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	for {
		m, err := c.find(req.Model)
		if err != nil {
			return nil, err
		}
		if plan, ok := c.plans.Load(m); ok {
			reply, err := plan.(*graph.Plan).Run(ctx, req)
			if err == nil || !errors.Is(err, engine.ErrClosed) {
				return reply, err
			}
		}
		if next, _ := c.find(req.Model); next == m {
			return nil, sampan.Errorf(sampan.Unavailable, "model %q is being replaced; try again later", m.Name())
		}
	}
}
