package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/sampanml/sampan"
)

// Report is what a run measured. Its JSON form has these fields under the given names.
type Report struct {
	Endpoint    string   `json:"endpoint"`
	Protocol    Protocol `json:"protocol"`
	Concurrency int      `json:"concurrency"`
	// Rate is the number of requests sent a second; 0 for a closed loop.
	Rate float64 `json:"rate,omitempty"`
	// Batch is the number of rows in a request; 0 for one row without a batch axis.
	Batch int `json:"batch"`
	Measure
	// Floors are what was measured beside the server.
	Floors []Floor `json:"floors,omitempty"`
}

// Measure is one part of a run.
type Measure struct {
	// Seconds is the time from the first request to the last answer.
	Seconds float64 `json:"seconds"`
	// QPS is the number of requests answered without error in a second.
	QPS float64 `json:"qps"`
	// Requests counts all that have ended, the failed ones included.
	Requests int64 `json:"requests"`
	// Errors counts the failed ones by the name of their code, such as
	// "ResourceExhausted".
	Errors map[string]int64 `json:"errors"`
	// Latency is that of the requests without error.
	Latency Latency `json:"latency_ms"`
	// ErrorLatency is that of the requests with one; nil if there were none.
	ErrorLatency *Latency `json:"error_latency_ms,omitempty"`
}

// Latency are times in milliseconds.
type Latency struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// Floor is a measure of what a part alone can do.
type Floor struct {
	// Name is "echo", the transport without a model, or "local", the model without a
	// transport.
	Name string `json:"name"`
	Measure
	// Ratio is the server's QPS divided by the floor's.
	Ratio float64 `json:"ratio"`
}

func (t *tally) measure() Measure {
	m := Measure{Seconds: t.elapsed.Seconds(), Requests: t.ok.TotalCount(), Errors: map[string]int64{}}
	if m.Seconds > 0 {
		m.QPS = float64(t.ok.TotalCount()) / m.Seconds
	}
	for code, n := range t.errors {
		m.Errors[code.String()] = n
		m.Requests += n
	}
	m.Latency = latency(t.ok)
	if t.failed.TotalCount() > 0 {
		failed := latency(t.failed)
		m.ErrorLatency = &failed
	}
	return m
}

func latency(h *hdrhistogram.Histogram) Latency {
	if h.TotalCount() == 0 {
		return Latency{}
	}
	ms := func(micros int64) float64 { return float64(micros) / 1000 }
	return Latency{
		Mean: h.Mean() / 1000,
		P50:  ms(h.ValueAtQuantile(50)),
		P90:  ms(h.ValueAtQuantile(90)),
		P99:  ms(h.ValueAtQuantile(99)),
		P999: ms(h.ValueAtQuantile(99.9)),
		Max:  ms(h.Max()),
	}
}

// WriteJSON writes the report as one object on one line.
func (r *Report) WriteJSON(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(r); err != nil {
		return sampan.Errorf(sampan.Internal, "write the report: %w", err)
	}
	return nil
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	rows := ""
	if r.Batch > 0 {
		rows = fmt.Sprintf(", %d rows a request", r.Batch)
	}
	var b strings.Builder
	rate := ""
	if r.Rate > 0 {
		rate = fmt.Sprintf(", %.0f a second sent", r.Rate)
	}
	fmt.Fprintf(&b, "%s %s, %d at once%s%s, %.1f s\n", r.Protocol, r.Endpoint, r.Concurrency, rate, rows, r.Seconds)
	r.text(&b)
	for _, f := range r.Floors {
		fmt.Fprintf(&b, "%s floor, %.1f s: %s\n", f.Name, f.Seconds, f.share())
		f.text(&b)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return sampan.Errorf(sampan.Internal, "write the report: %w", err)
	}
	return nil
}

func (f *Floor) share() string {
	if f.QPS == 0 {
		return "nothing was answered"
	}
	return fmt.Sprintf("the server reaches %.0f %% of it", 100*f.Ratio)
}

func (m *Measure) text(b *strings.Builder) {
	fmt.Fprintf(b, "  requests  %d, %.0f a second\n", m.Requests, m.QPS)
	errors := "none"
	if len(m.Errors) > 0 {
		var list []string
		for _, code := range slices.Sorted(maps.Keys(m.Errors)) {
			list = append(list, fmt.Sprintf("%d %s", m.Errors[code], code))
		}
		errors = strings.Join(list, ", ")
	}
	fmt.Fprintf(b, "  errors    %s\n", errors)
	m.Latency.text(b, "latency ")
	if m.ErrorLatency != nil {
		m.ErrorLatency.text(b, "refusals")
	}
}

func (l *Latency) text(b *strings.Builder, name string) {
	fmt.Fprintf(b, "  %s  mean %.2f, p50 %.2f, p90 %.2f, p99 %.2f, p99.9 %.2f, max %.2f ms\n",
		name, l.Mean, l.P50, l.P90, l.P99, l.P999, l.Max)
}
