package modelfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// Name of the file in a model's directory.
const Name = "sampan.yaml"

// maxFile bounds the file, in bytes.
const maxFile = 1 << 20

// Settings are what a file says. A field that is zero, or nil, was not given.
type Settings struct {
	// Threads of one run: threads.
	Threads int
	// InterThreads is how many branches of the graph run at once: inter_threads.
	InterThreads int
	// Optimisation is "none", "basic", "extended" or "all": optimization.
	Optimisation string
	// Providers in the order of preference: providers.
	Providers []engine.Provider
	// Arena keeps the memory of a run for the next: arena.
	Arena *bool
	// Instances are sessions side by side, on each device: instances.
	Instances int
	// Concurrency is the number of runs at once: concurrency.
	Concurrency int
	// QueueRows and QueueBytes bound what waits: queue.rows, queue.bytes.
	QueueRows  int
	QueueBytes int64
	// Batching merges what waits: batching.
	Batching *engine.Batching
	// WarmUp is the number of runs with zeros: warm_up.
	WarmUp *int

	// Policy says which versions are loaded: version_policy.
	Policy *engine.VersionPolicy `json:"-"`
	// Labels are versions by name: labels.
	Labels map[string]string `json:"-"`
}

// Load reads a file. The error, InvalidArgument, has every fault.
func Load(path string) (*Settings, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s has %d bytes, want at most %d", path, info.Size(), maxFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Configure completes a model by the file in its directory; one without has nothing to
// say. It is meant for engine.RepositoryOptions.Configure.
func Configure(m *engine.Source) error {
	path := filepath.Join(m.Path, Name)
	s, err := Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNoDirectory):
		return nil
	case err != nil:
		return err
	}
	return s.apply(m)
}

// apply puts the settings in place of those that the model has.
func (s *Settings) apply(m *engine.Source) error {
	stamp, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("%s: %w", Name, err)
	}
	m.Stamp = string(stamp)
	if s.Policy != nil {
		m.Policy = *s.Policy
	}
	m.Labels = s.Labels
	o := &m.Options
	set(&o.Threads, s.Threads)
	set(&o.Concurrency, s.Concurrency)
	set(&o.Queue, s.QueueRows)
	set(&o.QueueBytes, s.QueueBytes)
	if s.Batching != nil {
		o.Batching = s.Batching
	}
	if s.WarmUp != nil {
		o.WarmUp = *s.WarmUp
	}
	if s.Optimisation != "" {
		o.Unoptimised = false
	}
	o.Sessions = s.sessions(o.Sessions)
	return nil
}

func set[T int | int64](to *T, given T) {
	if given != 0 {
		*to = given
	}
}

// sessions are those that there would be without the file, as it wants them.
func (s *Settings) sessions(before []engine.Runtime) []engine.Runtime {
	if len(before) == 0 || len(s.Providers) > 0 {
		before = []engine.Runtime{{Providers: s.Providers}}
	}
	var out []engine.Runtime
	for _, r := range before {
		r.Optimisation, r.InterThreads = s.Optimisation, s.InterThreads
		r.NoArena = s.Arena != nil && !*s.Arena
		for range max(1, s.Instances) {
			out = append(out, r)
		}
	}
	return out
}
