package graph

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sampanml/sampan"
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
}

func (p *Plan) newRun() *run {
	r := &run{
		frames: make([]ops.Frame, len(p.nodes)),
		inputs: make([][]*ops.Output, len(p.nodes)),
		times:  make([]int64, 2*len(p.nodes)),
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
	r := p.idle.Get().(*run)
	for i := range r.frames {
		f := &r.frames[i]
		f.Node, f.Request, f.Inputs = p.nodes[i].name, req, r.inputs[i]
	}
	reply, err := p.run(ctx, r, req)
	if err != nil {
		// The memory is not used again: an op that failed may still hold it.
		return nil, err
	}
	clear(r.frames)
	p.idle.Put(r)
	return reply, nil
}

func (p *Plan) run(ctx context.Context, r *run, req *sampan.Request) (*sampan.Reply, error) {
	start := 0
	for _, end := range p.stages {
		if err := p.stage(ctx, r, start, end); err != nil {
			return nil, err
		}
		start = end
	}
	last := &r.frames[len(r.frames)-1]
	if last.Reply == nil {
		return nil, sampan.Errorf(sampan.Internal, "op %q made no reply", last.Node)
	}
	times := r.times
	if !req.Profile {
		times = times[len(times)-2:]
	}
	return detach(last.Reply, req, times), nil
}

// stage runs the nodes from start to end.
func (p *Plan) stage(ctx context.Context, r *run, start, end int) error {
	if p.parallel && end-start > 1 {
		return p.together(ctx, r, start, end)
	}
	for i := start; i < end; i++ {
		if err := p.step(ctx, r, i); err != nil {
			return err
		}
	}
	return nil
}

// together runs nodes at once and waits for them all. The first error stops the others.
func (p *Plan) together(ctx context.Context, r *run, start, end int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg    sync.WaitGroup
		once  sync.Once
		first error
	)
	for i := start; i < end; i++ {
		wg.Go(func() {
			if err := p.step(ctx, r, i); err != nil {
				once.Do(func() { first = err; cancel() })
			}
		})
	}
	wg.Wait()
	return first
}

// step runs one node.
func (p *Plan) step(ctx context.Context, r *run, i int) (err error) {
	if ctx.Err() != nil {
		return sampan.ContextError(ctx)
	}
	n, f := &p.nodes[i], &r.frames[i]
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
	err = n.op.Run(ctx, f)
	if timed {
		r.times[2*i+1] = time.Now().UnixMicro()
	}
	f.Output.Node = n.name
	if err != nil {
		return p.explain(ctx, n, err)
	}
	return nil
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
