package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
)

// Repository keeps models by name and version: it loads and unloads them, and loads
// them anew when their files change. Looking a model up takes no lock. Safe for
// concurrent use.
type Repository struct {
	options RepositoryOptions

	// catalog is what can be called. It is replaced as a whole.
	catalog atomic.Pointer[map[string]*versions]

	mu      sync.Mutex
	entries map[string]*entry
	closed  bool
}

// RepositoryOptions say how models are loaded and watched.
type RepositoryOptions struct {
	// Dir has a directory for each model, whose name is the model's; empty for none. It
	// is looked through again with every poll.
	Dir string
	// Found says how the models in Dir are loaded; Name and Path are filled in.
	Found Source
	// Configure completes a model by what lies beside it, such as an options file, each
	// time before its versions are looked at. With an error nothing is loaded; what was
	// stays. Nil leaves models as they are.
	Configure func(m *Source) error
	// UnloadFirst frees a version before its successor is loaded, where there is no
	// memory for both: requests are refused as Unavailable meanwhile.
	UnloadFirst bool
	// Accept is asked before a model can be called, and told the one that it replaces:
	// the version's own before it, else the newest that is loaded, else nil. An error
	// keeps it out. Nil accepts all.
	Accept func(m, replaces *Model) error
	// Changed is told the name of a model after its versions have changed. Nil tells
	// nobody.
	Changed func(name string)
}

// Source is a model and how it is loaded.
type Source struct {
	// Name of the model; required.
	Name string
	// Path of an .onnx file, a model directory, or a directory of versions.
	Path string
	// Policy says which versions are loaded.
	Policy VersionPolicy
	// Labels are versions by names such as "stable". One whose version is not loaded is
	// not there meanwhile.
	Labels map[string]string
	// Options of every version; Name and Version are filled in.
	Options Options
	// Stamp is another one whenever Configure makes other Options, upon which the
	// versions are loaded anew.
	Stamp string
}

// versions are those of one model that can be called.
type versions struct {
	newest *Model
	by     map[string]*Model
	labels map[string]string
}

// NewRepository makes a repository without models.
func NewRepository(o RepositoryOptions) *Repository {
	r := &Repository{options: o, entries: map[string]*entry{}}
	r.catalog.Store(&map[string]*versions{})
	return r
}

// Add makes a model known. It is not loaded.
func (r *Repository) Add(m Source) error {
	if m.Name == "" {
		return sampan.Errorf(sampan.InvalidArgument, "a model needs a name")
	}
	if !r.add(m, false) {
		return sampan.Errorf(sampan.InvalidArgument, "model %q is there twice", m.Name)
	}
	return nil
}

// add reports false if the name is taken.
func (r *Repository) add(m Source, found bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.entries[m.Name]; ok {
		return false
	}
	r.entries[m.Name] = &entry{
		repository: r, name: m.Name, given: m, source: m, found: found,
		loaded: map[string]*loaded{}, labels: map[string]string{},
	}
	return true
}

// Scan finds the models in Dir that have no name yet. Directories whose names begin
// with a dot are none.
func (r *Repository) Scan() (added []string, err error) {
	if r.options.Dir == "" {
		return nil, nil
	}
	dirs, err := os.ReadDir(r.options.Dir)
	if err != nil {
		return nil, sampan.Errorf(sampan.NotFound, "model repository %s: %w", r.options.Dir, reason(err))
	}
	for _, d := range dirs {
		path := filepath.Join(r.options.Dir, d.Name())
		if info, err := os.Stat(path); err != nil || !info.IsDir() || d.Name()[0] == '.' {
			continue
		}
		m := r.options.Found
		m.Name, m.Path = d.Name(), path
		if r.add(m, true) {
			added = append(added, m.Name)
		}
	}
	return added, nil
}

func (r *Repository) entry(name string) *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries[name]
}

func (r *Repository) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

func (r *Repository) all() []*entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Values(r.entries), func(a, b *entry) int { return cmp.Compare(a.name, b.name) })
}

// Load loads what the model's policy wants of the versions on disk: new ones, those
// whose files have changed, and those that were not loaded. Versions that it does not
// want any more are unloaded once the others are there. Where a version fails, the one
// in its place stays. The error names every version that failed.
func (r *Repository) Load(ctx context.Context, name string) error {
	return r.load(ctx, name, byHand)
}

// Reload is Load that takes no version for loaded: each is loaded anew beside the one
// that is there, which answers until then.
func (r *Repository) Reload(ctx context.Context, name string) error {
	return r.load(ctx, name, anew)
}

func (r *Repository) load(ctx context.Context, name string, why trigger) error {
	e := r.entry(name)
	if e == nil {
		if _, err := r.Scan(); err != nil {
			return err
		}
		if e = r.entry(name); e == nil {
			return sampan.Errorf(sampan.NotFound, "model %q is not in the repository", name)
		}
	}
	return e.load(ctx, why)
}

// LoadAll finds the models in Dir and loads every model that is known. One that fails
// keeps no other from being loaded; the error names each.
func (r *Repository) LoadAll(ctx context.Context) error {
	_, err := r.Scan()
	errs := []error{err}
	for _, e := range r.all() {
		errs = append(errs, e.load(ctx, byHand))
	}
	return errors.Join(errs...)
}

// Unload frees all versions of a model, when their calls have ended. The name stays, and
// nothing but Load loads the model again.
func (r *Repository) Unload(name string) error {
	e := r.entry(name)
	if e == nil {
		return sampan.Errorf(sampan.NotFound, "model %q is not in the repository", name)
	}
	return e.unload()
}

// Label lets a name such as "stable" stand for a version of a model, which has to be
// loaded; an empty version takes the label away. When the version is unloaded its
// labels go with it.
func (r *Repository) Label(name, label, version string) error {
	e := r.entry(name)
	if e == nil {
		return sampan.Errorf(sampan.NotFound, "model %q is not in the repository", name)
	}
	return e.label(label, version)
}

// Model returns a version of a model, by number or label; the newest if it is empty.
// The model may be closed at any time after: a Run that fails with [ErrClosed] was not
// begun, and the one that Model returns then may answer.
func (r *Repository) Model(name, version string) (*Model, error) {
	v := (*r.catalog.Load())[name]
	if v == nil {
		return nil, r.missing(name)
	}
	if version == "" {
		return v.newest, nil
	}
	if m := v.by[version]; m != nil {
		return m, nil
	}
	if m := v.by[v.labels[version]]; m != nil {
		return m, nil
	}
	return nil, sampan.Errorf(sampan.NotFound, "model %q has no version %q, it has %s", name, version,
		list(slices.SortedFunc(maps.Keys(v.by), byNumber)))
}

// missing says why a model cannot be called.
func (r *Repository) missing(name string) error {
	e := r.entry(name)
	switch {
	case e != nil && e.isLoading():
		return sampan.Errorf(sampan.Unavailable, "model %q is being loaded; try again later", name)
	case e != nil:
		return sampan.Errorf(sampan.FailedPrecondition, "model %q is not loaded", name)
	}
	return sampan.Errorf(sampan.NotFound, "no model %q", name)
}

// Models lists the names that can be called.
func (r *Repository) Models() []string {
	return slices.Sorted(maps.Keys(*r.catalog.Load()))
}

// Status tells of every model, by name, and of its versions from the oldest to the
// newest.
func (r *Repository) Status() []ModelStatus {
	var out []ModelStatus
	for _, e := range r.all() {
		out = append(out, e.status())
	}
	return out
}

// ModelStatus tells of a model.
type ModelStatus struct {
	Name     string
	Versions []VersionStatus
	// Labels are versions by label.
	Labels map[string]string
	// Reason is why the model's directory or options could not be read; empty if they
	// could.
	Reason string
	// Off says that the model was unloaded on purpose.
	Off bool
}

// VersionStatus tells of a version.
type VersionStatus struct {
	Version string
	State   State
	// Reason is why the version, or the files that should have replaced it, could not
	// be loaded; empty if all is well.
	Reason string
	// Model is set while the version is Ready.
	Model *Model
}

// State is how far a version has come.
type State string

// The states of a version.
const (
	Loading  State = "loading"
	Ready    State = "ready"
	Failed   State = "failed"
	Unloaded State = "unloaded"
)

// Watch looks for changed files every interval until ctx ends, and loads what has
// changed and then stayed the same for one interval more. Models that were found in Dir
// and whose directories have been away for as long are forgotten.
func (r *Repository) Watch(ctx context.Context, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := r.Scan(); err != nil {
			slog.Warn("the model repository cannot be read", "reason", err)
		}
		for _, e := range r.all() {
			if e.isGone() {
				r.remove(e)
			} else if err := e.load(ctx, polled); err != nil && ctx.Err() == nil {
				slog.Error("a model was not loaded, what was there stays", "model", e.name, "reason", err)
			}
		}
	}
}

// remove forgets a model when its calls have ended.
func (r *Repository) remove(e *entry) {
	if err := e.remove(); err != nil {
		slog.Error("a model was not closed", "model", e.name, "reason", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, e.name)
	slog.Info("model removed, as its directory was", "model", e.name)
}

// publish puts what can be called of a model into the catalog.
func (r *Repository) publish(name string, v *versions) {
	r.mu.Lock()
	next := maps.Clone(*r.catalog.Load())
	if v == nil {
		delete(next, name)
	} else {
		next[name] = v
	}
	r.catalog.Store(&next)
	r.mu.Unlock()
	if r.options.Changed != nil {
		r.options.Changed(name)
	}
}

// Close frees all models when their calls have ended. Idempotent.
func (r *Repository) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	var errs []error
	for _, e := range r.all() {
		if err := e.unload(); err != nil {
			errs = append(errs, fmt.Errorf("model %q: %w", e.name, err))
		}
	}
	return errors.Join(errs...)
}
