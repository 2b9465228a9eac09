package paddle

import (
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirCall is one operator as it is lowered. The first fault counts.
type pirCall struct {
	*lowering
	block    int32
	op       *pirOp
	operands []pirBinding
	results  []pirValue
	// list and attrs are the operator's attributes.
	list  []*paddle.OpDesc_Attr
	attrs attributes
	err   error
}

func (c *pirCall) fail(format string, args ...any) {
	c.failCode(sampan.InvalidArgument, format, args...)
}

func (c *pirCall) failCode(code sampan.Code, format string, args ...any) {
	if c.err == nil {
		c.err = sampan.Errorf(code, format, args...)
	}
}

// counts checks how many operands and results there are.
func (c *pirCall) counts(operands, results int) bool {
	if len(c.operands) != operands || len(c.results) != results {
		c.fail("%d operands and %d results, want %d and %d", len(c.operands), len(c.results), operands, results)
	}
	return c.err == nil
}

// result makes a result.
func (c *pirCall) result(i int) pirBinding {
	if c.err != nil {
		return pirBinding{}
	}
	_, hint, _ := strings.Cut(c.op.fullName(), ".")
	b, err := c.define(c.block, hint, &c.results[i])
	if err != nil {
		c.failCode(faultCode(err), "result %d: %w", i, err)
	}
	return b
}

// alias makes a result that is another name of what there is.
func (c *pirCall) alias(i int, b pirBinding) {
	id := c.results[i].ID
	switch {
	case id == nil:
		c.fail("result %d has no number", i)
	case *id == 0:
	case c.made[*id]:
		c.fail("value %d is made twice", *id)
	default:
		c.made[*id] = true
		c.order = append(c.order, *id)
		c.values[*id] = b
	}
}

// translate lowers an operator by its row in the table. One without a row keeps its
// name, for checkOperators to tell.
func (c *pirCall) translate(name string) {
	row, changed, ok := pirRow(name)
	desc := &paddle.OpDesc{Type: &name}
	if ok {
		desc.Type = &row.name
		c.bindOperands(desc, row)
	}
	for i := range c.results {
		b := c.result(i)
		if ok && i < len(row.results) && row.results[i] != "-" && len(b.names) > 0 {
			desc.Outputs = bind(desc.Outputs, row.results[i], b.names)
		}
	}
	if c.err != nil {
		return
	}
	if ok {
		desc.Attrs = append(desc.Attrs, row.attributes(c.list)...)
		c.remember(name)
		if row.adapt != nil {
			row.adapt(c, desc)
		}
		c.changeInPlace(row, changed)
	}
	c.emit(c.block, name, desc)
}

// bindOperands gives the operator its inputs, and attributes for those operands that
// are constants and used to be attributes. Versions of Paddle differ in which of the
// latter are operands; the others are attributes already.
func (c *pirCall) bindOperands(desc *paddle.OpDesc, row *pirRule) {
	if n, most := len(c.operands), len(row.operands); n > most || n < most && row.operands[n].attribute == "" {
		c.fail("%d operands, want %d", n, most)
		return
	}
	for i, v := range c.operands {
		r := row.operands[i]
		if len(v.names) == 0 {
			continue
		}
		if r.attribute != "" && !v.list {
			if attr := c.constants[v.names[0]].attribute(r.attribute, r.kind); attr != nil {
				desc.Attrs = append(desc.Attrs, attr)
				continue
			}
			if r.input == "" {
				c.failCode(sampan.Unimplemented, "operand %d (%s) is computed, want a constant", i, r.attribute)
				return
			}
		}
		if r.input != "" {
			desc.Inputs = bind(desc.Inputs, r.input, v.names)
		}
	}
}

// changeInPlace lets what reads an operand that the operator has changed read the
// result from here on.
func (c *pirCall) changeInPlace(row *pirRule, changed bool) {
	for i := range c.operands {
		if !row.operands[i].changed && !(changed && i == 0) || len(c.results) == 0 || c.results[0].ID == nil {
			continue
		}
		id := c.op.Operands[i].ID
		from, into := c.values[*id], c.values[*c.results[0].ID]
		if *id == 0 || len(into.names) == 0 {
			continue
		}
		if from.block != c.block {
			c.failCode(sampan.Unimplemented, "it changes a value from outside of its region, which is not supported")
			return
		}
		c.values[*id] = into
	}
}

func intOf(name string, v int32) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_INT.Enum(), I: &v}
}

func boolOf(name string, v bool) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_BOOLEAN.Enum(), B: &v}
}

func longsOf(name string, v []int64) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_LONGS.Enum(), Longs: v}
}

func textOf(name, v string) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_STRING.Enum(), S: &v}
}
