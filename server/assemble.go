package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/cache"
	"github.com/sampanml/sampan/server/config"
	"github.com/sampanml/sampan/server/graph"
	"github.com/sampanml/sampan/server/modelfile"
)

// assembly is what a configuration becomes.
type assembly struct {
	repository *engine.Repository
	processors *engine.Processors
	memory     *engine.Memory
	// observe gives who is told of a model's runs; nil is nobody.
	observe func(model, version string) engine.Observer
	// cache is nil where no replies are kept.
	cache *cache.Cache
	// catalog is nil where a graph answers.
	catalog *catalog
	// name of the service and port where the configuration gives none.
	name   string
	port   int
	models []*engine.Live
	graph  *graph.Service
	// trace is nil where nobody asked for one.
	trace *trace.Recorder
	// notes on settings that have no effect.
	notes []string
}

// assemble loads the models and compiles the graph. On an error nothing stays loaded.
func assemble(ctx context.Context, c Config, observe func(model, version string) engine.Observer) (a assembly, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	a.processors, a.memory, a.observe = engine.NewProcessors(0), engine.NewMemory(c.MemoryLimit), observe
	if c.CacheBytes > 0 {
		a.cache = cache.New(c.CacheBytes)
	}
	if c.TraceFile != "" {
		if a.trace, err = trace.Create(c.TraceFile); err != nil {
			return a, err
		}
	}
	if c.Repository != "" {
		err = a.fromRepository(ctx, c)
		return a, err
	}
	a.repository = engine.NewRepository(engine.RepositoryOptions{
		Configure: modelfile.Configure, UnloadFirst: c.UnloadFirst, Accept: engine.KeepSignature, Changed: func(string) { a.flush() },
	})
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
		spec.Trace = a.trace
		plan, err := graph.Compile(spec)
		if err != nil {
			return a, fmt.Errorf("graph %q: %w", spec.Name, err)
		}
		a.graph.Plans = append(a.graph.Plans, plan)
	}
	return a, nil
}

// flush forgets the replies that are kept.
func (a *assembly) flush() {
	if a.cache != nil {
		a.cache.Flush()
	}
}

// close frees the models.
func (a *assembly) close() error {
	var err error
	if a.repository != nil {
		err = a.repository.Close()
	}
	return errors.Join(err, a.trace.Close())
}

// answerer is what requests are for.
func (a *assembly) answerer(name string) answerer {
	if a.catalog != nil {
		return a.catalog
	}
	return &named{a.graph, name}
}

// fromModels makes the default graph.
func (a *assembly) fromModels(ctx context.Context, c Config) ([]graph.Spec, error) {
	var models []ops.Model
	for _, m := range c.Models {
		model, err := a.load(ctx, c, m.Name, m.Path, engine.Options{
			Concurrency: m.Concurrency, Batching: m.Batching, Sessions: engine.OnGPUs(m.GPUs),
		})
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
		o := engine.Options{Conf: e.Conf, Threads: e.MathThreads, Sessions: engine.OnGPUs(e.GPUs)}
		if e.RuntimeThreads > 0 {
			o.Concurrency = e.RuntimeThreads
			o.Batching = &engine.Batching{MaxRows: int64(e.BatchSize), Overrun: e.Overrun, KeepWhole: !e.SplitRequests}
		}
		model, err := a.load(ctx, c, e.Name, e.ModelDir, o)
		if err != nil {
			return nil, err
		}
		byEngine[e.Name] = model
	}
	return conf.Specs(func(name string) ops.Model { return byEngine[name] }), nil
}

// warmUps is the number of runs before a model is ready: the first is slow, the second
// tells how long a run takes.
const warmUps = 2

// options completes a model's by those of the server.
func (a *assembly) options(c Config, o engine.Options) engine.Options {
	o.Backend, o.Translators, o.Processors = c.Backend, c.Translators, a.processors
	o.Concurrency, o.Queue, o.Unoptimised = cmp.Or(o.Concurrency, c.Concurrency), c.Queue, c.Unoptimised
	o.WarmUp, o.Recorded, o.Observe, o.Memory = warmUps, recorded, a.observe, a.memory
	if len(o.Sessions) == 0 {
		o.Sessions = engine.OnGPUs(c.GPUs)
	}
	return o
}

// load puts a model into the repository and loads it. Where the name is taken it gets a
// number.
func (a *assembly) load(ctx context.Context, c Config, name, path string, o engine.Options) (*engine.Live, error) {
	for base, n := name, 1; a.named(name); n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	if err := a.repository.Add(engine.Source{Name: name, Path: path, Policy: c.Policy, Options: a.options(c, o)}); err != nil {
		return nil, err
	}
	if err := a.repository.Load(ctx, name); err != nil {
		return nil, err
	}
	m, err := a.repository.Live(name)
	if err != nil {
		return nil, err
	}
	a.models = append(a.models, m)
	return m, nil
}

func (a *assembly) named(name string) bool {
	return slices.ContainsFunc(a.models, func(m *engine.Live) bool { return m.Name() == name })
}

// newest lists the models as they are now, in the order of the graph; those of a catalog
// by name.
func (a *assembly) newest() []*engine.Model {
	var names []string
	for _, l := range a.models {
		names = append(names, l.Name())
	}
	if a.catalog != nil {
		names = a.repository.Models()
	}
	var out []*engine.Model
	for _, name := range names {
		if m, err := a.repository.Model(name, ""); err == nil {
			out = append(out, m)
		}
	}
	return out
}

// status tells of the models in the order of the graph; of those of a catalog by name.
func (a *assembly) status() []engine.ModelStatus {
	place := func(s engine.ModelStatus) int {
		return slices.IndexFunc(a.models, func(l *engine.Live) bool { return l.Name() == s.Name })
	}
	out := a.repository.Status()
	slices.SortStableFunc(out, func(x, y engine.ModelStatus) int { return place(x) - place(y) })
	return out
}
