package paddle

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// graph is the ONNX graph as it grows.
//
// Paddle's variables may be written several times, ONNX's values once: the last write
// gets the variable's name and those before it names of their own.
type graph struct {
	program *program
	params  map[string]parameter

	nodes        []*onnx.NodeProto
	initializers []*onnx.TensorProto
	// constants has the initialisers by name.
	constants map[string]*onnx.TensorProto
	feeds     []port
	fetches   []port
	// fed and fetched are the variables in them.
	fed, fetched map[string]bool

	// values has the ONNX value that each Paddle variable holds now.
	values map[string]string
	// lods has the LoD of the values of variables that have one.
	lods map[string][]string
	// writes counts the writes to each variable: all of them, and those to come.
	writes, toCome map[string]int
	// taken are the names that a new value cannot have.
	taken map[string]bool
	fresh int
}

// buildGraph translates the main block.
func buildGraph(p *program, params map[string]parameter) (*graph, error) {
	g := &graph{
		program:   p,
		params:    params,
		values:    map[string]string{},
		lods:      map[string][]string{},
		constants: map[string]*onnx.TensorProto{},
		writes:    map[string]int{},
		toCome:    map[string]int{},
		taken:     map[string]bool{},
		fed:       map[string]bool{},
		fetched:   map[string]bool{},
	}
	for name := range p.vars {
		g.taken[name] = true
	}
	for _, op := range p.main().Ops {
		for _, binding := range slices.Concat(op.Inputs, op.Outputs) {
			for _, name := range binding.Arguments {
				g.taken[name] = true
			}
		}
		for _, binding := range op.Outputs {
			for _, name := range binding.Arguments {
				g.writes[name]++
				g.toCome[name]++
			}
		}
	}
	for i, desc := range p.main().Ops {
		o := newOp(g, desc)
		switch desc.GetType() {
		case "feed":
			o.feed()
		case "fetch":
			o.fetch()
		default:
			operators[desc.GetType()].translate(o)
			o.shareLoD()
		}
		if o.err != nil {
			return nil, sampan.Errorf(o.code, "%s: operator %d (%s): %w", p.file, i, p.origin(desc), o.err)
		}
	}
	err := cmp.Or(sortPorts("feed", g.feeds), sortPorts("fetch", g.fetches))
	if err == nil && len(g.fetches) == 0 {
		err = fmt.Errorf("nothing is fetched, want an inference program")
	}
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", p.file, err)
	}
	return g, nil
}

// name makes a name that nothing has.
func (g *graph) name(hint string) string {
	for {
		g.fresh++
		name := fmt.Sprintf("%s.%d", hint, g.fresh)
		if !g.taken[name] {
			g.taken[name] = true
			return name
		}
	}
}

// read returns the value that a variable holds: what an operator has written, or a
// parameter, which becomes an initialiser when it is first read.
func (g *graph) read(variable string) (string, bool) {
	if name, ok := g.values[variable]; ok {
		return name, true
	}
	p, ok := g.params[variable]
	if !ok {
		return "", false
	}
	name := variable
	if g.writes[variable] > 0 {
		name = g.name(variable)
	}
	g.initializer(name, p.dtype, p.shape, p.data)
	g.values[variable] = name
	return name, true
}

// written returns the name of the value that the next write to a variable makes.
func (g *graph) written(variable string) string {
	name := variable
	if g.toCome[variable] > 1 || g.fed[variable] {
		name = g.name(variable)
	}
	g.toCome[variable]--
	g.values[variable] = name
	return name
}

// declared returns what the program says of a variable's tensor.
func (g *graph) declared(variable string) *paddle.VarType_LoDTensorDesc {
	v := g.program.vars[variable]
	if v == nil || v.GetType().GetType() != paddle.VarType_DENSE_TENSOR {
		return nil
	}
	return v.GetType().GetLodTensor()
}

// describe returns the dtype and shape of a variable's value. A nil shape is not
// known: that of a variable written several times is declared for one of its values
// only, and before Paddle 2.5 a tensor without dimensions could not be.
func (g *graph) describe(variable string) (sampan.DType, sampan.Shape) {
	if p, ok := g.params[variable]; ok && g.writes[variable] == 0 {
		return p.dtype, append(sampan.Shape{}, p.shape...)
	}
	desc := g.declared(variable).GetTensor()
	if desc == nil {
		return sampan.Invalid, nil
	}
	dtype := dtypes[desc.GetDataType()]
	if g.writes[variable] > 1 || g.params[variable].dtype.Valid() || len(desc.Dims) == 0 && !g.program.scalars() {
		return dtype, nil
	}
	return dtype, append(sampan.Shape{}, desc.Dims...)
}

// constant adds an initialiser.
func (g *graph) constant(dtype sampan.DType, shape sampan.Shape, data []byte) string {
	name := g.name("constant")
	g.initializer(name, dtype, shape, data)
	return name
}

func (g *graph) initializer(name string, dtype sampan.DType, shape sampan.Shape, data []byte) {
	t := &onnx.TensorProto{Name: name, Dims: shape, DataType: int32(dtype), RawData: data}
	g.initializers = append(g.initializers, t)
	g.constants[name] = t
}

// integers adds a list of integers as an initialiser.
func (g *graph) integers(values ...int64) string {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	return g.constant(sampan.Int64, sampan.Shape{int64(len(values))}, data)
}
