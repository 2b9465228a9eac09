package modelfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/nearest"
)

// errNoDirectory is what the system says of a path through a file: the model is one.
var errNoDirectory = syscall.ENOTDIR

// Bounds of the numbers in a file.
const (
	maxThreads   = 1024
	maxInstances = 64
	maxRows      = 1 << 20
	maxBytes     = 1 << 40
	maxDelay     = time.Minute
	maxWarmUps   = 1000
)

// Parse reads a file's content; name is for messages. Nothing at all is a file without
// settings.
func Parse(name string, data []byte) (*Settings, error) {
	var document yaml.Node
	reader := yaml.NewDecoder(bytes.NewReader(data))
	switch err := reader.Decode(&document); {
	case errors.Is(err, io.EOF):
		return &Settings{}, nil
	case err != nil:
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := reader.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: more than one document, want one", name)
	}
	d := &decoder{file: name}
	s := d.settings(document.Content[0])
	if len(d.faults) > 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", errors.Join(d.faults...))
	}
	return s, nil
}

// decoder gathers what is wrong with a file.
type decoder struct {
	file   string
	faults []error
}

// place is a value in the file.
type place struct {
	*yaml.Node
	path string
}

func (d *decoder) fault(at place, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if at.path != "" {
		what = at.path + ": " + what
	}
	d.faults = append(d.faults, fmt.Errorf("%s:%d: %s", d.file, at.Line, what))
}

func (d *decoder) settings(n *yaml.Node) *Settings {
	s := &Settings{}
	d.mapping(place{n, ""}, map[string]func(place){
		"threads":       func(p place) { s.Threads = int(d.integer(p, 1, maxThreads)) },
		"inter_threads": func(p place) { s.InterThreads = int(d.integer(p, 1, maxThreads)) },
		"optimization":  func(p place) { s.Optimisation = d.oneOf(p, "none", "basic", "extended", "all") },
		"providers":     func(p place) { d.list(p, func(p place) { s.Providers = append(s.Providers, d.provider(p)) }) },
		"arena":         func(p place) { s.Arena = new(d.boolean(p)) },
		"instances":     func(p place) { s.Instances = int(d.integer(p, 1, maxInstances)) },
		"concurrency":   func(p place) { s.Concurrency = int(d.integer(p, 1, maxThreads)) },
		"queue": func(p place) {
			d.mapping(p, map[string]func(place){
				"rows":  func(p place) { s.QueueRows = int(d.integer(p, 1, math.MaxInt32)) },
				"bytes": func(p place) { s.QueueBytes = d.integer(p, 1, maxBytes) },
			})
		},
		"batching":       func(p place) { s.Batching = d.batching(p) },
		"warm_up":        func(p place) { s.WarmUp = new(int(d.integer(p, 0, maxWarmUps))) },
		"version_policy": func(p place) { s.Policy = d.policy(p) },
		"labels":         func(p place) { s.Labels = d.labels(p) },
	})
	return s
}

func (d *decoder) provider(p place) engine.Provider {
	var out engine.Provider
	named := false
	ok := d.mapping(p, map[string]func(place){
		"name": func(p place) { out.Name, named = d.text(p), true },
		"options": func(p place) {
			out.Options = map[string]string{}
			d.each(p, func(key string, p place) { out.Options[key] = d.scalar(p) })
		},
	})
	if ok && !named {
		d.fault(p, "name is missing, want an execution provider such as CUDA")
	}
	return out
}

func (d *decoder) batching(p place) *engine.Batching {
	b := &engine.Batching{}
	ok := d.mapping(p, map[string]func(place){
		"max_rows": func(p place) { b.MaxRows = d.integer(p, 1, maxRows) },
		"delay":    func(p place) { b.Delay = d.duration(p, maxDelay) },
		"preferred": func(p place) {
			d.list(p, func(p place) { b.Preferred = append(b.Preferred, d.integer(p, 1, maxRows)) })
		},
		"whole":   func(p place) { b.KeepWhole = d.boolean(p) },
		"overrun": func(p place) { b.Overrun = d.boolean(p) },
		"padding": func(p place) {
			if p.Kind == yaml.ScalarNode {
				b.PadAll = d.oneOf(p, "none", "zeros") == "zeros"
				return
			}
			b.Padding = map[string]float64{}
			d.each(p, func(key string, p place) { b.Padding[key] = d.number(p) })
		},
	})
	if ok && b.MaxRows == 0 {
		d.fault(p, "max_rows is missing, want the most rows of a batch")
	}
	return b
}

// policy takes a text such as latest:2, or one version as a number.
func (d *decoder) policy(p place) *engine.VersionPolicy {
	if p.Kind != yaml.ScalarNode {
		d.fault(p, "%s, want one value", describe(p))
		return nil
	}
	policy, err := engine.ParseVersionPolicy(p.Value)
	if err != nil {
		d.fault(p, "%v", err)
	}
	return &policy
}

func (d *decoder) labels(p place) map[string]string {
	out := map[string]string{}
	d.each(p, func(label string, p place) {
		if _, err := strconv.Atoi(label); err == nil || strings.ContainsAny(label, "/?#%: ") || label == "" {
			d.fault(p, "a label is a name such as stable, no number and without /?#%%: and spaces")
		}
		out[label] = strconv.FormatInt(d.integer(p, 1, math.MaxInt64), 10)
	})
	return out
}

// mapping hands every value to the reader of its key. It reports whether it is a mapping.
func (d *decoder) mapping(p place, known map[string]func(place)) bool {
	return d.each(p, func(key string, value place) {
		if read, ok := known[key]; ok {
			read(value)
			return
		}
		var names []string
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		if near := nearest.Name(key, names); near != "" {
			d.fault(value, "the key is not known; did you mean %s?", near)
		} else {
			d.fault(value, "the key is not known; known are %s", strings.Join(names, ", "))
		}
	})
}

// each calls use for every key of a mapping, once. It reports whether it is one.
func (d *decoder) each(p place, use func(key string, value place)) bool {
	if p.Kind != yaml.MappingNode {
		d.fault(p, "%s, want keys and values", describe(p))
		return false
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(p.Content); i += 2 {
		key := p.Content[i].Value
		path := key
		if p.path != "" {
			path = p.path + "." + key
		}
		at := place{p.Content[i+1], path}
		if p.Content[i].Kind != yaml.ScalarNode {
			d.fault(place{p.Content[i], p.path}, "%s as a key, want a name", describe(place{p.Content[i], ""}))
		} else if seen[key] {
			d.fault(place{p.Content[i], path}, "the key is there twice")
		} else {
			seen[key] = true
			use(key, at)
		}
	}
	return true
}

func (d *decoder) list(p place, use func(place)) {
	if p.Kind != yaml.SequenceNode {
		d.fault(p, "%s, want a list", describe(p))
		return
	}
	for i, n := range p.Content {
		use(place{n, fmt.Sprintf("%s[%d]", p.path, i)})
	}
}

// describe says what a value is, for messages.
func describe(p place) string {
	switch p.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if p.Tag == "!!null" {
		return "nothing"
	}
	return fmt.Sprintf("%.60q", p.Value)
}

func (d *decoder) integer(p place, least, most int64) int64 {
	n, err := strconv.ParseInt(p.Value, 10, 64)
	if p.Kind != yaml.ScalarNode || p.Tag != "!!int" || err != nil || n < least || n > most {
		d.fault(p, "%s, want a number from %d to %d", describe(p), least, most)
		return least
	}
	return n
}

func (d *decoder) number(p place) float64 {
	x, err := strconv.ParseFloat(p.Value, 64)
	if p.Kind != yaml.ScalarNode || err != nil {
		d.fault(p, "%s, want a number", describe(p))
	}
	return x
}

func (d *decoder) boolean(p place) bool {
	if p.Kind != yaml.ScalarNode || p.Tag != "!!bool" {
		d.fault(p, "%s, want true or false", describe(p))
		return false
	}
	return strings.EqualFold(p.Value, "true")
}

func (d *decoder) duration(p place, most time.Duration) time.Duration {
	t, err := time.ParseDuration(p.Value)
	if p.Kind != yaml.ScalarNode || err != nil || t < 0 || t > most {
		d.fault(p, "%s, want a time from 0s to %v, such as 2ms", describe(p), most)
	}
	return t
}

// scalar is any single value as it is written.
func (d *decoder) scalar(p place) string {
	if p.Kind != yaml.ScalarNode || p.Tag == "!!null" {
		d.fault(p, "%s, want one value", describe(p))
		return ""
	}
	return p.Value
}

func (d *decoder) text(p place) string {
	if p.Kind != yaml.ScalarNode || p.Tag != "!!str" {
		d.fault(p, "%s, want a text", describe(p))
		return ""
	}
	return p.Value
}

func (d *decoder) oneOf(p place, known ...string) string {
	if p.Kind != yaml.ScalarNode || !slices.Contains(known, p.Value) {
		d.fault(p, "%s, want one of %s", describe(p), strings.Join(known, ", "))
		return ""
	}
	return p.Value
}
