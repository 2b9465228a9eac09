package metrics

import (
	"strconv"
	"strings"
)

// ContentType is that of the text.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// AppendText appends all metrics in Prometheus' text format, version 0.0.4.
func (r *Registry) AppendText(dst []byte) []byte {
	for _, f := range r.list() {
		t := text{dst, f}
		t.head()
		if f.read != nil {
			f.read(func(value float64, labels ...string) { t.line("", labels, "", " ", value) })
		}
		for _, m := range f.list() {
			if m.counter != nil {
				t.line("", m.values, "", " ", float64(m.counter.Value()))
			} else if m.histogram.Count() > 0 {
				// One without values would only be long.
				t.histogram(m)
			}
		}
		dst = t.buf
	}
	return dst
}

// AppendVars appends the numbers as brpc's page /vars has them, "name : value", a line
// each; prefix is what names begin with.
func (r *Registry) AppendVars(dst []byte, prefix string) []byte {
	for _, f := range r.list() {
		if f.kind == histogram || !strings.HasPrefix(f.name, prefix) {
			continue
		}
		t := text{dst, f}
		if f.read != nil {
			f.read(func(value float64, labels ...string) { t.line("", labels, "", " : ", value) })
		}
		for _, m := range f.list() {
			t.line("", m.values, "", " : ", float64(m.counter.Value()))
		}
		dst = t.buf
	}
	return dst
}

// text writes one family.
type text struct {
	buf []byte
	*family
}

func (t *text) head() {
	t.buf = append(t.buf, "# HELP "+t.name+" "+escape(t.help, false)+"\n"...)
	t.buf = append(t.buf, "# TYPE "+t.name+" "+string(t.kind)+"\n"...)
}

// line writes a number; bound is the value of a bucket's label, if it is one, and
// separator stands before the number.
func (t *text) line(suffix string, values []string, bound, separator string, value float64) {
	t.buf = append(t.buf, t.name+suffix...)
	before := byte('{')
	label := func(name, value string) {
		t.buf = append(t.buf, before)
		t.buf = append(t.buf, name+`="`+escape(value, true)+`"`...)
		before = ','
	}
	for i, v := range values {
		label(t.labels[i], v)
	}
	if bound != "" {
		label("le", bound)
	}
	if before == ',' {
		t.buf = append(t.buf, '}')
	}
	t.buf = append(t.buf, separator...)
	t.buf = append(t.buf, number(value)...)
	t.buf = append(t.buf, '\n')
}

// histogram writes the buckets, each with those below it. The count is their sum, so that
// it agrees with the last one.
func (t *text) histogram(m *member) {
	h, n := m.histogram, uint64(0)
	for i := range h.counts {
		n += h.counts[i].Load()
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = number(float64(h.bounds[i]) / h.unit)
		}
		t.line("_bucket", m.values, bound, " ", float64(n))
	}
	t.line("_sum", m.values, "", " ", float64(h.Sum())/h.unit)
	t.line("_count", m.values, "", " ", float64(n))
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
