package paddle

import (
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// branch lowers an if: its two regions become blocks, which see the values of those
// around them and end with a yield of the results.
func (c *pirCall) branch() {
	if len(c.operands) != 1 || len(c.op.Regions) != 2 {
		c.fail("%d operands and %d regions, want 1 and 2", len(c.operands), len(c.op.Regions))
		return
	}
	desc := &paddle.OpDesc{Type: proto.String("if"), Inputs: bind(nil, "Cond", c.operands[0].names)}
	for i, name := range []string{"sub_block_true", "sub_block_false"} {
		number, _ := c.region(i, 0, len(c.results))
		desc.Attrs = append(desc.Attrs, &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_BLOCK.Enum(), BlockIdx: &number})
	}
	desc.Outputs = bind(nil, "Out", c.makeAll())
	c.emit(c.block, c.op.fullName(), desc)
}

// loop lowers a while: the operands after the condition are the first arguments of its
// block, which ends with a yield of the next condition and arguments.
func (c *pirCall) loop() {
	if len(c.operands) != len(c.results)+1 || len(c.op.Regions) != 1 {
		c.fail("%d operands, %d results and %d regions, want one operand more than results and 1",
			len(c.operands), len(c.results), len(c.op.Regions))
		return
	}
	var carried []string
	for i, v := range c.operands[1:] {
		if v.list || len(v.names) != 1 {
			c.fail("operand %d is not one value", i+1)
			return
		}
		carried = append(carried, v.names...)
	}
	number, arguments := c.region(0, len(carried), len(c.results)+1)
	desc := &paddle.OpDesc{
		Type:   proto.String("pir_while"),
		Inputs: bind(bind(nil, "Cond", c.operands[0].names), "X", carried),
		Attrs: []*paddle.OpDesc_Attr{
			{Name: proto.String("sub_block"), Type: paddle.AttrType_BLOCK.Enum(), BlockIdx: &number},
			{Name: proto.String("arguments"), Type: paddle.AttrType_STRINGS.Enum(), Strings: arguments},
		},
	}
	desc.Outputs = bind(nil, "Out", c.makeAll())
	c.emit(c.block, c.op.fullName(), desc)
}

// region lowers a region, which has to take and to yield so many values.
func (c *pirCall) region(i, takes, yields int) (number int32, arguments []string) {
	if c.err != nil {
		return 0, nil
	}
	block, err := onlyBlock(c.op.Regions[i : i+1])
	if err == nil {
		number, arguments, err = c.lowering.block(block, c.block)
	}
	if err != nil {
		c.failCode(faultCode(err), "region %d: %w", i, err)
		return 0, nil
	}
	ops := c.blocks[number].Ops
	if len(ops) == 0 || ops[len(ops)-1].GetType() != "yield" {
		c.fail("region %d does not end with a yield", i)
		return 0, nil
	}
	if n := len(ops[len(ops)-1].Inputs[0].Arguments); len(arguments) != takes || n != yields {
		c.fail("region %d takes %d values and yields %d, want %d and %d", i, len(arguments), n, takes, yields)
	}
	return number, arguments
}

// yield lowers the end of a region.
func (c *pirCall) yield() {
	var out []string
	for i, v := range c.operands {
		if v.list || len(v.names) != 1 {
			c.fail("operand %d is not one value", i)
			return
		}
		out = append(out, v.names...)
	}
	c.emit(c.block, c.op.fullName(), &paddle.OpDesc{Type: proto.String("yield"), Inputs: bind(nil, "X", out)})
}

// makeAll makes the results, none of which may be a list.
func (c *pirCall) makeAll() []string {
	var out []string
	for i := range c.results {
		b := c.result(i)
		if c.err == nil && (b.list || len(b.names) != 1) {
			c.fail("result %d is not one value", i)
		}
		out = append(out, b.names...)
	}
	return out
}
