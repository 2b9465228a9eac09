package graph

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/ops"
)

// run is the memory of one request on its way through a plan.
type run struct {
	// frames are all zero between requests.
	frames []ops.Frame
	// inputs are each frame's, which stay the same from request to request.
	inputs [][]*ops.Output
	// times are each node's start and end, in microseconds since the epoch.
	times []int64
	// routed says that a node chose among those behind it.
	routed atomic.Bool
	// track is where the request's spans are shown, where there is a trace.
	track int64
	// waits has, where nodes run at once, how many nodes each still waits for.
	waits []atomic.Int32
}

func (p *Plan) newRun() *run {
	r := &run{
		frames: make([]ops.Frame, len(p.nodes)),
		inputs: make([][]*ops.Output, len(p.nodes)),
		times:  make([]int64, 2*len(p.nodes)),
	}
	if p.parallel {
		r.waits = make([]atomic.Int32, len(p.nodes))
	}
	for i := range p.nodes {
		for _, d := range p.nodes[i].depends {
			r.inputs[i] = append(r.inputs[i], &r.frames[d].Output)
		}
	}
	return r
}

// Run takes a request through the graph. The reply shares no memory with the request,
// nor with later replies. An op's error ends the request and comes back as the op made
// it, with the node's name where several have a model; a panic becomes Internal. When
// ctx ends, nodes that have not begun do not.
func (p *Plan) Run(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	if err := p.checkWanted(req.Outputs); err != nil {
		return nil, err
	}
	r := p.take(req, nil)
	if err := p.run(ctx, r); err != nil {
		// The memory is not used again: an op that failed may still hold it.
		return nil, err
	}
	last := &r.frames[len(r.frames)-1]
	if last.Reply == nil {
		return nil, sampan.Errorf(sampan.Internal, "op %q made no reply", last.Node)
	}
	times := r.times
	if !req.Profile {
		times = times[len(times)-2:]
	}
	reply := detach(last.Reply, req, times)
	p.put(r)
	return reply, nil
}

// noRequest stands for the one that a pipeline's call does not have.
var noRequest sampan.Request

// Call takes a pipeline's call through the graph and returns what the last node gives,
// which belongs to the caller. Errors are as those of [Plan.Run].
func (p *Plan) Call(ctx context.Context, call *ops.Call) ([]ops.Value, error) {
	r := p.take(&noRequest, call)
	if err := p.run(ctx, r); err != nil {
		return nil, err
	}
	values := r.frames[len(r.frames)-1].Output.Values
	p.put(r)
	return values, nil
}

// take gives the memory for a request.
func (p *Plan) take(req *sampan.Request, call *ops.Call) *run {
	r := p.idle.Get().(*run)
	for i := range r.frames {
		f := &r.frames[i]
		f.Node, f.Request, f.Call, f.Inputs = p.nodes[i].name, req, call, r.inputs[i]
	}
	return r
}

// put keeps the memory of a request that has ended well.
func (p *Plan) put(r *run) {
	if r.routed.Load() {
		return
	}
	clear(r.frames)
	p.idle.Put(r)
}

func (p *Plan) run(ctx context.Context, r *run) error {
	if p.trace != nil {
		r.track = p.numbers.Add(1) * trace.Rows
		defer p.trace.Span("request", p.name, r.track, time.Now())
	}
	if p.parallel {
		return p.flow(ctx, r)
	}
	for i := range p.nodes {
		if err := p.step(ctx, r, i); err != nil {
			return err
		}
	}
	return nil
}

// step runs one node, unless no other goes on to it.
func (p *Plan) step(ctx context.Context, r *run, i int) (err error) {
	if ctx.Err() != nil {
		return sampan.ContextError(ctx)
	}
	n, f := &p.nodes[i], &r.frames[i]
	if r.routed.Load() && p.passedOver(r, i) {
		f.Output = ops.Output{Node: n.name, Skipped: true}
		if i == len(p.nodes)-1 {
			return sampan.Errorf(sampan.Internal, "no node goes on to %q, the last", n.name)
		}
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			p.log.ErrorContext(ctx, "an op panicked", "graph", p.name, "op", n.name, "panic", v, "stack", string(debug.Stack()))
			err = sampan.Errorf(sampan.Internal, "op %q failed: internal error", n.name)
		}
	}()
	// The clock takes longer than most of the rest here.
	timed := f.Request.Profile || i == len(p.nodes)-1
	if timed {
		r.times[2*i] = time.Now().UnixMicro()
	}
	var began time.Time
	if p.trace != nil {
		began = time.Now()
	}
	err = n.op.Run(ctx, f)
	if p.trace != nil {
		p.trace.Span("op", n.name, r.track+1+int64(i), began)
	}
	if timed {
		r.times[2*i+1] = time.Now().UnixMicro()
	}
	f.Output.Node = n.name
	if err != nil {
		return p.explain(ctx, n, err)
	}
	if f.Next != nil {
		return p.checkNext(r, n, f.Next)
	}
	return nil
}

// checkNext refuses names that are not those of nodes behind this one.
func (p *Plan) checkNext(r *run, n *node, next []string) error {
	r.routed.Store(true)
	for _, name := range next {
		if !slices.ContainsFunc(n.next, func(i int) bool { return p.nodes[i].name == name }) {
			return sampan.Errorf(sampan.Internal, "op %q goes on to %q, which does not depend on it", n.name, name)
		}
	}
	return nil
}

// passedOver marks those inputs of a node that do not go on to it, and reports whether
// that is all of them.
func (p *Plan) passedOver(r *run, i int) bool {
	n, f := &p.nodes[i], &r.frames[i]
	skipped := 0
	for j, d := range n.depends {
		from := &r.frames[d]
		if from.Output.Skipped || from.Next != nil && !slices.Contains(from.Next, n.name) {
			f.Inputs[j] = &ops.Output{Node: p.nodes[d].name, Skipped: true}
			skipped++
		}
	}
	return skipped > 0 && skipped == len(n.depends)
}

// explain gives an op's error what the caller needs to understand it.
func (p *Plan) explain(ctx context.Context, n *node, err error) error {
	var known *sampan.Error
	ours := errors.As(err, &known)
	if !ours && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return sampan.ContextError(ctx)
	}
	if p.models > 1 && n.model && !(ours && known.Op != "") {
		return &sampan.Error{Code: sampan.CodeOf(err), Op: n.name, Err: err}
	}
	return err
}
