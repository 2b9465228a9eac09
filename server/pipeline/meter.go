package pipeline

import (
	"sync/atomic"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/metrics"
)

// phases are the parts of an op's work, by the names that Paddle Serving gives them.
var phases = [...]string{"prep", "midp", "postp"}

// opMeter counts and times an op's work.
type opMeter struct {
	name     string
	phases   [len(phases)]*metrics.Histogram
	failures *metrics.Counter
	// inside is the number of calls in the op.
	inside atomic.Int64
}

// done counts a call that has left the op well, or in its last part with an error.
func (m *opMeter) done(c *call, began, prepared, processed, ended metrics.Instant, err error) {
	m.phases[0].Observe(int64(prepared - began))
	m.phases[1].Observe(int64(processed - prepared))
	m.phases[2].Observe(int64(ended - processed))
	if err != nil {
		m.failures.Add(1)
	}
	if c.profile != nil {
		c.profile.add(c, m.name, began, prepared, processed, ended)
	}
}

// meters are what a pipeline counts and tells.
type meters struct {
	registry metrics.Registry
	calls    map[string]*metrics.Calls
	// answers are by success and failure.
	answers, refusals *metrics.Histogram
	ops               []*opMeter

	phase    func(labels ...string) *metrics.Histogram
	failures func(labels ...string) *metrics.Counter
	run      func(labels ...string) *metrics.Histogram
	wait     func(labels ...string) *metrics.Histogram
	rows     func(labels ...string) *metrics.Histogram
}

// protocols in which calls are counted.
var protocols = []string{"http", "grpc", "ttheader"}

func newMeters() *meters {
	m := &meters{calls: map[string]*metrics.Calls{}}
	r := &m.registry
	total := r.Histograms("sampan_request_duration_seconds",
		"Time from a request's arrival to its reply, by protocol and code; an answer with an err_no is OK here.", metrics.Durations, "protocol", "code")
	encode := r.Histograms("sampan_encode_duration_seconds", "Not measured here.", metrics.Durations, "protocol")
	for _, p := range protocols {
		m.calls[p] = metrics.NewCalls(p, total, encode)
	}
	answers := r.Histograms("sampan_pipeline_duration_seconds",
		"Time of a call in the pipeline, by whether its err_no is 0.", metrics.Durations, "success")
	m.answers, m.refusals = answers("true"), answers("false")
	m.phase = r.Histograms("sampan_op_duration_seconds",
		"Time of an op's parts: prep is its Preprocess, midp its model with the wait for it, postp its Postprocess.", metrics.Durations, "op", "phase")
	m.failures = r.Counters("sampan_op_failures_total", "Calls that failed in the op.", "op")
	m.run = r.Histograms("sampan_inference_duration_seconds",
		"Time of a model's run. Where runs take microseconds, one of 16 is measured.", metrics.Durations, "op", "version")
	m.wait = r.Histograms("sampan_queue_duration_seconds",
		"Time that calls waited for their run. Those that found a place at once are not in it.", metrics.Durations, "op", "version")
	m.rows = r.Histograms("sampan_batch_rows", "Rows of the runs that were made for several calls.", metrics.Sizes, "op", "version")
	r.Read("sampan_op_calls", "Calls in the op.", metrics.Gauge, func(emit metrics.Emit) {
		for _, op := range m.ops {
			emit(float64(op.inside.Load()), op.name)
		}
	}, "op")
	return m
}

// call is who counts the calls of a protocol.
func (m *meters) call(protocol string) *metrics.Calls { return m.calls[protocol] }

// sum is that of all calls.
func (m *meters) sum() metrics.Summary {
	var all []*metrics.Calls
	for _, p := range protocols {
		all = append(all, m.calls[p])
	}
	return metrics.Sum(all...)
}

// op makes who counts an op's work. It is for the time before the first call.
func (m *meters) op(name string) *opMeter {
	op := &opMeter{name: name, failures: m.failures(name)}
	for i, phase := range phases {
		op.phases[i] = m.phase(name, phase)
	}
	m.ops = append(m.ops, op)
	return op
}

// answered counts a call.
func (m *meters) answered(began metrics.Instant, well bool) {
	to := m.refusals
	if well {
		to = m.answers
	}
	to.Observe(int64(metrics.Now() - began))
}

// observe makes the observer of an op's model.
func (m *meters) observe(op, version string) engine.Observer {
	return &metrics.Runs{Took: m.run(op, version), Queue: m.wait(op, version), Rows: m.rows(op, version)}
}
