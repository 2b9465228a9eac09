package paddle

import (
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// op lowers an operator. Those that concern the program itself are treated here, the
// others as the table says.
func (l *lowering) op(block int32, o *pirOp) error {
	if err := checkName("operator", o.Name); err != nil {
		return err
	}
	operands, err := l.operands(o)
	if err != nil {
		return err
	}
	if o.Name == "p" {
		return l.parameter(block, o)
	}
	var results []pirValue
	if len(o.Results) > 0 {
		if err := json.Unmarshal(o.Results, &results); err != nil {
			return fmt.Errorf("results: %w", where(err))
		}
	}
	list, err := o.attributesOf()
	if err != nil {
		return err
	}
	c := &pirCall{lowering: l, block: block, op: o, operands: operands, results: results, list: list}
	c.attrs = newAttributes(&paddle.OpDesc{Attrs: list}, c.fail)
	switch name := o.fullName(); name {
	case "builtin.combine":
		c.combine()
	case "builtin.split":
		c.split()
	case "builtin.slice":
		c.slice()
	case "pd_op.data", "pd_op.feed":
		c.feed()
	case "pd_op.fetch", "builtin.shadow_output":
		c.fetch()
	case "pd_op.if":
		c.branch()
	case "pd_op.while":
		c.loop()
	case "cf.yield":
		c.yield()
	default:
		c.translate(name)
	}
	return c.err
}

// parameter lowers a parameter: its attributes are three flags and its name, and it
// has one result that stands alone. One that is not persistable is in no file: it is
// state that training needs.
func (l *lowering) parameter(block int32, o *pirOp) error {
	var distributed, parameter, clip json.RawMessage
	var name string
	if err := decodeTuple(o.Attributes, &distributed, &parameter, &clip, &name); err != nil {
		return fmt.Errorf("attributes: %w", err)
	}
	var v pirValue
	if err := json.Unmarshal(o.Results, &v); err != nil {
		return fmt.Errorf("result: %w", where(err))
	}
	if block != 0 {
		return sampan.Errorf(sampan.Unimplemented, "a parameter inside a region is not supported")
	}
	persistable := 1
	if len(o.OfResults) > 0 {
		var stopGradient, trainable json.RawMessage
		if err := decodeTuple(o.OfResults, &persistable, &stopGradient, &trainable); err != nil {
			return fmt.Errorf("attributes of the result: %w", err)
		}
	} else if strings.Contains(name, transient) {
		persistable = 0
	}
	return l.named(&v, name, persistable != 0)
}

// transient is in the names of parameters that are not persistable, by which they are
// known in programs that leave the rest out (Paddle's framework.py).
const transient = "__non_persistable"

// named declares a value of the main block whose name the program states.
func (l *lowering) named(v *pirValue, name string, persistable bool) error {
	if v.ID == nil || *v.ID == 0 {
		return fmt.Errorf("%q has no number", name)
	}
	if l.made[*v.ID] {
		return fmt.Errorf("value %d is made twice", *v.ID)
	}
	l.made[*v.ID] = true
	if err := l.declare(0, name, v.Type); err != nil {
		return err
	}
	if persistable {
		l.vars[name].Persistable = &persistable
	}
	l.values[*v.ID] = pirBinding{names: []string{name}}
	return nil
}

// combine makes a list of values; the values keep their names.
func (c *pirCall) combine() {
	if !c.counts(len(c.operands), 1) {
		return
	}
	out := pirBinding{list: true, block: c.block}
	for i, v := range c.operands {
		if v.list || len(v.names) != 1 {
			c.fail("operand %d is not one value", i)
			return
		}
		out.names = append(out.names, v.names...)
	}
	c.alias(0, out)
}

// split takes a list apart.
func (c *pirCall) split() {
	if !c.counts(1, len(c.results)) {
		return
	}
	if from := c.operands[0]; !from.list || len(from.names) != len(c.results) {
		c.fail("a list of %d for %d results", len(from.names), len(c.results))
		return
	}
	for i, name := range c.operands[0].names {
		c.alias(i, pirBinding{names: []string{name}, block: c.block})
	}
}

// slice takes one value from a list.
func (c *pirCall) slice() {
	if !c.counts(1, 1) {
		return
	}
	from, at := c.operands[0], c.attrs.integer("index", 0)
	if !from.list || at < 0 || at >= int64(len(from.names)) {
		c.fail("index %d of a list of %d", at, len(from.names))
		return
	}
	c.alias(0, pirBinding{names: []string{from.names[at]}, block: c.block})
}

// feed lowers an input of the program. As for Paddle's AnalysisPredictor, the inputs are
// in the order of the file, whatever columns it states.
func (c *pirCall) feed() {
	if !c.counts(0, 1) || !c.outermost() {
		return
	}
	name := c.attrs.text("name", "")
	column := c.feeds
	c.feeds++
	if c.err == nil {
		c.err = c.named(&c.results[0], name, false)
	}
	c.emit(c.block, c.op.fullName(), &paddle.OpDesc{
		Type:    proto.String("feed"),
		Outputs: bind(nil, "Out", []string{name}),
		Attrs:   []*paddle.OpDesc_Attr{intOf("col", column)},
	})
}

// fetchName returns the name under which the operator fetches; empty if it does not.
func (o *pirOp) fetchName() string {
	attribute := ""
	switch o.fullName() {
	case "pd_op.fetch":
		attribute = "name"
	case "builtin.shadow_output":
		attribute = "output_name"
	default:
		return ""
	}
	list, err := o.attributesOf()
	if err != nil {
		return ""
	}
	for _, a := range list {
		if a.GetName() == attribute {
			return a.GetS()
		}
	}
	return ""
}

// fetch lowers an output of the program. What is fetched has the right name already,
// unless it is a feed, a parameter, or fetched twice.
func (c *pirCall) fetch() {
	if len(c.operands) != 1 || c.operands[0].list || len(c.operands[0].names) != 1 {
		c.fail("want one value to fetch")
		return
	}
	name := c.op.fetchName()
	if name == "" {
		c.fail("the fetch has no name")
	}
	column := int32(c.attrs.integer("col", int64(c.fetches)))
	c.fetches++
	if c.err != nil || !c.outermost() {
		return
	}
	from := c.operands[0].names[0]
	if from != name {
		if c.vars[name] != nil {
			c.fail("two values have the name %q", name)
			return
		}
		v := &paddle.VarDesc{Name: &name, Type: c.vars[from].Type}
		c.vars[name] = v
		c.blocks[0].Vars = append(c.blocks[0].Vars, v)
		c.emit(0, c.op.fullName(), &paddle.OpDesc{
			Type:    proto.String("assign"),
			Inputs:  bind(nil, "X", []string{from}),
			Outputs: bind(nil, "Out", []string{name}),
		})
	}
	c.emit(0, c.op.fullName(), &paddle.OpDesc{
		Type:   proto.String("fetch"),
		Inputs: bind(nil, "X", []string{name}),
		Attrs:  []*paddle.OpDesc_Attr{intOf("col", column)},
	})
}

// outermost checks that the operator is in the main block.
func (c *pirCall) outermost() bool {
	if c.block != 0 {
		c.fail("it is inside a region, want it in the main block")
	}
	return c.err == nil
}
