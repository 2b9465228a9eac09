package graph

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/ops"
)

// Plan is a compiled graph. Make one with [Compile].
type Plan struct {
	name string
	// parallel is set where there is anything to run at once.
	parallel bool
	log      *slog.Logger
	// nodes in an order of execution; the last is the end.
	nodes []node
	// models is the number of nodes with a model.
	models int
	// gives is what the reply's outputs are chosen from, one entry for each node that
	// they come from; nil where that is not known before the ops have run.
	gives []*engine.Signature
	// trace is nil where nobody asked; numbers counts the requests for it.
	trace   *trace.Recorder
	numbers atomic.Int64
	// idle holds *run values.
	idle sync.Pool
}

type node struct {
	name  string
	op    ops.Op
	model bool
	// depends are the positions of the nodes that this one depends on, next of those
	// that depend on it.
	depends, next []int
}

// Compile makes the ops of a graph and checks what passes between them. It reports
// every fault.
func Compile(s Spec) (*Plan, error) {
	depends, faults := s.order()
	if len(faults) > 0 {
		return nil, s.join(faults)
	}
	p := &Plan{name: s.Name, log: s.Logger, trace: s.Trace}
	if p.log == nil {
		p.log = slog.Default()
	}
	var sorted []int
	for _, stage := range stages(depends) {
		sorted = append(sorted, stage...)
		p.parallel = p.parallel || s.Parallel && len(stage) > 1
	}
	position := make([]int, len(sorted))
	for at, i := range sorted {
		position[i] = at
	}
	var first, last ops.Model
	for _, i := range sorted {
		if m := s.Nodes[i].Model; m != nil {
			if first == nil {
				first = m
			}
			last = m
			p.models++
		}
	}
	p.nodes = make([]node, len(sorted))
	// From the end, so that a reader can know what the ops behind it take.
	for at, i := range slices.Backward(sorted) {
		spec, n := s.Nodes[i], &p.nodes[at]
		slices.Sort(n.next)
		n.name, n.model, n.op = spec.Name, spec.Model != nil, spec.Op
		for _, d := range depends[i] {
			n.depends = append(n.depends, position[d])
			p.nodes[position[d]].next = append(p.nodes[position[d]].next, at)
		}
		if n.op != nil {
			continue
		}
		var err error
		if n.op, err = ops.New(spec.Type, ops.Config{
			Node: spec.Name, Depends: s.names(depends[i]), Model: spec.Model, First: first, Last: last, Behind: p.behind(n),
		}); err != nil {
			faults = append(faults, err)
		}
	}
	slices.Reverse(faults)
	faults = append(faults, p.checkSignatures()...)
	if len(faults) > 0 {
		return nil, s.join(faults)
	}
	if end := s.Nodes[sorted[len(sorted)-1]]; end.Type == ops.GeneralResponse {
		p.gives = p.givers()
	}
	p.idle.New = func() any { return p.newRun() }
	return p, nil
}

// behind are the ops of the nodes that depend on one.
func (p *Plan) behind(n *node) []ops.Op {
	var out []ops.Op
	for _, i := range n.next {
		if op := p.nodes[i].op; op != nil {
			out = append(out, op)
		}
	}
	return out
}
