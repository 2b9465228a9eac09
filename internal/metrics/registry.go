package metrics

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Kind is a family's type in the text.
type Kind string

// The kinds of numbers that are read.
const (
	Rising Kind = "counter"
	Gauge  Kind = "gauge"

	histogram Kind = "histogram"
)

// Registry has the families of a server's metrics, in the order in which they were
// made.
type Registry struct {
	mu       sync.Mutex
	families []*family
}

// family is the metrics of one name.
type family struct {
	name, help string
	kind       Kind
	labels     []string
	buckets    Buckets
	read       func(Emit)

	mu      sync.Mutex
	members []*member
}

// member is the metric with one set of labels' values.
type member struct {
	values    []string
	counter   *Counter
	histogram *Histogram
}

// Emit takes a number and the values of its labels, in the family's order.
type Emit func(value float64, labels ...string)

var names = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// add makes a family. Names are the program's own, so a wrong one is a panic.
func (r *Registry) add(f *family) *family {
	for _, name := range append([]string{f.name}, f.labels...) {
		if !names.MatchString(name) {
			panic(fmt.Sprintf("metric %q: name %q is not one", f.name, name))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(r.families, func(o *family) bool { return o.name == f.name }) {
		panic(fmt.Sprintf("metric %q is there twice", f.name))
	}
	r.families = append(r.families, f)
	return f
}

// Counters makes a family of counters.
func (r *Registry) Counters(name, help string, labels ...string) func(values ...string) *Counter {
	f := r.add(&family{name: name, help: help, kind: Rising, labels: labels})
	return func(values ...string) *Counter { return f.member(values).counter }
}

// Histograms makes a family of histograms.
func (r *Registry) Histograms(name, help string, buckets Buckets, labels ...string) func(values ...string) *Histogram {
	f := r.add(&family{name: name, help: help, kind: histogram, labels: labels, buckets: buckets})
	return func(values ...string) *Histogram { return f.member(values).histogram }
}

// Read makes a family whose numbers are asked for when the text is written.
func (r *Registry) Read(name, help string, kind Kind, read func(Emit), labels ...string) {
	r.add(&family{name: name, help: help, kind: kind, labels: labels, read: read})
}

// member finds or makes the metric with the labels' values.
func (f *family) member(values []string) *member {
	if len(values) != len(f.labels) {
		panic(fmt.Sprintf("metric %q: %d values for the labels %q", f.name, len(values), f.labels))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		if slices.Equal(m.values, values) {
			return m
		}
	}
	m := &member{values: slices.Clone(values)}
	if f.kind == histogram {
		m.histogram = newHistogram(f.buckets)
	} else {
		m.counter = &Counter{}
	}
	f.members = append(f.members, m)
	slices.SortFunc(f.members, func(a, b *member) int { return slices.Compare(a.values, b.values) })
	return m
}

// list is a copy of the families.
func (r *Registry) list() []*family {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.families)
}

func (f *family) list() []*member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.members)
}

// escape makes a text fit between quotes, or on a line.
func escape(text string, quotes bool) string {
	text = strings.ReplaceAll(text, `\`, `\\`)
	text = strings.ReplaceAll(text, "\n", `\n`)
	if quotes {
		text = strings.ReplaceAll(text, `"`, `\"`)
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
