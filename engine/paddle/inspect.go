package paddle

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// Summary is what a Paddle program says of itself. It can be had of a program whose
// operators cannot be translated, and without its parameters.
type Summary struct {
	// Program is the program's file, Params the one with all parameters, both by their
	// names in the directory; Params is empty where each parameter has its own file.
	Program, Params string
	// Writer is the kind of program and the version of Paddle that wrote it.
	Writer string
	// Feeds and Fetches are in Paddle's order.
	Feeds, Fetches []Variable
	// Operators are all but feed and fetch, in all blocks, the most frequent first.
	Operators []Operator
	// Parameters is the number of parameters.
	Parameters int
}

// Supported says that every operator can be translated.
func (s Summary) Supported() bool {
	return !slices.ContainsFunc(s.Operators, func(o Operator) bool { return !o.Supported })
}

// Variable is a feed or fetch.
type Variable struct {
	Name string
	// DType is Invalid if the variable is no tensor or ONNX has no such type.
	DType sampan.DType
	// Shape has -1 for sizes that are not fixed.
	Shape sampan.Shape
	// LoDLevel is in how many levels the rows are divided into sequences.
	LoDLevel int
}

// Operator is a kind of operator in a program.
type Operator struct {
	// Name is the kind, Count how many there are.
	Name  string
	Count int
	// Output is a variable that the first of them writes, by which it can be found.
	Output string
	// Supported says that the kind can be translated.
	Supported bool
}

// Inspect reads the program in dir, without its parameters. The errors are those of
// [Format.Translate].
func (f Format) Inspect(dir string) (Summary, error) {
	return f.inspect(os.DirFS(dir))
}

func (f Format) inspect(fsys fs.FS) (Summary, error) {
	l, p, err := f.open(fsys)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{
		Program: l.programs[0], Params: l.params, Writer: p.writer,
		Operators: p.operators(), Parameters: len(p.persistable),
	}
	if s.Feeds, err = p.ports("feed"); err != nil {
		return Summary{}, err
	}
	s.Fetches, err = p.ports("fetch")
	return s, err
}

// open finds and reads the program.
func (f Format) open(fsys fs.FS) (layout, *program, error) {
	l, err := f.locate(fsys)
	if err != nil {
		return layout{}, nil, err
	}
	if err := l.check(); err != nil {
		return layout{}, nil, err
	}
	p, err := l.read(fsys)
	return l, p, err
}

// ports lists the variables of the main block's feed or fetch operators.
func (p *program) ports(kind string) ([]Variable, error) {
	var ports []port
	var err error
	for _, desc := range p.main().Ops {
		if desc.GetType() != kind {
			continue
		}
		bindings, parameter := desc.Outputs, "Out"
		if kind == "fetch" {
			bindings, parameter = desc.Inputs, "X"
		}
		attrs := newAttributes(desc, func(format string, args ...any) { err = fmt.Errorf(kind+": "+format, args...) })
		column := attrs.integer("col", 0)
		for _, b := range bindings {
			if b.GetParameter() == parameter {
				for _, name := range b.Arguments {
					ports = append(ports, port{column: column, variable: name})
				}
			}
		}
	}
	if err = cmp.Or(err, sortPorts(kind, ports)); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", p.file, err)
	}
	out := make([]Variable, len(ports))
	for i, port := range ports {
		out[i] = variable(port.variable, p.vars[port.variable])
	}
	return out, nil
}

func variable(name string, desc *paddle.VarDesc) Variable {
	v := Variable{Name: name}
	if lod := desc.GetType().GetLodTensor(); lod.GetTensor() != nil {
		v.DType, v.Shape, v.LoDLevel = dtypes[lod.GetTensor().GetDataType()], lod.GetTensor().GetDims(), int(lod.GetLodLevel())
	}
	return v
}

// operators counts the kinds in all blocks, the most frequent first.
func (p *program) operators() []Operator {
	at := map[string]int{}
	var out []Operator
	for _, block := range p.blocks {
		for _, desc := range block.Ops {
			switch desc.GetType() {
			case "feed", "fetch", "yield":
				continue
			}
			name := p.origin(desc)
			i, known := at[name]
			if !known {
				i = len(out)
				at[name] = i
				out = append(out, Operator{Name: name, Output: p.found(desc), Supported: true})
			}
			out[i].Count++
			out[i].Supported = out[i].Supported && supported(desc.GetType())
		}
	}
	slices.SortFunc(out, func(a, b Operator) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Name, b.Name))
	})
	return out
}

// found is the variable by which an operator can be found: the first that it writes
// and that is not a parameter, as a batch_norm's means are.
func (p *program) found(desc *paddle.OpDesc) string {
	for _, b := range desc.Outputs {
		for _, name := range b.Arguments {
			if !p.vars[name].GetPersistable() {
				return name
			}
		}
	}
	return ""
}
