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

	// Sessions are made side by side, each as its Runtime says, and share the runs; none
	// means one, of the zero Runtime.
	Sessions []Runtime
	// Concurrency is the number of runs at once; 0 means what the processors allow for
	// runs of Threads, which is also the most: more would only take time from each other.
	Concurrency int
	// Threads is the number of threads that one run may use; 0 means what the processors
	// allow for Concurrency runs. With a WarmUp it decides: 1 for a model whose runs take
	// less than a millisecond; more, up to 4 where Concurrency is not given either, for
	// one that they make faster by as much as they cost others.
	Threads int
	// Queue is the number of rows that may wait for a run; 0 means 1024. A request of
	// more waits only if no other does.
	Queue int
	// QueueBytes is the size of the inputs that may wait; 0 means 256 MiB.
	QueueBytes int64
	// Batching merges requests that wait; nil runs each alone.
	Batching *Batching
	// Processors are what the models of a server share; nil means as many as there are,
	// for this model alone.
	Processors *Processors
	// Memory counts and bounds what requests take; nil does not.
	Memory *Memory
	// WarmUp is the number of runs with zeros before the model is ready, so that no
	// request pays for what the runtime does first. A model that does not take zeros
	// is none the worse.
	WarmUp int
	// Recorded reads requests that lie beside a model, which are run after the zeros; one
	// that fails fails the load. Nil means none.
	Recorded func(path string, s *Signature) ([]Recorded, error)
	// Unoptimised turns the runtime's graph optimisation off.
	Unoptimised bool
	// Observe is asked once for who is told of the model's runs; nil is nobody.
	Observe func(model, version string) Observer
}

const (
	defaultQueue      = 1024
	defaultQueueBytes = 256 << 20
)

// withDefaults checks the options and fills in what was left out.
func (o Options) withDefaults() (Options, error) {
	cores := runtime.GOMAXPROCS(0)
	switch {
	case o.Name == "":
		return o, fmt.Errorf("a model needs a name")
	case o.Backend == nil:
		return o, fmt.Errorf("model %q: no backend to run it", o.Name)
	case o.Concurrency < 0 || o.Threads < 0 || o.Queue < 0 || o.QueueBytes < 0:
		return o, fmt.Errorf("model %q: concurrency %d, threads %d, queue %d, queue bytes %d: none may be negative",
			o.Name, o.Concurrency, o.Threads, o.Queue, o.QueueBytes)
	}
	if o.Version == "" {
		o.Version = "1"
	}
	o = o.share(cores)
	if o.Queue == 0 {
		o.Queue = defaultQueue
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = defaultQueueBytes
	}
	if o.Processors == nil {
		o.Processors = NewProcessors(0)
	}
	return o, nil
}

// share divides the processors between runs and their threads.
func (o Options) share(cores int) Options {
	if o.Concurrency == 0 {
		o.Concurrency = cores / min(max(1, o.Threads), cores)
	}
	o.Concurrency = min(o.Concurrency, cores)
	if most := cores / o.Concurrency; o.Threads == 0 || o.Threads > most {
		o.Threads = most
	}
	return o
}
