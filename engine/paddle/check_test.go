package paddle

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// checkModel reads an ONNX model and checks that it is well formed, as ONNX's IR
// specification has it.
func checkModel(t testing.TB, model []byte) *onnx.ModelProto {
	t.Helper()
	var m onnx.ModelProto
	if err := proto.Unmarshal(model, &m); err != nil {
		t.Fatal(err)
	}
	c := checker{nodes: map[string]bool{}}
	if m.IrVersion != irVersion || len(m.OpsetImport) != 1 || m.OpsetImport[0].Version != opset || m.OpsetImport[0].Domain != "" {
		c.fail("IR version %d with operator sets %v", m.IrVersion, m.OpsetImport)
	}
	for _, v := range slices.Concat(m.Graph.GetInput(), m.Graph.GetOutput()) {
		if d := sampan.DType(v.GetType().GetTensorType().GetElemType()); !d.Valid() {
			c.fail("%q has element type %d", v.Name, d)
		}
	}
	for _, v := range m.Graph.GetInput() {
		if v.GetType().GetTensorType().GetShape() == nil {
			c.fail("input %q has no shape", v.Name)
		}
	}
	read := c.graph(m.Graph, nil)
	for _, i := range m.Graph.GetInitializer() {
		if !read[i.Name] {
			c.fail("initialiser %q is not used", i.Name)
		}
	}
	for _, fault := range c.faults {
		t.Error(fault)
	}
	return &m
}

// checker collects the faults of a model.
type checker struct {
	// nodes are the names of all nodes.
	nodes  map[string]bool
	faults []string
}

func (c *checker) fail(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// graph checks that every name is made once, before it is read. A sub-graph sees the
// values made around it and may not make them again. It returns what is read.
func (c *checker) graph(g *onnx.GraphProto, around []map[string]bool) (read map[string]bool) {
	made := map[string]bool{}
	scopes := append(slices.Clone(around), made)
	read = map[string]bool{}
	add := func(name string) {
		if name == "" || seen(scopes, name) {
			c.fail("value %q is made twice", name)
		}
		made[name] = true
	}
	use := func(what, name string) {
		if !seen(scopes, name) {
			c.fail("%s reads %q before it is made", what, name)
		}
		read[name] = true
	}
	for _, v := range g.GetInput() {
		add(v.Name)
	}
	for _, t := range g.GetInitializer() {
		add(t.Name)
		c.tensor(t)
	}
	for _, n := range g.GetNode() {
		if n.OpType == "" || n.Domain != "" || n.Name == "" || c.nodes[n.Name] {
			c.fail("node %q of type %q in domain %q", n.Name, n.OpType, n.Domain)
		}
		c.nodes[n.Name] = true
		for i, name := range n.Input {
			if name != "" {
				use("node "+n.Name, name)
			} else if i == len(n.Input)-1 {
				c.fail("node %s ends its inputs with one that is not there", n.Name)
			}
		}
		for _, a := range n.Attribute {
			c.attribute(n, a, scopes, read)
		}
		for _, name := range n.Output {
			if name != "" {
				add(name)
			}
		}
	}
	if len(g.GetOutput()) == 0 {
		c.fail("graph %q has no outputs", g.GetName())
	}
	outputs := map[string]bool{}
	for _, v := range g.GetOutput() {
		use("an output", v.Name)
		if outputs[v.Name] {
			c.fail("output %q is there twice", v.Name)
		}
		outputs[v.Name] = true
	}
	return read
}

func seen(scopes []map[string]bool, name string) bool {
	return slices.ContainsFunc(scopes, func(made map[string]bool) bool { return made[name] })
}

// tensor checks that the data fit the shape.
func (c *checker) tensor(t *onnx.TensorProto) {
	d, shape := sampan.DType(t.DataType), sampan.Shape(t.Dims)
	n, ok := shape.Elements()
	size, fits := d.Size(n)
	if !d.Valid() || !ok || !fits || size != len(t.RawData) {
		c.fail("tensor %q: %d bytes for %s %v", t.Name, len(t.RawData), d, shape)
	}
}

// attribute checks that an attribute has a name of its own and a value of its type.
func (c *checker) attribute(n *onnx.NodeProto, a *onnx.AttributeProto, scopes []map[string]bool, read map[string]bool) {
	same := 0
	for _, b := range n.Attribute {
		if b.Name == a.Name {
			same++
		}
	}
	types := []struct {
		set  bool
		kind onnx.AttributeProto_AttributeType
	}{
		{a.I != 0, onnx.AttributeProto_INT},
		{a.F != 0, onnx.AttributeProto_FLOAT},
		{len(a.S) > 0, onnx.AttributeProto_STRING},
		{a.T != nil, onnx.AttributeProto_TENSOR},
		{a.G != nil, onnx.AttributeProto_GRAPH},
		{len(a.Ints) > 0, onnx.AttributeProto_INTS},
		{len(a.Floats) > 0, onnx.AttributeProto_FLOATS},
		{len(a.Strings) > 0, onnx.AttributeProto_STRINGS},
	}
	wrong := a.Type == onnx.AttributeProto_UNDEFINED
	for _, t := range types {
		wrong = wrong || t.set && t.kind != a.Type
	}
	if a.Name == "" || same != 1 || wrong {
		c.fail("node %s: attribute %q of type %s", n.Name, a.Name, a.Type)
	}
	if a.T != nil {
		c.tensor(a.T)
	}
	if a.G != nil {
		for name := range c.graph(a.G, scopes) {
			read[name] = true
		}
	}
}
