package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sampanml/sampan"
)

// entry is a model of the repository.
type entry struct {
	repository *Repository
	name       string
	// given is the model as it was added.
	given Source
	// found says that it was found in the repository's directory.
	found bool
	// away says that its directory was not there at the last poll.
	away bool

	// busy is held while versions are loaded and unloaded.
	busy sync.Mutex
	// removed says that the repository has forgotten the entry. It is guarded by busy.
	removed bool

	// mu guards the fields below, which Status reads while busy is held. They are
	// written only while it is.
	mu sync.Mutex
	// source is given, completed by what lies beside the model.
	source Source
	// off says that the model was unloaded on purpose; only Load loads it again.
	off    bool
	loaded map[string]*loaded
	// labels are those that were given by hand.
	labels map[string]string
	reason string
}

// trigger is what makes an entry look at its versions.
type trigger uint8

const (
	// polled loads what has changed and has then rested since the last poll.
	polled trigger = iota
	// byHand loads everything that is not loaded as it is on disk.
	byHand
	// anew loads everything.
	anew
)

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

// load loads and unloads versions until they are what the policy wants.
func (e *entry) load(ctx context.Context, why trigger) error {
	e.busy.Lock()
	defer e.busy.Unlock()
	if e.repository.isClosed() {
		return sampan.Errorf(sampan.Unavailable, "the repository is closed")
	}
	if e.removed {
		return sampan.Errorf(sampan.NotFound, "model %q is not in the repository", e.name)
	}
	if why == polled && e.off {
		return nil
	}
	found, changed, err := e.look()
	if err != nil {
		// What is loaded stays. Each poll finds the same fault, which is told once.
		if why == polled && !changed {
			return nil
		}
		return fmt.Errorf("load model %q: %w", e.name, err)
	}
	wanted := e.source.Policy.choose(slices.Collect(maps.Keys(found)))
	if len(wanted) == 0 && why != polled {
		return sampan.Errorf(sampan.NotFound, "load model %q: %s has none of the versions %s", e.name, e.source.Path, list(e.source.Policy.Specific))
	}
	var errs []error
	complete := true
	for _, number := range wanted {
		v := e.version(number, found[number])
		if !v.changed(e.source.Stamp, why) {
			complete = complete && v.model != nil
			continue
		}
		start := time.Now()
		if err := e.loadVersion(ctx, number, v); err != nil {
			errs = append(errs, err)
			complete = complete && v.model != nil
		} else if why == polled {
			took := v.model.Took()
			slog.Info("model loaded", "model", e.name, "version", number, "took", time.Since(start).Round(time.Millisecond),
				"translation", took.Translate.Round(time.Millisecond), "session", took.Session.Round(time.Millisecond))
		}
	}
	// Old versions go only when the new ones are there.
	if complete && len(wanted) > 0 {
		errs = append(errs, e.drop(func(number string) bool { return !slices.Contains(wanted, number) }))
	}
	return errors.Join(errs...)
}

// look reads what lies beside the model and finds its versions. changed says that the
// fault is another one than before.
func (e *entry) look() (found map[string]string, changed bool, err error) {
	source := e.given
	if e.found && strings.ContainsAny(e.name, notInNames) {
		err = sampan.Errorf(sampan.InvalidArgument, "the name has one of the characters %q", notInNames)
	} else if configure := e.repository.options.Configure; configure != nil {
		err = configure(&source)
	}
	if err == nil {
		if found, err = versionsIn(source.Path); err != nil {
			err = sampan.Errorf(sampan.NotFound, "%s: %w", source.Path, err)
		}
	}
	e.mu.Lock()
	e.off = false
	if err != nil {
		changed = e.reason != err.Error()
		e.reason = err.Error()
		e.mu.Unlock()
		return nil, changed, err
	}
	relabelled := !maps.Equal(source.Labels, e.source.Labels)
	e.source, e.reason = source, ""
	next := e.callable()
	e.mu.Unlock()
	if relabelled {
		e.repository.publish(e.name, next)
	}
	return found, true, nil
}

// notInNames are the characters that the name of a model that was found cannot have: they
// have a meaning in URLs, or between a name and a version.
const notInNames = "/?#%: "

// isGone says that the model was found in the repository's directory, and that its own is
// not there now nor was at the last poll.
func (e *entry) isGone() bool {
	if !e.found {
		return false
	}
	_, err := os.Stat(e.given.Path)
	_, noDir := os.Stat(e.repository.options.Dir)
	before := e.away
	e.away = errors.Is(err, fs.ErrNotExist) && noDir == nil
	return before && e.away
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
func (v *loaded) changed(stamp string, why trigger) bool {
	now, err := fingerprint(v.path)
	if err != nil {
		return why != polled
	}
	now += stamp
	rested := now == v.seen
	v.seen = now
	switch why {
	case anew:
		return true
	case byHand:
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
			slog.Error("a model was not closed", "model", e.name, "version", number, "reason", err)
		}
		old = nil
	}
	o := e.source.Options
	o.Name, o.Version = e.name, number
	m, err := Open(ctx, v.path, o)
	if err == nil && r.options.Accept != nil {
		if err = r.options.Accept(m, e.replacedBy(v)); err != nil {
			err = errors.Join(fmt.Errorf("load model %q: %w", e.name, err), m.Close())
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
		slog.Error("a model was not closed", "model", e.name, "version", number, "reason", err)
	}
	return nil
}

// replacedBy is the model that answers until a version does: its own, else the newest.
func (e *entry) replacedBy(v *loaded) *Model {
	if v.model != nil {
		return v.model
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if all := e.callable(); all != nil {
		return all.newest
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
	v.model, v.fault = m, nil
	switch {
	case m != nil:
		v.state = Ready
	case v.state != Loading:
		v.state = Unloaded
	}
	next := e.callable()
	e.mu.Unlock()
	e.repository.publish(e.name, next)
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
	isGone := func(_, number string) bool { return out.by[number] == nil }
	maps.DeleteFunc(e.labels, isGone)
	maps.Copy(out.labels, e.source.Labels)
	maps.DeleteFunc(out.labels, isGone)
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
	return e.dropAll()
}

// remove unloads the model for good.
func (e *entry) remove() error {
	e.busy.Lock()
	defer e.busy.Unlock()
	e.removed = true
	return e.dropAll()
}

// dropAll unloads every version; busy is held.
func (e *entry) dropAll() error {
	e.mu.Lock()
	e.off = true
	e.mu.Unlock()
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
		return sampan.Errorf(sampan.FailedPrecondition, "model %q: label %q: version %q is not loaded", e.name, label, version)
	} else {
		e.labels[label] = version
	}
	next := e.callable()
	e.mu.Unlock()
	e.repository.publish(e.name, next)
	return nil
}

// isLoading says that a version may soon be there.
func (e *entry) isLoading() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, v := range e.loaded {
		if v.state == Loading {
			return true
		}
	}
	return false
}

func (e *entry) status() ModelStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := ModelStatus{Name: e.name, Labels: map[string]string{}, Reason: e.reason, Off: e.off}
	if all := e.callable(); all != nil {
		s.Labels = all.labels
	}
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
