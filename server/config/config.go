package config

import (
	"errors"
	"slices"

	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
)

// Config is what a directory says.
type Config struct {
	// Service is the name of the service.
	Service string
	// Port to listen on; 0 where the files name none.
	Port int
	// Workflows are those of the service; they run in order and their replies are
	// merged. Their nodes lack the models: see [Config.Specs].
	Workflows []graph.Spec
	// Engines are those that a node of the workflows uses, in the order of the files.
	Engines []Engine
	// Notes say what was understood but has no effect, such as an engine that no node
	// uses.
	Notes []string
}

// Engine is a model to load and how to run it.
type Engine struct {
	// Name is that of the nodes that use it.
	Name string
	// ModelDir is where the model is. It exists.
	ModelDir string
	// Conf is a signature file to use instead of the one beside the model; empty
	// where the files name none.
	Conf string

	// RuntimeThreads is the size of the pool of threads that run batches; 0 runs each
	// request in its caller's thread, without batches.
	RuntimeThreads int
	// BatchSize is the most rows of one batch: 32 where the files do not say.
	BatchSize int
	// Overrun lets a batch exceed BatchSize rather than split a request.
	Overrun bool
	// SplitRequests allows the rows of one request to run in several batches.
	SplitRequests bool
	// MathThreads is the number of threads that one run may use: 1 where the files do
	// not say.
	MathThreads int
	// GPUs are the devices to run on; empty for the CPU.
	GPUs []int

	// Reload says when the model is loaded anew: "timestamp_ne", "timestamp_gt",
	// "md5sum" or "revision", each of the file ReloadFile; "none" is never.
	Reload, ReloadFile string
}

// Load reads infer_service.prototxt (or service.prototxt), workflow.prototxt and
// resource.prototxt in dir, and the model_toolkit.prototxt files that the last one
// names. Relative paths in the files are looked for in dir, then in the directory that
// holds dir, from which the original's launcher writes them, then in the working
// directory. Load reports every fault.
func Load(dir string) (*Config, error) {
	l := &loader{dir: dir}
	l.readWorkflows()
	l.readEngines()
	l.readService()
	l.checkNodes()
	if len(l.faults) > 0 {
		return nil, errors.Join(l.faults...)
	}
	c := &Config{Service: l.service.GetName(), Port: l.port, Notes: l.notes}
	used := map[string]bool{}
	for _, name := range l.service.GetWorkflows() {
		w := l.workflows[l.workflow(name)]
		c.Workflows = append(c.Workflows, w)
		for _, n := range w.Nodes {
			used[n.Name] = true
		}
	}
	for _, w := range l.workflows {
		if !slices.Contains(l.service.GetWorkflows(), w.Name) {
			c.note("workflow %q: no service uses it", w.Name)
		}
	}
	for _, e := range l.engines {
		if used[e.Name] {
			c.Engines = append(c.Engines, e)
		} else {
			c.note("engine %q: no node has its name, so it is not loaded", e.Name)
		}
	}
	return c, nil
}

// Specs returns the workflows as graphs to compile. model returns the loaded model of
// an engine.
func (c *Config) Specs(model func(engine string) ops.Model) []graph.Spec {
	specs := slices.Clone(c.Workflows)
	for i := range specs {
		specs[i].Nodes = slices.Clone(specs[i].Nodes)
		for j := range specs[i].Nodes {
			n := &specs[i].Nodes[j]
			if slices.ContainsFunc(c.Engines, func(e Engine) bool { return e.Name == n.Name }) {
				n.Model = model(n.Name)
			}
		}
	}
	return specs
}
