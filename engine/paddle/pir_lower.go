package paddle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// firstPIR is the version of program that one in PIR is taken for.
const firstPIR = 3_000_000

// lowering turns a Paddle 3 program into blocks of operators as earlier ones have:
// values get names, operators those of their predecessors, and operands that used to
// be attributes become attributes again where they are constant.
type lowering struct {
	blocks []*paddle.BlockDesc
	// vars are the variables of all blocks, whose names differ.
	vars map[string]*paddle.VarDesc
	// origins are the names that operators have in the file.
	origins map[*paddle.OpDesc]string

	// values has what the numbers stand for that can be read now.
	values map[int64]pirBinding
	// made are the numbers of all values so far, order those that can be read now.
	made  map[int64]bool
	order []int64
	// wanted are the names that values are to have because they are fetched.
	wanted map[int64]string
	// constants are the variables with numbers that the program states.
	constants map[string]pirConstant
	// feeds counts the feeds, fetches the fetches, which may have columns of their own.
	feeds, fetches int32
}

// pirBinding is what a value is called: one variable, or a list of them.
type pirBinding struct {
	names []string
	list  bool
	// block is where it was made.
	block int32
}

func newLowering() *lowering {
	return &lowering{
		vars:      map[string]*paddle.VarDesc{},
		origins:   map[*paddle.OpDesc]string{},
		values:    map[int64]pirBinding{},
		made:      map[int64]bool{},
		wanted:    map[int64]string{},
		constants: map[string]pirConstant{},
	}
}

// program lowers the main block.
func (l *lowering) program(b *pirBlock) error {
	l.reserve(b)
	if _, _, err := l.block(b, -1); err != nil {
		return err
	}
	l.dropUnread()
	return nil
}

// dropUnread leaves out the constants that have all become attributes.
func (l *lowering) dropUnread() {
	read := map[string]bool{}
	for _, b := range l.blocks {
		for _, o := range b.Ops {
			for _, binding := range o.Inputs {
				for _, name := range binding.Arguments {
					read[name] = true
				}
			}
		}
	}
	for _, b := range l.blocks {
		b.Ops = slices.DeleteFunc(b.Ops, func(o *paddle.OpDesc) bool {
			if len(o.Inputs) > 0 || len(o.Outputs) != 1 || len(o.Outputs[0].Arguments) != 1 {
				return false
			}
			name := o.Outputs[0].Arguments[0]
			_, stated := l.constants[name]
			return stated && !read[name]
		})
	}
}

// reserve finds the names of what is fetched.
func (l *lowering) reserve(b *pirBlock) {
	for _, data := range b.Ops {
		var o pirOp
		if !bytes.Contains(data, []byte("fetch")) && !bytes.Contains(data, []byte("shadow_output")) || json.Unmarshal(data, &o) != nil {
			continue
		}
		fetch := o.fetchName()
		if fetch == "" || len(o.Operands) != 1 || o.Operands[0].ID == nil {
			continue
		}
		if id := *o.Operands[0].ID; l.wanted[id] == "" {
			l.wanted[id] = fetch
		}
	}
}

// block lowers a block inside the block parent, and returns its number and the names
// of its arguments.
func (l *lowering) block(b *pirBlock, parent int32) (number int32, arguments []string, err error) {
	depth := 0
	for at := parent; at >= 0; at = l.blocks[at].GetParentIdx() {
		depth++
	}
	if depth > maxRegions {
		return 0, nil, sampan.Errorf(sampan.Unimplemented, "regions nest deeper than %d", maxRegions)
	}
	if len(b.Keywords) > 0 {
		return 0, nil, sampan.Errorf(sampan.Unimplemented, "blocks with named arguments are not supported")
	}
	number, start := int32(len(l.blocks)), len(l.order)
	into := &paddle.BlockDesc{Idx: &number, ParentIdx: &parent}
	l.blocks = append(l.blocks, into)
	for i, v := range b.Arguments {
		if v.Argument != nil {
			v.ID = v.Argument
		}
		binding, err := l.define(number, "argument", &v)
		if err != nil {
			return 0, nil, fmt.Errorf("argument %d of a block: %w", i, err)
		}
		if binding.list {
			return 0, nil, sampan.Errorf(sampan.Unimplemented, "argument %d of a block is a list", i)
		}
		arguments = append(arguments, binding.names...)
	}
	for i, data := range b.Ops {
		var o pirOp
		if err := json.Unmarshal(data, &o); err != nil {
			return 0, nil, fmt.Errorf("operator %d: %w", i, where(err))
		}
		if err := l.op(number, &o); err != nil {
			return 0, nil, sampan.Errorf(faultCode(err), "operator %d (%s): %w", i, o.fullName(), err)
		}
	}
	for _, id := range l.order[start:] {
		delete(l.values, id)
	}
	l.order = l.order[:start]
	return number, arguments, nil
}

// define names a value that is made in a block and declares its variables.
func (l *lowering) define(block int32, hint string, v *pirValue) (pirBinding, error) {
	if v.ID == nil {
		return pirBinding{}, fmt.Errorf("a value without a number")
	}
	id := *v.ID
	if id == 0 {
		return pirBinding{}, nil
	}
	if l.made[id] {
		return pirBinding{}, fmt.Errorf("value %d is made twice", id)
	}
	l.made[id] = true
	l.order = append(l.order, id)
	name, types, list := l.free(fmt.Sprintf("%s_%d", hint, id)), []pirTyped{v.Type}, v.Type.Kind == pirVector
	if wanted := l.wanted[id]; wanted != "" && block == 0 && !list && l.vars[wanted] == nil {
		name = wanted
	}
	if list {
		var err error
		if types, err = v.Type.elements(); err != nil {
			return pirBinding{}, err
		}
	}
	b := pirBinding{block: block, list: list}
	for i, t := range types {
		if list {
			b.names = append(b.names, l.free(fmt.Sprintf("%s_%d", name, i)))
		} else {
			b.names = []string{name}
		}
		if err := l.declare(block, b.names[i], t); err != nil {
			return pirBinding{}, err
		}
	}
	l.values[id] = b
	return b, nil
}

// free returns the name, longer by underscores if another variable has it.
func (l *lowering) free(name string) string {
	for l.vars[name] != nil {
		name += "_"
	}
	return name
}

// declare adds a variable to a block.
func (l *lowering) declare(block int32, name string, t pirTyped) error {
	v, err := t.variable(name)
	if err != nil {
		return err
	}
	if err := checkName("variable", name); err != nil {
		return err
	}
	if l.vars[name] != nil {
		return fmt.Errorf("two values have the name %q", name)
	}
	l.vars[name] = v
	l.blocks[block].Vars = append(l.blocks[block].Vars, v)
	return nil
}

// operands looks up an operator's operands; those that are not given have no names.
func (l *lowering) operands(o *pirOp) ([]pirBinding, error) {
	out := make([]pirBinding, len(o.Operands))
	for i, operand := range o.Operands {
		if operand.ID == nil {
			return nil, fmt.Errorf("operand %d has no number", i)
		}
		if *operand.ID == 0 {
			continue
		}
		b, ok := l.values[*operand.ID]
		if !ok {
			return nil, fmt.Errorf("operand %d is value %d, which is not made before or not seen here", i, *operand.ID)
		}
		out[i] = b
	}
	return out, nil
}

// emit adds an operator to a block.
func (l *lowering) emit(block int32, origin string, desc *paddle.OpDesc) {
	l.origins[desc] = origin
	l.blocks[block].Ops = append(l.blocks[block].Ops, desc)
}

// fullName is the operator's name as Paddle shows it: pd_op.conv2d.
func (o *pirOp) fullName() string {
	if o.Name == "p" {
		return "builtin.parameter"
	}
	dialect, name, ok := strings.Cut(o.Name, ".")
	if long := pirDialects[dialect]; ok && long != "" {
		return long + "." + name
	}
	return o.Name
}

// bind adds variables to a list of parameters.
func bind(list []*paddle.OpDesc_Var, parameter string, names []string) []*paddle.OpDesc_Var {
	return append(list, &paddle.OpDesc_Var{Parameter: &parameter, Arguments: slices.Clone(names)})
}
