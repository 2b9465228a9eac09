package paddle

import (
	"slices"

	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// prune leaves out the nodes and initialisers of which no output of the graph is made:
// what training needed, and numbers that have become attributes.
func prune(g *onnx.GraphProto) {
	needed := map[string]bool{}
	for _, v := range g.Output {
		needed[v.Name] = true
	}
	var kept []*onnx.NodeProto
	for _, n := range slices.Backward(g.Node) {
		if !slices.ContainsFunc(n.Output, func(name string) bool { return needed[name] }) {
			continue
		}
		reads(n, needed)
		kept = append(kept, n)
	}
	slices.Reverse(kept)
	g.Node = kept
	g.Initializer = slices.DeleteFunc(g.Initializer, func(t *onnx.TensorProto) bool { return !needed[t.Name] })
}

// reads adds the names of the values that a node reads, and those in its sub-graphs,
// which see the values around them.
func reads(n *onnx.NodeProto, into map[string]bool) {
	for _, name := range n.Input {
		into[name] = true
	}
	for _, a := range n.Attribute {
		for _, sub := range append(a.Graphs, a.G) {
			for _, inner := range sub.GetNode() {
				reads(inner, into)
			}
			for _, v := range sub.GetOutput() {
				into[v.Name] = true
			}
		}
	}
}
