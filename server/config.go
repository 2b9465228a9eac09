package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sampanml/sampan/engine"
)

// Config says what is served and within which bounds. Zero fields get the defaults
// written beside them.
type Config struct {
	// Name is the service's name in /NAME/prediction; by default that of the first
	// model. With Repository it is the model of requests that name none.
	Name string
	// Models of the default graph: reader, one infer op for each model in sequence,
	// response.
	Models []ModelConfig
	// Ops replaces the infer ops of the default graph by types, in order; "Type:0" is
	// an op that owns no model.
	Ops []string
	// Repository is a directory that has a directory for each model, which is served
	// under its name, NAME/MODEL or NAME/VERSION/MODEL; instead of Models. Models come
	// and go with their directories, and one that does not load keeps no other from it.
	Repository string
	// Batching merges requests that wait for a model of Repository; nil runs each alone.
	Batching *engine.Batching
	// Policy says which versions of a model are loaded.
	Policy engine.VersionPolicy
	// ConfDir has infer_service.prototxt, workflow.prototxt, resource.prototxt and
	// model_toolkit.prototxt, which then describe models and graph instead of Models
	// and Ops.
	ConfDir string

	// Host is the address to listen on; all interfaces if empty.
	Host string
	// Port of all dialects; 0 lets the conf directory or else the system choose.
	Port int
	// HTTPPort is a second port for HTTP alone; 0 is none.
	HTTPPort int
	// PrometheusPort is one more port, with /metrics alone; 0 is none. The other ports
	// have the page too.
	PrometheusPort int
	// Version is what the page /version says.
	Version string

	// Concurrency is the number of runs of a model at once; 0 means what the processors
	// allow for runs of as many threads as the model is worth.
	Concurrency int
	// MemoryLimit bounds what requests under way take, in bytes; 0 is no bound.
	MemoryLimit int64
	// GPUs are the devices of every model that has none of its own; empty is the CPU.
	GPUs []int
	// Queue is the number of rows that may wait for a model: 1024.
	Queue int
	// MaxBody bounds a message or body, in bytes: 512 MiB.
	MaxBody int
	// MaxConnections on the port: 10000.
	MaxConnections int
	// Timeout is the deadline of requests that bring none: 60 s.
	Timeout time.Duration
	// Drain is how long calls under way may take once the server stops: 30 s.
	Drain time.Duration
	// Unoptimised turns the runtime's graph optimisation off.
	Unoptimised bool
	// ReloadInterval is how often the models' files are looked at for changes: 2 s;
	// negative is never.
	ReloadInterval time.Duration
	// CacheBytes bounds the replies that are kept for equal requests; 0 keeps none.
	CacheBytes int64
	// UnloadFirst frees a model before its changed files are loaded, where there is no
	// memory for both.
	UnloadFirst bool

	// TraceFile gets when each request and each op began and ended, in Chrome's trace
	// event format; none if empty.
	TraceFile string

	// Backend runs the models; required. Package engine/onnx has one.
	Backend engine.Backend
	// Translators read formats other than ONNX. Package engine/paddle has one.
	Translators []engine.Translator
}

// ModelConfig is one model.
type ModelConfig struct {
	// Path of an .onnx file or a model directory; required.
	Path string
	// Name of the model; the base name of Path if empty.
	Name string
	// Concurrency is that of this model alone; 0 means Config's.
	Concurrency int
	// Batching merges requests that wait; nil runs each alone.
	Batching *engine.Batching
	// GPUs are the devices that the model runs on; empty means Config's.
	GPUs []int
}

const (
	defaultMaxBody        = 512 << 20
	defaultMaxConnections = 10_000
	defaultTimeout        = 60 * time.Second
	defaultDrain          = 30 * time.Second
	defaultQueue          = 1024
	defaultReloadInterval = 2 * time.Second
)

// given names the kinds of what is to be served.
func (c *Config) given() (kinds []string) {
	for _, kind := range []struct {
		name  string
		given bool
	}{{"models", len(c.Models) > 0}, {"a model repository", c.Repository != ""}, {"a conf directory", c.ConfDir != ""}} {
		if kind.given {
			kinds = append(kinds, kind.name)
		}
	}
	return kinds
}

// withDefaults fills in what was left out and reports every fault at once.
func (c Config) withDefaults() (Config, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	switch given := c.given(); {
	case len(given) > 1:
		fault("%s were given; want one of them", strings.Join(given, " and "))
	case len(given) == 0:
		fault("nothing to serve: want a model, a model repository or a conf directory")
	case c.Repository != "" && len(c.Ops) > 0:
		fault("ops were given: the models of a repository have no other graph than their own")
	}
	c.Models = slices.Clone(c.Models)
	for i, m := range c.Models {
		if m.Path == "" {
			fault("model %d has no path", i)
		}
		if m.Name == "" {
			c.Models[i].Name = baseName(m.Path)
		}
	}
	if c.Name == "" && len(c.Models) > 0 {
		c.Name = c.Models[0].Name
	}
	if strings.ContainsAny(c.Name, "/?#% ") {
		fault("name %q: want one path element without spaces", c.Name)
	}
	for _, p := range []struct {
		what string
		port int
	}{{"port", c.Port}, {"HTTP port", c.HTTPPort}, {"Prometheus port", c.PrometheusPort}} {
		if p.port < 0 || p.port > 65535 {
			fault("%s %d: want 0 to 65535", p.what, p.port)
		}
	}
	for _, n := range []struct {
		what  string
		value *int
		usual int
	}{
		{"concurrency", &c.Concurrency, 0},
		{"queue", &c.Queue, defaultQueue},
		{"max body", &c.MaxBody, defaultMaxBody},
		{"max connections", &c.MaxConnections, defaultMaxConnections},
	} {
		if *n.value < 0 {
			fault("%s %d: want more than 0", n.what, *n.value)
		} else if *n.value == 0 {
			*n.value = n.usual
		}
	}
	for _, d := range []struct {
		what  string
		value *time.Duration
		usual time.Duration
	}{{"timeout", &c.Timeout, defaultTimeout}, {"drain", &c.Drain, defaultDrain}} {
		if *d.value < 0 {
			fault("%s %v: want more than 0", d.what, *d.value)
		} else if *d.value == 0 {
			*d.value = d.usual
		}
	}
	if c.CacheBytes < 0 {
		fault("cache of %d bytes: want 0 or more", c.CacheBytes)
	}
	if c.MemoryLimit < 0 {
		fault("memory limit of %d bytes: want 0 or more", c.MemoryLimit)
	}
	if c.ReloadInterval == 0 {
		c.ReloadInterval = defaultReloadInterval
	}
	if c.Backend == nil {
		fault("no backend to run models")
	}
	return c, errors.Join(faults...)
}
