package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/ops/steps"
	"github.com/sampanml/sampan/server/graph"
)

// answerer is what the front doors call.
type answerer struct {
	name    string
	plan    *graph.Plan
	timeout time.Duration
	// attempts is how often a call is tried whose ops did not end in time.
	attempts int
	// most bounds the calls under way, those that were left behind included.
	most   int64
	inside atomic.Int64
	// numbers counts the calls.
	numbers atomic.Int64
	ready   atomic.Bool
	// over is closed when the server has waited for its calls long enough.
	over   chan struct{}
	meters *meters
	// strange says that there are steps of somebody else's, which may never return.
	strange bool
	// trace is nil where nobody asked for one.
	trace  *trace.Recorder
	timers sync.Pool
}

// Answer takes one call. An error is what the transport has to say; whatever else goes
// wrong is in the answer. The request must not be changed afterwards: an op that is left
// behind may still read it.
func (a *answerer) Answer(ctx context.Context, req *pipelineserving.Request) (*pipelineserving.Response, error) {
	began := metrics.Now()
	resp, err := a.answer(ctx, req)
	a.meters.answered(began, err == nil && resp.GetErrNo() == 0)
	return resp, err
}

func (a *answerer) answer(ctx context.Context, req *pipelineserving.Request) (*pipelineserving.Response, error) {
	if err := a.enter(req.GetName()); err != nil {
		return a.fail(err)
	}
	c, err := a.call(req)
	if err != nil {
		a.inside.Add(-1)
		return a.fail(err)
	}
	unpacked := metrics.Now()
	result, err := a.run(ctx, c)
	if err != nil {
		return a.fail(err)
	}
	packing := metrics.Now()
	resp := pack(result)
	if c.profile != nil {
		resp.Key = append(resp.Key, ProfileKey)
		resp.Value = append(resp.Value, c.profile.text(c, unpacked, packing))
	}
	return resp, nil
}

// Call takes one call without messages around it: the values of the caller, and those of
// the last op. Values of one name are a list. Errors have package sampan's codes.
func (a *answerer) Call(ctx context.Context, name string, caller ops.Call) (Result, error) {
	began := metrics.Now()
	result, err := a.values(ctx, name, caller)
	a.meters.answered(began, err == nil)
	if err != nil {
		return nil, plain(err)
	}
	return result, nil
}

func (a *answerer) values(ctx context.Context, name string, caller ops.Call) (Result, error) {
	if err := a.enter(name); err != nil {
		return nil, err
	}
	caller.Values = lists(caller.Values)
	c := &call{Call: caller, number: a.numbers.Add(1) - 1}
	c.Own = c
	return a.run(ctx, c)
}

// lists makes a list of values that have one name.
func lists(values []Value) []Value {
	out, at := values[:0:0], map[string]int{}
	for _, v := range values {
		i, known := at[v.Name]
		if !known {
			at[v.Name] = len(out)
			out = append(out, v)
			continue
		}
		list, ok := out[i].Data.(steps.List)
		if !ok {
			list = steps.List{out[i].Data}
		}
		out[i].Data = append(list, v.Data)
	}
	return out
}

// errNotReady is the transport's to tell: another server may have the answer.
var errNotReady = sampan.Errorf(sampan.Unavailable, "the server is loading or draining")

// enter takes a place for a call, which [answerer.run] gives back.
func (a *answerer) enter(name string) error {
	if !a.ready.Load() {
		return errNotReady
	}
	if name != "" && name != a.name {
		return &Failure{No: NoService, Message: "Failed to inference: Service name error."}
	}
	if inside := a.inside.Add(1); inside > a.most {
		a.inside.Add(-1)
		return full("the service", int(a.most))
	}
	return nil
}

// fail is the answer to a call that failed, unless it is the transport's to tell.
func (a *answerer) fail(err error) (*pipelineserving.Response, error) {
	var failure *Failure
	if !errors.As(err, &failure) {
		if err == errNotReady || transport(err) {
			return nil, err
		}
		failure = &Failure{No: Unknown, Message: err.Error(), cause: err}
	}
	return refuse(&pipelineserving.Response{}, failure), nil
}

// call reads a request.
func (a *answerer) call(req *pipelineserving.Request) (*call, error) {
	values, err := unpack(req)
	if err != nil {
		return nil, err
	}
	c := &call{
		Call:   ops.Call{Method: req.GetMethod(), LogID: req.GetLogid(), ClientIP: req.GetClientip(), Values: values},
		number: a.numbers.Add(1) - 1,
	}
	c.Own = c
	for i := range values {
		if values[i].Name == ProfileKey {
			if values[i].Data == "1" {
				c.began, c.start, c.profile = time.Now(), metrics.Now(), &profile{}
			}
			c.Values = slices.Delete(values, i, i+1)
			break
		}
	}
	return c, nil
}

// run takes a call through the graph, within its deadline or, without one, the service's.
// When that ends first, or the server, the caller goes, and the call keeps its place until
// its ops have ended. Steps of our own heed the context, so their calls need no goroutine
// to leave behind.
func (a *answerer) run(ctx context.Context, c *call) (Result, error) {
	if a.trace != nil {
		defer a.trace.Span("call", a.name, c.number*trace.Rows, time.Now())
	}
	within, late := ctx, (*time.Timer)(nil)
	if _, ok := ctx.Deadline(); !ok {
		var cancel func()
		within, cancel = deadline.WithTimeout(ctx, a.timeout)
		defer cancel()
	}
	if !a.strange {
		defer a.inside.Add(-1)
		return a.attempt(within, c)
	}
	if within != ctx {
		late = a.timer()
		defer a.timers.Put(late)
		defer late.Stop()
	}
	ended := make(chan outcome, 1)
	go a.leaveBehind(within, c, ended)
	var tooLate <-chan time.Time
	if late != nil {
		tooLate = late.C
	}
	select {
	case o := <-ended:
		return o.result, o.err
	case <-ctx.Done():
	case <-tooLate:
		// The context's own timer may be a moment later, and says what to answer.
		<-within.Done()
	case <-a.over:
		return nil, errNotReady
	}
	return nil, sampan.ContextError(within)
}

// outcome is how a call ended.
type outcome struct {
	result Result
	err    error
}

func (a *answerer) leaveBehind(ctx context.Context, c *call, ended chan<- outcome) {
	defer a.inside.Add(-1)
	result, err := a.attempt(ctx, c)
	ended <- outcome{result, err}
}

// timer is one that ends with the service's time for a call.
func (a *answerer) timer() *time.Timer {
	t, ok := a.timers.Get().(*time.Timer)
	if !ok {
		return time.NewTimer(a.timeout)
	}
	t.Reset(a.timeout)
	return t
}

// attempt tries a call again whose ops did not end in time.
func (a *answerer) attempt(ctx context.Context, c *call) (result Result, err error) {
	for range a.attempts {
		result, err = a.plan.Call(ctx, &c.Call)
		if err == nil {
			return result, nil
		}
		var failure *Failure
		if !errors.As(err, &failure) || failure.No != Timeout {
			break
		}
	}
	return nil, err
}
