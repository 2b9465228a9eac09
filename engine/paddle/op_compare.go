package paddle

import (
	"strconv"

	"github.com/sampanml/sampan"
)

// compareOps compare numbers and work on what is true or false.
var compareOps = map[string]operator{
	"allclose":      {translate: allClose},
	"bitwise_and":   {translate: bitwise("And")},
	"bitwise_not":   {translate: bitwiseNot},
	"bitwise_or":    {translate: bitwise("Or")},
	"bitwise_xor":   {translate: bitwise("Xor")},
	"equal":         {translate: compare("Equal", false)},
	"equal_all":     {translate: equalAll},
	"greater_equal": {translate: compare("GreaterOrEqual", false)},
	"greater_than":  {translate: compare("Greater", false)},
	"is_empty":      {translate: isEmptyOp},
	"isclose":       {translate: isClose},
	"isfinite_v2":   {translate: isFinite},
	"isinf_v2":      {translate: isSpecial("IsInf")},
	"isnan_v2":      {translate: isSpecial("IsNaN")},
	"less_equal":    {translate: compare("LessOrEqual", false)},
	"less_than":     {translate: compare("Less", false)},
	"logical_and":   {translate: logical("And")},
	"logical_not":   {translate: logicalNot},
	"logical_or":    {translate: logical("Or")},
	"logical_xor":   {translate: logical("Xor")},
	"not_equal":     {translate: compare("Equal", true)},
}

// compare tells where x and y compare as the ONNX operator says, or where they do not.
func compare(opType string, not bool) translator {
	return func(o *op) {
		x, y, d := o.operands()
		result := o.test(d, opType, x, y)
		if not {
			result = o.node("Not", []string{result})
		}
		o.output("Out", result)
	}
}

// logical works on truth; a number is true unless it is 0.
func logical(opType string) translator {
	return func(o *op) {
		x, y := o.input("X"), o.input("Y")
		o.output("Out", o.node(opType, []string{o.cast(x, sampan.Bool), o.cast(y, sampan.Bool)}))
	}
}

func logicalNot(o *op) {
	o.output("Out", o.node("Not", []string{o.cast(o.input("X"), sampan.Bool)}))
}

// bitwise works on bits, of which a boolean has one. Opset 17 has no such operator for
// integers, so they become lists of their bits.
func bitwise(opType string) translator {
	return func(o *op) {
		x, y := o.input("X"), o.input("Y")
		if x.dtype == sampan.Bool {
			o.output("Out", o.node(opType, []string{x.name, y.name}))
			return
		}
		o.output("Out", o.convert(o.ofBits(o.node(opType, []string{o.bits(x), o.bits(y)})), sampan.Int64, x.dtype))
	}
}

// bits lists the bits of integers in a new dimension at the end, the lowest first, of 64
// bits in two's complement.
func (o *op) bits(x value) string {
	number := o.node("Unsqueeze", []string{o.cast(x, sampan.Int64), o.integers(-1)})
	worth := o.integers(powers(63)...)
	above := o.node("Div", []string{o.node("Sub", []string{number, o.node("Mod", []string{number, worth})}), worth})
	low := o.convert(o.node("Mod", []string{above, o.integer(2)}), sampan.Int64, sampan.Bool)
	return o.node("Concat", []string{low, o.node("Less", []string{number, o.integer(0)})}, attrInt("axis", -1))
}

// ofBits is the reverse of bits. It adds up two halves of the bits, since the runtime
// (onnxruntime 1.28) adds large integers as float64.
func (o *op) ofBits(bits string) string {
	worth := append(powers(32), powers(32)...)
	worth[63] = -worth[63]
	each := o.node("Mul", []string{o.convert(bits, sampan.Bool, sampan.Int64), o.integers(worth...)})
	half := func(from, to int64) string {
		part := o.node("Slice", []string{each, o.integers(from), o.integers(to), o.integers(-1)})
		return o.node("ReduceSum", []string{part, o.integers(-1)}, attrInt("keepdims", 0))
	}
	return o.node("Add", []string{half(0, 32), o.node("Mul", []string{half(32, 64), o.integer(1 << 32)})})
}

// powers are the first n powers of two.
func powers(n int) []int64 {
	var out []int64
	for i := range n {
		out = append(out, 1<<i)
	}
	return out
}

// bitwiseNot turns all bits around: of an integer, that is -1-x.
func bitwiseNot(o *op) {
	x := o.input("X")
	switch x.dtype {
	case sampan.Bool:
		o.output("Out", o.node("Not", []string{x.name}))
	case sampan.Uint8:
		o.output("Out", o.calc(x.dtype, "Sub", o.scalar(x.dtype, 255), x.name))
	default:
		o.output("Out", o.calc(x.dtype, "Sub", o.scalar(x.dtype, -1), x.name))
	}
}

// isSpecial tells where a number is one of those that are none.
func isSpecial(opType string) translator {
	return func(o *op) {
		x := o.input("X")
		o.output("Out", o.test(x.dtype, opType, x.name))
	}
}

func isFinite(o *op) {
	x := o.input("X")
	special := o.node("Or", []string{o.test(x.dtype, "IsNaN", x.name), o.test(x.dtype, "IsInf", x.name)})
	o.output("Out", o.node("Not", []string{special}))
}

// isEmptyOp tells whether a value has no elements.
func isEmptyOp(o *op) {
	size := o.node("Size", []string{o.input("X").name})
	o.output("Out", o.number(o.node("Equal", []string{size, o.integer(0)})))
}

// equalAll tells whether two values of the same shape have the same elements.
func equalAll(o *op) {
	x, y := o.input("X"), o.input("Y")
	if x.shape == nil || y.shape == nil || len(x.shape) != len(y.shape) || !compatible(x.shape, y.shape) {
		o.failCode(sampan.Unimplemented, "shapes %v and %v are not supported, they have to be known and equal", x.shape, y.shape)
	}
	o.output("Out", o.number(o.allTrue(o.test(x.dtype, "Equal", x.name, y.name))))
	// Paddle 3 declares x's type.
	o.setDType("Out", sampan.Bool)
}

// allTrue tells whether all elements are true, without dimensions.
func (o *op) allTrue(x string) string {
	least := o.node("ReduceMin", []string{o.convert(x, sampan.Bool, sampan.Uint8)}, attrInt("keepdims", 0))
	return o.convert(least, sampan.Uint8, sampan.Bool)
}

func isClose(o *op) { o.output("Out", o.close()) }

func allClose(o *op) { o.output("Out", o.number(o.allTrue(o.close()))) }

// close tells where |x - y| is at most atol + rtol·|y|, computed as float64.
func (o *op) close() string {
	const d = sampan.Float64
	x, y := o.cast(o.input("Input"), d), o.cast(o.input("Other"), d)
	tolerance := func(tensor, attr, missing string) string {
		if t, given := o.optional(tensor); given {
			return o.node("Reshape", []string{o.cast(t, d), o.integers()})
		}
		text := o.attrs.text(attr, missing)
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			o.fail("%s is %q, want a number", attr, text)
		}
		return o.scalar(d, v)
	}
	most := o.calc(d, "Add", tolerance("Atol", "atol", "1e-8"), o.calc(d, "Mul", tolerance("Rtol", "rtol", "1e-5"), o.calc(d, "Abs", y)))
	near := o.test(d, "LessOrEqual", o.calc(d, "Abs", o.calc(d, "Sub", x, y)), most)
	near = o.node("Or", []string{near, o.test(d, "Equal", x, y)})
	if o.attrs.boolean("equal_nan", false) {
		near = o.node("Or", []string{near, o.node("And", []string{o.test(d, "IsNaN", x), o.test(d, "IsNaN", y)})})
	}
	return near
}
