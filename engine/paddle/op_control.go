package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

var controlOps = map[string]operator{
	"conditional_block": {translate: conditionalBlock, notes: "without is_scalar_condition it is not supported"},
	"select_input":      {translate: selectInput},
	"while":             {translate: while},
}

// condition makes a bool without dimensions of an input that holds one number.
func (o *op) condition(v value) string {
	return o.node("Reshape", []string{o.cast(v, sampan.Bool), o.integers()})
}

// conditionalBlock runs a block if Cond holds. What the block writes keeps the value
// that it had if it does not.
func conditionalBlock(o *op) {
	cond, b := o.input("Cond"), o.block("sub_block")
	if !o.attrs.boolean("is_scalar_condition", false) {
		o.failCode(sampan.Unimplemented, "is_scalar_condition is false, which is not supported")
	}
	if o.err != nil {
		return
	}
	variables := o.changed(b)
	condition, before := o.condition(cond), map[string]string{}
	for _, v := range variables {
		before[v] = o.values[v]
	}
	then := o.inside(b, nil, nil, func() []string {
		// Statistics that training updates are written, but not when a model is used.
		variables = slices.DeleteFunc(variables, func(v string) bool { return o.values[v] == before[v] })
		return o.now(variables)
	})
	otherwise := o.subgraph(nil, func() []string {
		var out []string
		for _, v := range variables {
			out = append(out, o.node("Identity", []string{o.before(v)}))
		}
		return out
	})
	o.choose(condition, then, otherwise, variables)
	o.passOthers(variables)
}

// choose makes variables of one of two graphs.
func (o *op) choose(condition string, then, otherwise *onnx.GraphProto, variables []string) {
	o.makes("If", []string{condition}, variables, attrGraph("then_branch", then), attrGraph("else_branch", otherwise))
	o.withoutLoD(variables)
}

// loop makes variables of the last values that a loop's body gives.
func (o *op) loop(start []string, body *onnx.GraphProto, variables []string) {
	o.makes("Loop", start, variables, attrGraph("body", body))
	o.withoutLoD(variables)
}

// withoutLoD says that variables have no LoD, which does not leave a block.
func (o *op) withoutLoD(variables []string) {
	for _, v := range variables {
		o.ownLoD[v] = nil
	}
}

// passOthers binds the outputs that the block does not write to the values that they
// have.
func (o *op) passOthers(variables []string) {
	changed := setOf(variables)
	for _, v := range o.arguments(o.desc.Outputs, "Out") {
		if name, known := o.values[v]; known && !changed[v] {
			o.bind(v, name)
		}
	}
}

// selectInput takes the value of X that Mask numbers, of two.
func selectInput(o *op) {
	all, mask := o.inputs("X"), o.input("Mask")
	if len(all) != 2 {
		o.fail("input X has %d variables, want 2", len(all))
		return
	}
	branch := func(x value) *onnx.GraphProto {
		return o.subgraph(nil, func() []string { return []string{o.node("Identity", []string{x.name})} })
	}
	o.choose(o.condition(mask), branch(all[1]), branch(all[0]), []string{o.target("Out")})
}

// while runs a block as long as Condition holds, which the block computes anew.
func while(o *op) {
	condition, b := o.input("Condition"), o.block("sub_block")
	if o.err != nil {
		return
	}
	variables := o.changed(b)
	if !slices.Contains(variables, condition.variable) {
		o.fail("the block never writes its condition, %q", condition.variable)
		return
	}
	start := []string{"", o.condition(condition)}
	inputs := []*onnx.ValueInfoProto{o.numberArgument("iteration", sampan.Int64), o.numberArgument("condition", sampan.Bool)}
	arguments := map[string]string{}
	for _, v := range variables {
		start = append(start, o.before(v))
		argument := &onnx.ValueInfoProto{Name: o.name(v)}
		inputs, arguments[v] = append(inputs, argument), argument.Name
	}
	body := o.inside(b, inputs, arguments, func() []string {
		next := condition
		next.name = o.now([]string{condition.variable})[0]
		return append([]string{o.condition(next)}, o.now(variables)...)
	})
	o.loop(start, body, variables)
	o.passOthers(variables)
}

// pirIf runs one of two blocks, whose last operator yields the outputs.
func pirIf(o *op) {
	condition := o.condition(o.input("Cond"))
	outputs := o.arguments(o.desc.Outputs, "Out")
	branch := func(attr string) *onnx.GraphProto {
		return o.inside(o.block(attr), nil, nil, func() []string { return o.yields(len(outputs)) })
	}
	then, otherwise := branch("sub_block_true"), branch("sub_block_false")
	o.choose(condition, then, otherwise, outputs)
}

// pirWhile runs a block as long as a condition holds. The block's arguments begin with
// the values of X; its last operator yields the next condition and arguments.
func pirWhile(o *op) {
	condition := o.input("Cond")
	start := append([]string{"", o.condition(condition)}, names(o.inputs("X"))...)
	variables, outputs := o.attrs.texts("arguments", nil), o.arguments(o.desc.Outputs, "Out")
	if n := len(start) - 2; len(variables) != n || len(outputs) != n {
		o.fail("%d values, %d arguments and %d outputs, want as many of each", n, len(variables), len(outputs))
		return
	}
	inputs := []*onnx.ValueInfoProto{o.numberArgument("iteration", sampan.Int64), o.numberArgument("condition", sampan.Bool)}
	arguments := map[string]string{}
	for _, v := range variables {
		argument := &onnx.ValueInfoProto{Name: o.name(v)}
		inputs, arguments[v] = append(inputs, argument), argument.Name
	}
	body := o.inside(o.block("sub_block"), inputs, arguments, func() []string {
		next := o.yields(1 + len(variables))
		next[0] = o.node("Reshape", []string{next[0], o.integers()})
		return next
	})
	o.loop(start, body, outputs)
}

// yields returns what the block's last operator has yielded, which has to be n values.
func (o *op) yields(n int) []string {
	if len(o.yielded) != n {
		o.fail("the block yields %d values, want %d", len(o.yielded), n)
		return make([]string, n)
	}
	return slices.Clone(o.yielded)
}
