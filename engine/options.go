package engine

import (
	"fmt"
	"runtime"
)

// Options says how a model is loaded and what bounds it runs within.
type Options struct {
	// Name under which the model is known; required.
	Name string
	// Version is "1" if empty.
	Version string
	// Conf is a signature file to use instead of the one beside the model.
	Conf string

	// Backend executes the model; required.
	Backend Backend
	// Translators are tried in order on a directory without an ONNX file.
	Translators []Translator

	// Concurrency is the number of runs at once; 0 means the number of processors,
	// which is also the most: more would only take time from each other.
	Concurrency int
	// Threads is the number of threads that one run may use; 0 means what the
	// processors allow for Concurrency runs.
	Threads int
	// Queue is the number of requests that may wait for a run; 0 means 1024.
	Queue int
	// Unoptimised turns the runtime's graph optimisation off.
	Unoptimised bool
}

const defaultQueue = 1024

// withDefaults checks the options and fills in what was left out.
func (o Options) withDefaults() (Options, error) {
	cores := runtime.GOMAXPROCS(0)
	switch {
	case o.Name == "":
		return o, fmt.Errorf("a model needs a name")
	case o.Backend == nil:
		return o, fmt.Errorf("model %q: no backend to run it", o.Name)
	case o.Concurrency < 0 || o.Threads < 0 || o.Queue < 0:
		return o, fmt.Errorf("model %q: concurrency %d, threads %d, queue %d: none may be negative",
			o.Name, o.Concurrency, o.Threads, o.Queue)
	}
	if o.Version == "" {
		o.Version = "1"
	}
	if o.Concurrency == 0 || o.Concurrency > cores {
		o.Concurrency = cores
	}
	if most := max(1, cores/o.Concurrency); o.Threads == 0 || o.Threads > most {
		o.Threads = most
	}
	if o.Queue == 0 {
		o.Queue = defaultQueue
	}
	return o, nil
}
