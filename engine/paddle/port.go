package paddle

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// batch is the name of the first size of feeds and fetches where it is not fixed.
const batch = "batch"

// port is a feed or fetch: a variable, its place in the list, and the names of the
// inputs or outputs with its LoD.
type port struct {
	column   int64
	variable string
	lod      []string
}

// sortPorts brings feeds or fetches into their order.
func sortPorts(what string, ports []port) error {
	slices.SortStableFunc(ports, func(a, b port) int { return cmp.Compare(a.column, b.column) })
	for i := 1; i < len(ports); i++ {
		if a, b := ports[i-1], ports[i]; a.column == b.column {
			return fmt.Errorf("%q and %q are both %s %d", a.variable, b.variable, what, a.column)
		}
	}
	return nil
}

// feed makes an input of the graph.
func (o *op) feed() {
	column, name := o.attrs.integer("col", 0), o.target("Out")
	if o.err != nil {
		return
	}
	if _, ok := o.values[name]; ok {
		o.fail("%q is written before it is fed", name)
		return
	}
	if _, ok := o.params[name]; ok {
		o.fail("%q is fed but is a parameter", name)
		return
	}
	o.checkPort(name)
	dims := sampan.Shape(o.declared(name).GetTensor().GetDims())
	if slices.ContainsFunc(dims, func(d int64) bool { return d < -1 }) {
		o.fail("%q has shape %v", name, dims)
	}
	o.wrote(name)
	o.values[name] = name
	o.fed[name] = true
	levels := o.feedLoD(name)
	if len(levels) > 0 {
		o.lods[name] = levels
	}
	o.feeds = append(o.feeds, port{column, name, levels})
}

// fetch makes an output of the graph.
func (o *op) fetch() {
	column, x := o.attrs.integer("col", 0), o.input("X")
	if o.err != nil {
		return
	}
	if o.fetched[x.variable] {
		o.fail("%q is fetched twice", x.variable)
	}
	if _, ok := o.constants[x.name]; ok && x.name != x.variable {
		o.nodes = append(o.nodes, &onnx.NodeProto{
			Name: o.name("fetch"), OpType: "Identity", Input: []string{x.name}, Output: []string{x.variable},
		})
		x.name = x.variable
	}
	switch _, isParam := o.params[x.variable]; {
	case o.fed[x.variable] || isParam && o.writes[x.variable] == 0:
		o.failCode(sampan.Unimplemented, "%q is fetched as it is fed or stored; want a computed variable", x.variable)
	case x.name != x.variable:
		o.failCode(sampan.Unimplemented, "%q is fetched and then written again", x.variable)
	}
	o.checkPort(x.variable)
	o.fetched[x.variable] = true
	o.fetches = append(o.fetches, port{column, x.variable, o.fetchLoD(x)})
}

// checkPort checks that a variable is a tensor of a type that ONNX has.
func (o *op) checkPort(variable string) {
	v := o.vars[variable]
	desc := o.declared(variable).GetTensor()
	switch {
	case v == nil:
		o.fail("%q is not declared", variable)
	case v.GetType().GetType() != paddle.VarType_DENSE_TENSOR:
		o.failCode(sampan.Unimplemented, "%q is a %s, want a tensor", variable, v.GetType().GetType())
	case desc == nil:
		o.fail("%q is declared without dtype and shape", variable)
	case !dtypes[desc.GetDataType()].Valid():
		o.failCode(sampan.Unimplemented, "%q has element type %s, which is not supported", variable, desc.GetDataType())
	}
}

// proto returns the finished graph.
func (g *graph) proto() *onnx.GraphProto {
	out := &onnx.GraphProto{Name: "paddle", Node: g.nodes, Initializer: g.initializers}
	batched := false
	for _, p := range g.feeds {
		info := g.inputInfo(p)
		batched = batched || hasBatch(info)
		out.Input = append(out.Input, info)
		for _, name := range p.lod {
			out.Input = append(out.Input, lodInfo(name, name+"_0"))
		}
	}
	for _, p := range g.fetches {
		out.Output = append(out.Output, g.outputInfo(p, batched))
		for _, name := range p.lod {
			out.Output = append(out.Output, lodInfo(name, ""))
		}
	}
	prune(out)
	return out
}

// inputInfo declares an input. Sizes that are not fixed have names: the first is the
// batch, which the inputs share, unless the rows are divided into sequences.
func (g *graph) inputInfo(p port) *onnx.ValueInfoProto {
	desc := g.declared(p.variable)
	shape := &onnx.TensorShapeProto{}
	for i, d := range desc.GetTensor().GetDims() {
		name := fmt.Sprintf("%s_%d", p.variable, i)
		if i == 0 && desc.GetLodLevel() == 0 {
			name = batch
		}
		shape.Dim = append(shape.Dim, dimension(d, name))
	}
	return valueInfo(p.variable, dtypes[desc.GetTensor().GetDataType()], shape)
}

// outputInfo declares an output. Sizes that are not fixed are left to the runtime,
// which infers more of them than the program says, except for the batch. A shape
// without dimensions is left to it altogether: before Paddle 2.5 it meant nothing.
func (g *graph) outputInfo(p port, batched bool) *onnx.ValueInfoProto {
	desc := g.declared(p.variable)
	dtype, _ := g.describe(p.variable)
	dims := g.withoutLoose(p.variable, slices.Clone(desc.GetTensor().GetDims()))
	if len(dims) == 0 || g.doubted[p.variable] {
		return valueInfo(p.variable, dtype, nil)
	}
	shape := &onnx.TensorShapeProto{}
	for i, d := range dims {
		name := ""
		if i == 0 && batched && len(p.lod) == 0 && desc.GetLodLevel() == 0 {
			name = batch
		}
		shape.Dim = append(shape.Dim, dimension(d, name))
	}
	return valueInfo(p.variable, dtype, shape)
}

func valueInfo(name string, dtype sampan.DType, shape *onnx.TensorShapeProto) *onnx.ValueInfoProto {
	return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{Value: &onnx.TypeProto_TensorType{
		TensorType: &onnx.TypeProto_Tensor{ElemType: int32(dtype), Shape: shape},
	}}}
}

// dimension is a fixed size or, where d is -1, a named one, or an unknown one.
func dimension(d int64, name string) *onnx.TensorShapeProto_Dimension {
	switch {
	case d >= 0:
		return &onnx.TensorShapeProto_Dimension{Value: &onnx.TensorShapeProto_Dimension_DimValue{DimValue: d}}
	case name != "":
		return &onnx.TensorShapeProto_Dimension{Value: &onnx.TensorShapeProto_Dimension_DimParam{DimParam: name}}
	}
	return &onnx.TensorShapeProto_Dimension{}
}

func hasBatch(info *onnx.ValueInfoProto) bool {
	dims := info.GetType().GetTensorType().GetShape().GetDim()
	return len(dims) > 0 && dims[0].GetDimParam() == batch
}
