package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/ops"
)

// node runs a step in the graph. It implements [ops.Op].
type node struct {
	name  string
	step  Step
	model model
	// places bounds the runs of a step's own Process, those that were left behind
	// included, or those of a model elsewhere; nil for other models, which have the
	// engine's bounds.
	places chan struct{}
	// timeout is that of one attempt; 0 is none.
	timeout  time.Duration
	attempts int
	meter    *opMeter
	log      *slog.Logger
	// trace is nil where nobody asked for one; row is the op's among a call's.
	trace *trace.Recorder
	row   int64
}

// model is what a node runs: one of the engine's, or one behind a network.
type model interface {
	// check refuses a feed that the model does not take, by the names in it.
	check(run []sampan.Named) error
	// inputs are the names that a feed has to have; nil where only the other side knows.
	inputs() []string
	// outputs are the names that run gives; nil where only the other side knows.
	outputs() []string
	// run gives the arrays under the names that fetch_list wants.
	run(ctx context.Context, feed []sampan.Named) ([]sampan.Named, error)
}

// Run implements [ops.Op].
func (n *node) Run(ctx context.Context, f *ops.Frame) error {
	if n.trace != nil {
		defer n.trace.Span("op", n.name, n.track(f.Call.Own.(*call)), time.Now())
	}
	in, call := Inputs{f, n.model}, f.Call.Own.(*call)
	n.meter.inside.Add(1)
	defer n.meter.inside.Add(-1)
	began := metrics.Now()
	feed, err := n.preprocess(ctx, in)
	prepared := metrics.Now()
	if err != nil {
		n.meter.failures.Add(1)
		return err
	}
	processing := n.started()
	fetch, err := n.process(ctx, call, feed)
	n.traced(phases[1], in, processing)
	fetch.Keep = feed.Keep
	processed := metrics.Now()
	if err != nil {
		n.meter.failures.Add(1)
		return err
	}
	f.Output.Values, err = n.postprocess(ctx, in, fetch)
	if router, ok := n.step.(Router); ok && err == nil {
		f.Next, err = n.next(ctx, router, in, f.Output.Values)
	}
	n.meter.done(call, began, prepared, processed, metrics.Now(), err)
	return err
}

// track is where an op's spans of a call are shown.
func (n *node) track(c *call) int64 { return c.number*trace.Rows + n.row }

// traced records a part of the op.
func (n *node) traced(phase string, in Inputs, began time.Time) {
	if n.trace != nil {
		n.trace.Span("op", n.name+" "+phase, n.track(in.frame.Call.Own.(*call)), began)
	}
}

// started is the time, where anybody wants it.
func (n *node) started() (t time.Time) {
	if n.trace != nil {
		t = time.Now()
	}
	return t
}

func (n *node) preprocess(ctx context.Context, in Inputs) (feed Feed, err error) {
	defer n.traced(phases[0], in, n.started())
	defer n.caught(ctx, "preprocess", in, &err)
	return n.step.Preprocess(ctx, in)
}

func (n *node) postprocess(ctx context.Context, in Inputs, out Fetch) (result Result, err error) {
	defer n.traced(phases[2], in, n.started())
	defer n.caught(ctx, "postprocess", in, &err)
	return n.step.Postprocess(ctx, in, out)
}

func (n *node) next(ctx context.Context, r Router, in Inputs, result Result) (next []string, err error) {
	defer n.caught(ctx, "postprocess", in, &err)
	return r.Next(ctx, in, result)
}

// caught gives what a hook failed with, or panicked with, the form that callers know.
func (n *node) caught(ctx context.Context, hook string, in Inputs, err *error) {
	if p := recover(); p != nil {
		n.panicked(hook, p)
		*err = hookFailed(hook, in.LogID(), errPanic)
		return
	}
	if *err != nil {
		*err = hookError(ctx, hook, in, *err)
	}
}

func hookError(ctx context.Context, hook string, in Inputs, err error) error {
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		return failure
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || transport(err)):
		return sampan.ContextError(ctx)
	}
	return hookFailed(hook, in.LogID(), err)
}

// errPanic is what callers learn of a panic.
var errPanic = errors.New("internal error")

func (n *node) panicked(hook string, p any) {
	n.log.Error("an op panicked", "op", n.name, "hook", hook, "panic", p, "stack", string(debug.Stack()))
}

// process runs the model, or what the step has in its place, as often as it may.
func (n *node) process(ctx context.Context, call *call, feed Feed) (Fetch, error) {
	processor, own := n.step.(Processor)
	switch {
	case feed.Skip:
		return Fetch{Runs: feed.Runs, Skipped: true}, nil
	case own:
		return n.attempt(ctx, call, func(ctx context.Context) (Fetch, error) { return n.alongside(ctx, processor, feed) })
	case n.model == nil:
		return Fetch{Runs: feed.Runs}, nil
	}
	for _, run := range feed.Runs {
		if err := n.model.check(run); err != nil {
			return Fetch{}, wrongFeed(n.name, call.number, err)
		}
	}
	if n.timeout == 0 && len(feed.Runs) == 1 {
		return n.single(ctx, call, feed.Runs[0])
	}
	return n.attempt(ctx, call, func(ctx context.Context) (Fetch, error) { return n.runs(ctx, feed.Runs) })
}

// single is the usual case: one run, once.
func (n *node) single(ctx context.Context, call *call, run []sampan.Named) (Fetch, error) {
	outputs, err := n.once(ctx, run)
	if err != nil {
		return Fetch{}, n.runError(ctx, call, err)
	}
	return Fetch{Runs: [][]sampan.Named{outputs}}, nil
}

// once runs the model. What panics in it does not end the process, on whichever goroutine.
func (n *node) once(ctx context.Context, run []sampan.Named) (outputs []sampan.Named, err error) {
	defer func() {
		if v := recover(); v != nil {
			n.panicked("process", v)
			err = errPanic
		}
	}()
	if n.places != nil {
		if err := n.enter(ctx); err != nil {
			return nil, err
		}
		defer n.leave()
	}
	return n.model.run(ctx, run)
}

// enter takes one of the op's places.
func (n *node) enter(ctx context.Context) error {
	select {
	case n.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return sampan.ContextError(ctx)
	}
}

func (n *node) leave() { <-n.places }

// attempt tries until work ends in time, n.attempts times at most.
func (n *node) attempt(ctx context.Context, call *call, work func(context.Context) (Fetch, error)) (Fetch, error) {
	for range n.attempts {
		within, cancel := ctx, func() {}
		if n.timeout > 0 {
			within, cancel = deadline.WithTimeout(ctx, n.timeout)
		}
		fetch, err := work(within)
		late := err != nil && within.Err() != nil
		cancel()
		switch {
		case err == nil:
			return fetch, nil
		case ctx.Err() != nil:
			return Fetch{}, sampan.ContextError(ctx)
		case !late:
			return Fetch{}, n.runError(ctx, call, err)
		}
	}
	return Fetch{}, processFailed(Timeout, n.name, mark(call), call.number, errLate)
}

// errLate is what callers learn of an op that did not end in time.
var errLate = sampan.Errorf(sampan.DeadlineExceeded, "exceeded retry count.")

// runs runs the model on each feed at once, so that the engine can merge them. The first
// error stops the others.
func (n *node) runs(ctx context.Context, feeds [][]sampan.Named) (Fetch, error) {
	fetch := Fetch{Runs: make([][]sampan.Named, len(feeds))}
	if len(feeds) == 1 {
		var err error
		fetch.Runs[0], err = n.once(ctx, feeds[0])
		return fetch, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		workers sync.WaitGroup
		once    sync.Once
		first   error
		places  = make(chan struct{}, atOnce)
	)
	for i := range feeds {
		places <- struct{}{}
		workers.Go(func() {
			defer func() { <-places }()
			outputs, err := n.once(ctx, feeds[i])
			if err != nil {
				once.Do(func() { first = err; cancel() })
			}
			fetch.Runs[i] = outputs
		})
	}
	workers.Wait()
	return fetch, first
}

// atOnce is how many runs of one call wait for the model at the same time: more than any
// processor runs, enough to fill a batch.
const atOnce = 64

// alongside runs a step's own Process where it can be left behind: in a goroutine that
// holds one of the op's places until it returns.
func (n *node) alongside(ctx context.Context, p Processor, feed Feed) (Fetch, error) {
	if err := n.enter(ctx); err != nil {
		return Fetch{}, err
	}
	type outcome struct {
		fetch Fetch
		err   error
	}
	ended := make(chan outcome, 1)
	go func() {
		fetch, err := n.own(ctx, p, feed)
		ended <- outcome{fetch, err}
	}()
	select {
	case o := <-ended:
		return o.fetch, o.err
	case <-ctx.Done():
		return Fetch{}, sampan.ContextError(ctx)
	}
}

func (n *node) own(ctx context.Context, p Processor, feed Feed) (fetch Fetch, err error) {
	defer func() {
		if v := recover(); v != nil {
			n.panicked("process", v)
			err = errPanic
		}
		n.leave()
	}()
	return p.Process(ctx, feed)
}

// runError gives what a run failed with the form that callers know.
func (n *node) runError(ctx context.Context, call *call, err error) error {
	var failure *Failure
	switch {
	case ctx.Err() != nil:
		return sampan.ContextError(ctx)
	case errors.As(err, &failure):
		return failure
	case sampan.CodeOf(err) == sampan.ResourceExhausted:
		return processFailed(QueueFull, n.name, mark(call), call.number, err)
	case n.model != nil:
		return processFailed(Unknown, n.name, fmt.Sprintf("data_id=%d %s", call.number, mark(call)), call.number, err)
	}
	return processFailed(Unknown, n.name, mark(call), call.number, err)
}

// mark names a call in messages; the original has its own number in the place of the
// caller's.
func mark(call *call) string { return fmt.Sprintf("log_id=%d", call.number) }
