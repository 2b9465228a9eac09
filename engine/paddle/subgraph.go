package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// subgraph makes the graph that an If, Loop or Scan holds: build adds its nodes, which
// may read everything that is known outside, and returns its outputs, which its nodes
// have made.
func (o *op) subgraph(inputs []*onnx.ValueInfoProto, build func() []string) *onnx.GraphProto {
	outside := o.nodes
	o.nodes = nil
	outputs := build()
	out := &onnx.GraphProto{Name: o.name("block"), Node: o.nodes, Input: inputs}
	o.nodes = outside
	for _, name := range outputs {
		out.Output = append(out.Output, &onnx.ValueInfoProto{Name: name})
	}
	return out
}

// argument declares an input of a subgraph, of any shape.
func (o *op) argument(hint string, dtype sampan.DType) *onnx.ValueInfoProto {
	return &onnx.ValueInfoProto{Name: o.name(hint), Type: &onnx.TypeProto{Value: &onnx.TypeProto_TensorType{
		TensorType: &onnx.TypeProto_Tensor{ElemType: int32(dtype)},
	}}}
}

// numberArgument declares an input of a subgraph without dimensions.
func (o *op) numberArgument(hint string, dtype sampan.DType) *onnx.ValueInfoProto {
	out := o.argument(hint, dtype)
	out.Type.GetTensorType().Shape = &onnx.TensorShapeProto{}
	return out
}

// nodeN adds a node with several outputs and returns the values it makes.
func (o *op) nodeN(opType string, n int, inputs []string, attrs ...*onnx.AttributeProto) []string {
	out := make([]string, n)
	first := o.node(opType, inputs, attrs...)
	if o.err != nil {
		return out
	}
	out[0] = first
	for i := 1; i < n; i++ {
		out[i] = o.name(o.desc.GetType())
		o.own[out[i]] = true
	}
	o.nodes[len(o.nodes)-1].Output = out
	return append([]string(nil), out...)
}

func attrGraph(name string, g *onnx.GraphProto) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, Type: onnx.AttributeProto_GRAPH, G: g}
}

func attrText(name, v string) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, Type: onnx.AttributeProto_STRING, S: []byte(v)}
}

func attrTexts(name string, values ...string) *onnx.AttributeProto {
	a := &onnx.AttributeProto{Name: name, Type: onnx.AttributeProto_STRINGS}
	for _, v := range values {
		a.Strings = append(a.Strings, []byte(v))
	}
	return a
}
