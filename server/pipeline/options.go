package pipeline

import (
	"log/slog"
	"time"

	"github.com/sampanml/sampan/engine"
)

// Options say how a service runs where its config.yml does not. Zero fields get the
// defaults written beside them.
type Options struct {
	// Backend runs the models; required where an op has one of its own. Package
	// engine/onnx has one.
	Backend engine.Backend
	// Translators read formats other than ONNX. Package engine/paddle has one.
	Translators []engine.Translator

	// Overrides change settings of config.yml: "op.uci.timeout=100".
	Overrides []string
	// Strict refuses keys in config.yml that are not known, instead of warning of them.
	Strict bool

	// Host is the address to listen on; all interfaces if empty.
	Host string
	// FreePorts takes ports that are free in place of those of config.yml.
	FreePorts bool
	// MaxBody bounds a message or body, in bytes: 256 MiB, as Paddle Serving.
	MaxBody int
	// MaxConnections on each port: 10000.
	MaxConnections int
	// MemoryLimit bounds what calls take in the models, in bytes; 0 is no bound.
	MemoryLimit int64
	// Timeout is the deadline of calls that bring none: 60 s.
	Timeout time.Duration
	// Drain is how long calls under way may take once the server stops: 30 s. Callers of
	// the rest then get Unavailable.
	Drain time.Duration
	// ReloadInterval is how often the models' files are looked at for changes: 2 s;
	// negative is never.
	ReloadInterval time.Duration
	// TraceFile gets when each call and the parts of each op began and ended, in Chrome's
	// trace event format; none if empty.
	TraceFile string
	// Version is what the page /version says.
	Version string
	// Logger gets what callers must not see; slog's default if nil.
	Logger *slog.Logger
}

const (
	defaultMaxBody        = 256 << 20
	defaultMaxConnections = 10_000
	defaultTimeout        = 60 * time.Second
	defaultDrain          = 30 * time.Second
	defaultReloadInterval = 2 * time.Second
	// defaultCalls is the number of calls under way where channel_size says nothing.
	defaultCalls = 1024
)

func (o Options) withDefaults() Options {
	for _, n := range []struct {
		value *int
		usual int
	}{{&o.MaxBody, defaultMaxBody}, {&o.MaxConnections, defaultMaxConnections}} {
		if *n.value <= 0 {
			*n.value = n.usual
		}
	}
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&o.Timeout, defaultTimeout}, {&o.Drain, defaultDrain}, {&o.ReloadInterval, defaultReloadInterval}} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}
