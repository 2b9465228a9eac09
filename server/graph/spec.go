package graph

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/sampanml/sampan/internal/trace"
	"github.com/sampanml/sampan/ops"
)

// Source is the name of the node that every graph begins with without saying so. A
// dependency on it means none.
const Source = "startup_op"

// Spec describes a graph.
type Spec struct {
	// Name for messages, such as the workflow's.
	Name string
	// Parallel begins each node when those that it depends on have ended, instead of
	// running one after another.
	Parallel bool
	// Nodes in any order.
	Nodes []NodeSpec
	// Logger gets what a caller must not see, such as an op's panic; slog's default
	// if nil.
	Logger *slog.Logger
	// Trace gets a span for each request and for each of its nodes; nil gets none.
	Trace *trace.Recorder
}

// NodeSpec describes a node.
type NodeSpec struct {
	// Name is unique in the graph. Replies give it as the engine's name.
	Name string
	// Type is the registered type of its op.
	Type string
	// Op is used instead of one that Type names.
	Op ops.Op
	// Depends are the names of the nodes whose outputs it takes, in the order in which
	// it takes them.
	Depends []string
	// Model is what the op runs; nil for an op without a model.
	Model ops.Model
}

// Validate checks the graph's structure and reports every fault: missing and double
// names, dependencies on nodes that are not there, cycles, and more than one end. It
// looks at neither types nor models; [Compile] does.
func (s *Spec) Validate() error {
	_, faults := s.order()
	return s.join(faults)
}

func (s *Spec) join(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("graph %q: %w", s.Name, errors.Join(faults...))
}

// order returns, for each node, the positions of those that it depends on.
func (s *Spec) order() (depends [][]int, faults []error) {
	if len(s.Nodes) == 0 {
		return nil, []error{errors.New("there are no nodes")}
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	index := make(map[string]int, len(s.Nodes))
	for i, n := range s.Nodes {
		switch _, twice := index[n.Name]; {
		case n.Name == "":
			fault("node %d has no name", i)
		case n.Name == Source:
			fault("node %d: the name %q is that of the graph's source", i, n.Name)
		case twice:
			fault("two nodes have the name %q", n.Name)
		default:
			index[n.Name] = i
		}
		if n.Type == "" && n.Op == nil {
			fault("node %q has no type", n.Name)
		}
	}
	depends = make([][]int, len(s.Nodes))
	needed := make([]bool, len(s.Nodes))
	for i, n := range s.Nodes {
		for _, name := range n.Depends {
			d, known := index[name]
			switch {
			case name == Source:
			case !known:
				fault("node %q depends on %q, which is not there", n.Name, name)
			case slices.Contains(depends[i], d):
				fault("node %q depends on %q twice", n.Name, name)
			default:
				depends[i] = append(depends[i], d)
				needed[d] = true
			}
		}
	}
	for _, c := range cycles(depends) {
		fault("cycle: %s", strings.Join(s.names(append(c, c[0])), " -> "))
	}
	var ends []int
	for _, i := range index {
		if !needed[i] {
			ends = append(ends, i)
		}
	}
	if slices.Sort(ends); len(ends) > 1 {
		fault("%s ends: %s; want one node that no other depends on", count(len(ends)), strings.Join(s.names(ends), ", "))
	}
	return depends, faults
}

func (s *Spec) names(nodes []int) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = s.Nodes[n].Name
	}
	return names
}

func count(n int) string {
	if n == 2 {
		return "two"
	}
	return fmt.Sprint(n)
}
