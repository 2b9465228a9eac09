package paddle

import (
	"strconv"
	"strings"

	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirRule says how an operator of Paddle 3 is written as one of earlier programs.
type pirRule struct {
	// name is the operator's earlier name.
	name string
	// operands and results are in the order of the file; results that are missing at
	// the end are never read.
	operands []pirOperandRule
	results  []string
	// renamed are the attributes with other names than before, set those that are new.
	renamed map[string]string
	set     []*paddle.OpDesc_Attr
	// adapt changes what a rule cannot say.
	adapt func(c *pirCall, desc *paddle.OpDesc)
}

// pirOperandRule says what becomes of an operand: an attribute of a kind if it is
// constant, else an input; nothing if it has neither name.
type pirOperandRule struct {
	attribute, kind, input string
	// changed says that the operator writes its first result over the operand.
	changed bool
}

// rule makes a rule from lists of names, separated by spaces.
//
// An operand is written as "X", an input; "axis:int", an attribute of the kind int,
// ints, float or text; "axis:int|AxisTensor", an attribute or, if it is computed, an
// input; or "-", which is left out. A "!" behind it says that it is changed in place.
// A result is written as "Out", or "-" if it is never read. Attributes are written as
// "axis>dim", a new name, or "lower=true", one more.
func rule(name, operands, results, attributes string) *pirRule {
	r := &pirRule{name: name, renamed: map[string]string{}}
	for field := range strings.FieldsSeq(operands) {
		var o pirOperandRule
		field, o.changed = strings.CutSuffix(field, "!")
		attribute, input, both := strings.Cut(field, "|")
		switch before, kind, isAttribute := strings.Cut(attribute, ":"); {
		case isAttribute:
			o.attribute, o.kind = before, kind
			if both {
				o.input = input
			}
		case field != "-":
			o.input = field
		}
		r.operands = append(r.operands, o)
	}
	r.results = strings.Fields(results)
	for field := range strings.FieldsSeq(attributes) {
		if from, to, ok := strings.Cut(field, ">"); ok {
			r.renamed[from] = to
		} else if name, value, ok := strings.Cut(field, "="); ok {
			r.set = append(r.set, boolOf(name, value == "true"))
		}
	}
	return r
}

// with adds what the rule cannot say.
func (r *pirRule) with(adapt func(c *pirCall, desc *paddle.OpDesc)) *pirRule {
	r.adapt = adapt
	return r
}

// attributes returns an operator's attributes under their earlier names.
func (r *pirRule) attributes(list []*paddle.OpDesc_Attr) []*paddle.OpDesc_Attr {
	var out []*paddle.OpDesc_Attr
	for _, attr := range list {
		if to := r.renamed[attr.GetName()]; to != "" {
			attr.Name = &to
		}
		out = append(out, attr)
	}
	return append(out, r.set...)
}

// pirRules has the operators of the dialect pd_op that are written in other words in
// earlier programs, by name. Each family of operators has a table of its own.
var pirRules = map[string]*pirRule{}

func init() {
	for _, family := range []map[string]*pirRule{
		pirElementwise, pirActivation, pirShape, pirIndex, pirCreation, pirReduction, pirMatmul, pirLayer, pirVision, pirSequence,
	} {
		for name, r := range family {
			pirRules[name] = r
		}
	}
}

// pirRow finds an operator's rule. Those whose names end in an underscore are variants
// that change their first operand.
func pirRow(name string) (row *pirRule, changed, ok bool) {
	name, ok = strings.CutPrefix(name, "pd_op.")
	if !ok {
		return nil, false, false
	}
	if row, ok = pirRules[name]; ok {
		return row, false, true
	}
	if plain, cut := strings.CutSuffix(name, "_"); cut {
		row, ok = pirRules[plain]
	}
	return row, true, ok
}

// pirConstant is what the program states of a value: its numbers, whole ones also as
// integers.
type pirConstant struct {
	numbers  []float64
	integers []int64
}

// mostStated bounds the numbers that become an attribute.
const mostStated = 1 << 10

// remember notes the numbers that an operator states.
func (c *pirCall) remember(name string) {
	if len(c.results) == 0 || c.results[0].ID == nil {
		return
	}
	var k pirConstant
	switch name {
	case "pd_op.full":
		count := int64(1)
		for _, d := range c.attrs.integers("shape", nil) {
			if d < 0 || d > mostStated || count*d > mostStated {
				return
			}
			count *= d
		}
		for range count {
			k.numbers = append(k.numbers, c.attrs.number("value", 0))
		}
	case "pd_op.full_int_array":
		k.integers = c.attrs.integers("value", nil)
		for _, v := range k.integers {
			k.numbers = append(k.numbers, float64(v))
		}
		if len(k.numbers) > mostStated {
			return
		}
	default:
		return
	}
	if k.integers == nil {
		for _, v := range k.numbers {
			if v != float64(int64(v)) {
				k.integers = nil
				break
			}
			k.integers = append(k.integers, int64(v))
		}
	}
	if b := c.values[*c.results[0].ID]; len(b.names) == 1 && c.err == nil {
		k.numbers = append([]float64{}, k.numbers...)
		c.constants[b.names[0]] = k
	}
}

// attribute makes an attribute of the numbers; nil if they are not known or not of
// the kind.
func (k pirConstant) attribute(name, kind string) *paddle.OpDesc_Attr {
	switch {
	case k.numbers == nil:
	case kind == "ints" && len(k.integers) == len(k.numbers):
		return longsOf(name, k.integers)
	case kind == "int" && len(k.integers) == 1:
		return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_LONG.Enum(), L: &k.integers[0]}
	case kind == "float" && len(k.numbers) == 1:
		return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_FLOAT64.Enum(), Float64: &k.numbers[0]}
	case kind == "text" && len(k.numbers) == 1:
		return textOf(name, strconv.FormatFloat(k.numbers[0], 'g', -1, 64))
	}
	return nil
}
