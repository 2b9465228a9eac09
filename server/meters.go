package server

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/internal/metrics"
)

// protocols in which calls are counted; multiplexed TTHeader is TTHeader.
var protocols = []string{"http", "grpc", "baidu_std", "ttheader"}

// meters are what a server counts and tells.
type meters struct {
	registry metrics.Registry
	calls    map[string]*metrics.Calls

	run, wait, rows func(labels ...string) *metrics.Histogram
	runs            func(labels ...string) *metrics.Counter

	mu     sync.Mutex
	models []*metrics.Runs
}

func newMeters() *meters {
	m := &meters{calls: map[string]*metrics.Calls{}}
	r := &m.registry
	m.paddle()
	total := r.Histograms("sampan_request_duration_seconds",
		"Time from a request's arrival to its reply, by protocol and code.", metrics.Durations, "protocol", "code")
	encode := r.Histograms("sampan_encode_duration_seconds",
		"Time to write the body of a reply of more than 4 KiB; measured over HTTP.", metrics.Durations, "protocol")
	for _, p := range protocols {
		m.calls[p] = metrics.NewCalls(p, total, encode)
	}
	m.runs = r.Counters("sampan_inference_total", "Runs of a model.", "model", "version")
	m.run = r.Histograms("sampan_inference_duration_seconds",
		"Time of a model's run. Where runs take microseconds, one of 16 is measured.", metrics.Durations, "model", "version")
	m.wait = r.Histograms("sampan_queue_duration_seconds",
		"Time that requests waited for their run. Those that found a place at once are not in it.", metrics.Durations, "model", "version")
	m.rows = r.Histograms("sampan_batch_rows", "Rows of the runs that were made for several requests.", metrics.Sizes, "model", "version")
	r.Read("process_start_time_seconds", "When the program started, since the epoch.", metrics.Gauge, func(emit metrics.Emit) {
		emit(float64(started.UnixMilli()) / 1000)
	})
	r.Read("go_goroutines", "Goroutines.", metrics.Gauge, func(emit metrics.Emit) { emit(float64(runtime.NumGoroutine())) })
	return m
}

// started is when the program did.
var started = time.Now()

// paddle makes the five counters of Paddle Serving, with its labels.
func (m *meters) paddle() {
	read := func(name, help string, value func() float64) {
		m.registry.Read(name, help, metrics.Rising, func(emit metrics.Emit) { emit(value(), "general", "0") }, "model", "version")
	}
	read("pd_query_request_success_total", "Requests that were answered.", func() float64 { s := m.sum(); return float64(s.Count - s.Errors) })
	read("pd_query_request_failure_total", "Requests that failed.", func() float64 { return float64(m.sum().Errors) })
	read("pd_query_request_duration_us_total", "Time of all requests, in microseconds.", func() float64 { return float64(m.sum().Sum.Microseconds()) })
	read("pd_inference_count_total", "Runs of models.", func() float64 { n, _ := m.inferences(); return float64(n) })
	read("pd_inference_duration_us_total", "Time of all runs of models, in microseconds.",
		func() float64 { _, took := m.inferences(); return float64(took.Microseconds()) })
}

// sum is that of all calls.
func (m *meters) sum() metrics.Summary {
	var all []*metrics.Calls
	for _, p := range protocols {
		all = append(all, m.calls[p])
	}
	return metrics.Sum(all...)
}

// inferences are the runs of all models and their time, to which the runs that were not
// measured add what the others took.
func (m *meters) inferences() (runs uint64, took time.Duration) {
	m.mu.Lock()
	models := slices.Clone(m.models)
	m.mu.Unlock()
	for _, meter := range models {
		n, measured := meter.Count.Value(), meter.Took.Count()
		runs += n
		if measured > 0 {
			took += time.Duration(float64(meter.Took.Sum()) * float64(n) / float64(measured))
		}
	}
	return runs, took
}

// observe makes the observer of a model's version.
func (m *meters) observe(model, version string) engine.Observer {
	meter := &metrics.Runs{
		Count: m.runs(model, version), Took: m.run(model, version),
		Queue: m.wait(model, version), Rows: m.rows(model, version),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// A version that is loaded anew goes on with its numbers.
	if !slices.ContainsFunc(m.models, func(o *metrics.Runs) bool { return o.Count == meter.Count }) {
		m.models = append(m.models, meter)
	}
	return meter
}

// tell makes the families that read what the server's parts count.
func (m *meters) tell(s *Server) {
	r := &m.registry
	r.Read("sampan_connections", "Connections that are open on the port.", metrics.Gauge, func(emit metrics.Emit) {
		emit(float64(s.rpc.Connections().Open))
	})
	r.Read("sampan_connections_accepted_total", "Connections that the port took.", metrics.Rising, func(emit metrics.Emit) {
		emit(float64(s.rpc.Connections().Accepted))
	})
	r.Read("sampan_connections_refused_total", "Connections above --max_connections.", metrics.Rising, func(emit metrics.Emit) {
		emit(float64(s.rpc.Connections().Refused))
	})
	r.Read("sampan_connections_recognised_total",
		"Connections by the protocol that they speak, \"unrecognised\" for none of the port's. The rest speaks framed protobuf or has said nothing yet.",
		metrics.Rising, func(emit metrics.Emit) {
			recognised := s.rpc.Connections().Recognised
			for _, p := range slices.Sorted(maps.Keys(recognised)) {
				emit(float64(recognised[p]), p)
			}
		}, "protocol")
	r.Read("sampan_lent_bytes", "Memory of requests under way: what came, and what is merged.", metrics.Gauge, func(emit metrics.Emit) {
		emit(float64(loan.Out()))
	})
	r.Read("sampan_request_memory_bytes", "What the requests under way take.", metrics.Gauge, func(emit metrics.Emit) {
		for _, m := range s.loaded.repository.Status() {
			emit(float64(s.loaded.memory.Share(m.Name).InUse()), m.Name)
		}
	}, "model")
	r.Read("sampan_request_memory_limit_bytes", "What they may take, --memory_limit; 0 is no limit.", metrics.Gauge, func(emit metrics.Emit) {
		emit(float64(s.loaded.memory.Limit()))
	})
	r.Read("sampan_model_ready", "1 for a version of a model that can be called, 0 for one that cannot.", metrics.Gauge, func(emit metrics.Emit) {
		for _, v := range s.service.Models() {
			ready := 0.0
			if v.Signature != nil {
				ready = 1
			}
			emit(ready, v.Name, v.Version)
		}
	}, "model", "version")
}
