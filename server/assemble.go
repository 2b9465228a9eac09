package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/config"
	"github.com/sampanml/sampan/server/graph"
)

// assembly is what a configuration becomes.
type assembly struct {
	// processors are what the models share.
	processors *engine.Processors
	// name of the service and port where the configuration gives none.
	name   string
	port   int
	models []*engine.Model
	graph  *graph.Service
	// notes on settings that have no effect.
	notes []string
}

// assemble loads the models and compiles the graph. On an error nothing stays loaded.
func assemble(ctx context.Context, c Config) (a assembly, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	a.processors = engine.NewProcessors(0)
	var specs []graph.Spec
	if c.ConfDir != "" {
		specs, err = a.fromConf(ctx, c)
	} else {
		specs, err = a.fromModels(ctx, c)
	}
	if err != nil {
		return a, err
	}
	a.graph = &graph.Service{}
	for _, spec := range specs {
		plan, err := graph.Compile(spec)
		if err != nil {
			return a, fmt.Errorf("graph %q: %w", spec.Name, err)
		}
		a.graph.Plans = append(a.graph.Plans, plan)
	}
	return a, nil
}

// close frees the models.
func (a *assembly) close() error {
	var errs []error
	for _, m := range a.models {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}

// fromModels makes the default graph.
func (a *assembly) fromModels(ctx context.Context, c Config) ([]graph.Spec, error) {
	var models []ops.Model
	for _, m := range c.Models {
		model, err := a.open(ctx, c, m.Path, engine.Options{Name: m.Name, Concurrency: m.Concurrency, Batching: m.Batching})
		if err != nil {
			return nil, err
		}
		models = append(models, model)
	}
	return []graph.Spec{graph.Default(models, c.Ops)}, nil
}

// fromConf loads what the directory of prototxt files names.
func (a *assembly) fromConf(ctx context.Context, c Config) ([]graph.Spec, error) {
	conf, err := config.Load(c.ConfDir)
	if err != nil {
		return nil, err
	}
	a.name, a.port, a.notes = filepath.Base(filepath.Clean(c.ConfDir)), conf.Port, conf.Notes
	byEngine := map[string]ops.Model{}
	for _, e := range conf.Engines {
		o := engine.Options{Name: e.Name, Conf: e.Conf, Threads: e.MathThreads}
		if e.RuntimeThreads > 0 {
			o.Concurrency = e.RuntimeThreads
			o.Batching = &engine.Batching{MaxRows: int64(e.BatchSize), Overrun: e.Overrun, KeepWhole: !e.SplitRequests}
		}
		model, err := a.open(ctx, c, e.ModelDir, o)
		if err != nil {
			return nil, err
		}
		byEngine[e.Name] = model
	}
	return conf.Specs(func(name string) ops.Model { return byEngine[name] }), nil
}

func (a *assembly) open(ctx context.Context, c Config, path string, o engine.Options) (*engine.Model, error) {
	o.Backend, o.Translators, o.Processors = c.Backend, c.Translators, a.processors
	o.Concurrency, o.Queue, o.Unoptimised = cmp.Or(o.Concurrency, c.Concurrency), c.Queue, c.Unoptimised
	m, err := engine.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	a.models = append(a.models, m)
	return m, nil
}
