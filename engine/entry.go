package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sampanml/sampan"
)

// entry is a model of the repository.
type entry struct {
	repository *Repository
	source     Source

	// busy is held while versions are loaded and unloaded.
	busy sync.Mutex
	// off says that the model was unloaded on purpose; only Load loads it again.
	off bool

	// mu guards the fields below, which Status reads while busy is held.
	mu     sync.Mutex
	loaded map[string]*loaded
	labels map[string]string
	reason string
}

// loaded is a version, whatever its state.
type loaded struct {
	path  string
	state State
	model *Model
	fault error
	// tried is the fingerprint of the files that were loaded, or failed to be; seen is
	// that of the last poll.
	tried, seen string
}

// load loads and unloads versions until they are what the policy wants. By hand it
// tries everything that is not loaded as it is on disk; otherwise, only what has
// changed and has then rested since the last poll.
func (e *entry) load(ctx context.Context, byHand bool) error {
	e.busy.Lock()
	defer e.busy.Unlock()
	if e.repository.isClosed() {
		return sampan.Errorf(sampan.Unavailable, "the repository is closed")
	}
	if byHand {
		e.off = false
	}
	if e.off {
		return nil
	}
	found, err := versionsIn(e.source.Path)
	e.mu.Lock()
	e.reason = ""
	if err != nil {
		// The files are gone; what is loaded stays.
		e.reason = fmt.Sprintf("%s: %v", e.source.Path, err)
	}
	e.mu.Unlock()
	if err != nil {
		if byHand {
			return sampan.Errorf(sampan.NotFound, "load model %q: %s: %w", e.source.Name, e.source.Path, err)
		}
		return nil
	}
	wanted := e.source.Policy.choose(slices.Collect(maps.Keys(found)))
	if len(wanted) == 0 && byHand {
		return sampan.Errorf(sampan.NotFound, "load model %q: %s has none of the versions %s", e.source.Name, e.source.Path, list(e.source.Policy.Specific))
	}
	var errs []error
	complete := true
	for _, number := range wanted {
		v := e.version(number, found[number])
		if !v.changed(byHand) {
			complete = complete && v.model != nil
			continue
		}
		start := time.Now()
		if err := e.loadVersion(ctx, number, v); err != nil {
			errs = append(errs, err)
			complete = complete && v.model != nil
		} else if !byHand {
			took := v.model.Took()
			slog.Info("model loaded", "model", e.source.Name, "version", number, "took", time.Since(start).Round(time.Millisecond),
				"translation", took.Translate.Round(time.Millisecond), "session", took.Session.Round(time.Millisecond))
		}
	}
	// Old versions go only when the new ones are there.
	if complete && len(wanted) > 0 {
		errs = append(errs, e.drop(func(number string) bool { return !slices.Contains(wanted, number) }))
	}
	return errors.Join(errs...)
}

// version returns the entry of a version, which it makes if there is none.
func (e *entry) version(number, path string) *loaded {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := e.loaded[number]
	if v == nil {
		v = &loaded{state: Unloaded}
		e.loaded[number] = v
	}
	v.path = path
	return v
}

// changed says that a version has to be loaded.
func (v *loaded) changed(byHand bool) bool {
	now, err := fingerprint(v.path)
	if err != nil {
		return byHand
	}
	rested := now == v.seen
	v.seen = now
	if byHand {
		return v.model == nil || now != v.tried
	}
	return rested && now != v.tried
}

// loadVersion loads a version and puts it in the place of the one that is there.
func (e *entry) loadVersion(ctx context.Context, number string, v *loaded) error {
	r := e.repository
	v.tried = v.seen
	e.set(v, Loading, nil)
	old := v.model
	if old != nil && r.options.UnloadFirst {
		if err := e.replace(v, nil); err != nil {
			slog.Error("a model was not closed", "model", e.source.Name, "version", number, "reason", err)
		}
		old = nil
	}
	o := e.source.Options
	o.Name, o.Version = e.source.Name, number
	m, err := Open(ctx, v.path, o)
	if err == nil && r.options.Accept != nil {
		if err = r.options.Accept(m, old); err != nil {
			err = errors.Join(fmt.Errorf("load model %q: %w", e.source.Name, err), m.Close())
		}
	}
	if err != nil {
		if old != nil {
			e.set(v, Ready, err)
		} else {
			e.set(v, Failed, err)
		}
		return err
	}
	if err := e.replace(v, m); err != nil {
		slog.Error("a model was not closed", "model", e.source.Name, "version", number, "reason", err)
	}
	return nil
}

func (e *entry) set(v *loaded, s State, fault error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v.state, v.fault = s, fault
}

// replace lets m answer in place of the version's model, which it closes when its
// calls have ended; nil takes the version away.
func (e *entry) replace(v *loaded, m *Model) error {
	e.mu.Lock()
	old := v.model
	v.model, v.state, v.fault = m, Ready, nil
	if m == nil {
		v.state = Unloaded
	}
	next := e.callable()
	e.mu.Unlock()
	e.repository.publish(e.source.Name, next)
	if old == nil {
		return nil
	}
	return old.Close()
}

// callable lists the versions that are loaded; nil if none is. The lock is held.
func (e *entry) callable() *versions {
	out := &versions{by: map[string]*Model{}, labels: map[string]string{}}
	for number, v := range e.loaded {
		if v.model == nil {
			continue
		}
		out.by[number] = v.model
		if out.newest == nil || byNumber(number, out.newest.Version()) > 0 {
			out.newest = v.model
		}
	}
	if out.newest == nil {
		return nil
	}
	maps.DeleteFunc(e.labels, func(_, number string) bool { return out.by[number] == nil })
	maps.Copy(out.labels, e.labels)
	return out
}

// drop unloads the versions that the function names and forgets them.
func (e *entry) drop(which func(number string) bool) error {
	var errs []error
	for number, v := range e.loaded {
		if !which(number) {
			continue
		}
		if v.model != nil {
			errs = append(errs, e.replace(v, nil))
		}
		e.mu.Lock()
		delete(e.loaded, number)
		e.mu.Unlock()
	}
	return errors.Join(errs...)
}

func (e *entry) unload() error {
	e.busy.Lock()
	defer e.busy.Unlock()
	e.off = true
	return e.drop(func(string) bool { return true })
}

func (e *entry) label(label, version string) error {
	e.busy.Lock()
	defer e.busy.Unlock()
	e.mu.Lock()
	if version == "" {
		delete(e.labels, label)
	} else if v := e.loaded[version]; v == nil || v.model == nil {
		e.mu.Unlock()
		return sampan.Errorf(sampan.FailedPrecondition, "model %q: label %q: version %q is not loaded", e.source.Name, label, version)
	} else {
		e.labels[label] = version
	}
	next := e.callable()
	e.mu.Unlock()
	e.repository.publish(e.source.Name, next)
	return nil
}

func (e *entry) status() ModelStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := ModelStatus{Name: e.source.Name, Labels: maps.Clone(e.labels), Reason: e.reason}
	for _, number := range slices.SortedFunc(maps.Keys(e.loaded), byNumber) {
		v := e.loaded[number]
		status := VersionStatus{Version: number, State: v.state, Model: v.model}
		if v.fault != nil {
			status.Reason = v.fault.Error()
		}
		s.Versions = append(s.Versions, status)
	}
	return s
}
