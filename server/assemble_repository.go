package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/server/modelfile"
)

// fromRepository loads the models in a directory. Those that do not load are in the log;
// they are tried again when their files change.
func (a *assembly) fromRepository(ctx context.Context, c Config) error {
	a.catalog = &catalog{name: c.Name, trace: a.trace}
	a.repository = engine.NewRepository(engine.RepositoryOptions{
		Dir: c.Repository, Found: engine.Source{Policy: c.Policy, Options: a.options(c, engine.Options{Batching: c.Batching})},
		Configure: modelfile.Configure, UnloadFirst: c.UnloadFirst, Accept: a.catalog.accept,
		Changed: func(name string) {
			a.catalog.changed(name)
			a.flush()
		},
	})
	a.catalog.repository = a.repository
	if _, err := a.repository.Scan(); err != nil {
		return err
	}
	if err := a.repository.LoadAll(ctx); err != nil {
		if ctx.Err() != nil {
			return sampan.ContextError(ctx)
		}
		for line := range strings.Lines(err.Error()) {
			slog.Error("a model was not loaded, the others are served", "reason", strings.TrimSuffix(line, "\n"))
		}
	}
	return nil
}

// signature finds a model by what a request says; nil where a graph answers.
func (a *assembly) signature() func(model string) (*engine.Signature, error) {
	if a.catalog == nil {
		return nil
	}
	return a.catalog.Signature
}

// takes has what callers feed the graph; nil where it does not say, and for a repository.
func (a *assembly) takes() *engine.Signature {
	if a.graph == nil {
		return nil
	}
	return a.graph.Takes()
}

// isModel tells the names by which a request may mean a model, or the graph.
func (a *assembly) isModel(graph string) func(name string) bool {
	return func(name string) bool {
		if a.catalog == nil || name == "" {
			return name != "" && name == graph
		}
		_, err := a.catalog.find(name)
		return err == nil
	}
}

// faults are why models of a catalog cannot be called.
func (a *assembly) faults() error {
	var errs []error
	for _, m := range a.status() {
		if m.Reason != "" {
			errs = append(errs, fmt.Errorf("model %q: %s", m.Name, m.Reason))
		}
		for _, v := range m.Versions {
			if v.Reason != "" {
				errs = append(errs, errors.New(v.Reason))
			}
		}
	}
	return errors.Join(errs...)
}
