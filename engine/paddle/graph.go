package paddle

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
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
	// doubted are the variables whose declared shape is wrong.
	doubted map[string]bool
	// dtypes has the element types of values that have others than are declared.
	dtypes map[string]sampan.DType
	// loose has the sizes that variables are declared with though they are bounds.
	loose map[string][]int64
	// writes counts the writes to each variable: all of them, and those to come.
	writes, toCome map[string]int
	// vars are the variables that the block under translation can see.
	vars map[string]*paddle.VarDesc
	// shared are the variables of the main block that sub-blocks write.
	shared map[string]bool
	// stored has the names of the initialisers that hold parameters.
	stored map[string]string
	// made are the names of the values that variables hold or have held.
	made map[string]bool
	// taken are the names that a new value cannot have.
	taken map[string]bool
	fresh int

	// entered are the sub-blocks that have been translated, depth is how many are under
	// translation, yielded what the last operator, a yield, has yielded.
	entered map[int32]bool
	depth   int
	yielded []string
}

// buildGraph translates the main block.
func buildGraph(p *program, params map[string]parameter) (*graph, error) {
	g := &graph{
		program:   p,
		params:    params,
		values:    map[string]string{},
		lods:      map[string][]string{},
		doubted:   map[string]bool{},
		dtypes:    map[string]sampan.DType{},
		loose:     map[string][]int64{},
		constants: map[string]*onnx.TensorProto{},
		writes:    map[string]int{},
		toCome:    map[string]int{},
		taken:     map[string]bool{},
		fed:       map[string]bool{},
		fetched:   map[string]bool{},
		vars:      maps.Clone(p.vars),
		shared:    map[string]bool{},
		stored:    map[string]string{},
		made:      map[string]bool{},
		entered:   map[int32]bool{},
	}
	g.countWrites()
	if err := g.translate(p.main().Ops); err != nil {
		return nil, fmt.Errorf("%s: %w", p.file, err)
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

// countWrites fills writes, toCome, shared and taken.
func (g *graph) countWrites() {
	for name := range g.vars {
		g.taken[name] = true
	}
	for i, b := range g.program.blocks {
		own := map[string]bool{}
		for _, name := range declaredIn(b) {
			own[name], g.taken[name] = true, true
		}
		for _, op := range b.Ops {
			for _, binding := range slices.Concat(op.Inputs, op.Outputs) {
				for _, name := range binding.Arguments {
					g.taken[name] = true
				}
			}
			for _, binding := range op.Outputs {
				for _, name := range binding.Arguments {
					switch {
					case i == 0:
						g.writes[name]++
						g.toCome[name]++
					case own[name]:
						g.writes[name]++
					default:
						g.shared[name] = true
					}
				}
			}
		}
	}
}

// translate translates the operators of a block.
func (g *graph) translate(ops []*paddle.OpDesc) error {
	for i, desc := range ops {
		o := newOp(g, desc)
		g.yielded = nil
		switch kind := desc.GetType(); {
		case kind == "yield" && g.depth > 0 && i == len(ops)-1:
			g.yielded = names(o.inputs("X"))
		case kind == "yield" || g.depth > 0 && (kind == "feed" || kind == "fetch"):
			o.fail("it cannot be at this place of a program")
		case kind == "feed":
			o.feed()
		case kind == "fetch":
			o.fetch()
		default:
			operators[desc.GetType()].translate(o)
			o.shareLoD()
			o.shareLoose()
			o.shareDTypes()
		}
		if o.err != nil {
			return sampan.Errorf(o.code, "operator %d (%s): %w", i, g.program.origin(desc), o.err)
		}
	}
	return nil
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
	name, ok := g.stored[variable]
	if !ok {
		if name = variable; g.writes[variable] > 0 || g.shared[variable] {
			name = g.name(variable)
		}
		g.initializer(name, p.dtype, p.shape, p.data)
		g.stored[variable] = name
	}
	g.values[variable] = name
	return name, true
}

// written returns the name of the value that the next write to a variable makes.
func (g *graph) written(variable string) string {
	name := variable
	if g.depth > 0 || g.toCome[variable] > 1 || g.fed[variable] || g.made[variable] {
		name = g.name(variable)
	}
	g.made[name] = true
	g.wrote(variable)
	g.values[variable] = name
	return name
}

// wrote counts a write to a variable.
func (g *graph) wrote(variable string) {
	if g.depth == 0 {
		g.toCome[variable]--
	}
}

// declared returns what the program says of a variable's tensor.
func (g *graph) declared(variable string) *paddle.VarType_LoDTensorDesc {
	v := g.vars[variable]
	if v == nil || v.GetType().GetType() != paddle.VarType_DENSE_TENSOR {
		return nil
	}
	return v.GetType().GetLodTensor()
}

// describe returns the dtype and shape of a variable's value. A nil shape is not
// known: that of a variable written several times is declared for one of its values
// only, and before Paddle 2.5 a tensor without dimensions could not be. Where one of
// the writes is in a sub-block the values belong together and share the rank.
func (g *graph) describe(variable string) (sampan.DType, sampan.Shape) {
	if p, ok := g.params[variable]; ok && g.writes[variable] == 0 && !g.shared[variable] {
		return p.dtype, append(sampan.Shape{}, p.shape...)
	}
	desc := g.declared(variable).GetTensor()
	if desc == nil {
		return sampan.Invalid, nil
	}
	dtype, ok := g.dtypes[variable]
	if !ok {
		dtype = dtypes[desc.GetDataType()]
	}
	if g.shared[variable] && g.writes[variable] > 1 && len(desc.Dims) > 0 {
		return dtype, slices.Repeat(sampan.Shape{-1}, len(desc.Dims))
	}
	if g.doubted[variable] || g.writes[variable] > 1 || g.params[variable].dtype.Valid() || len(desc.Dims) == 0 && !g.program.scalars() {
		return dtype, nil
	}
	return dtype, g.withoutLoose(variable, append(sampan.Shape{}, desc.Dims...))
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
