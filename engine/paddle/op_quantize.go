package paddle

import (
	"slices"
)

// quantizeOps convert to and from the whole numbers of quantised networks, which Paddle
// keeps as fractions between them.
var quantizeOps = map[string]operator{
	"dequantize_linear": {translate: dequantize},
	"quantize_linear":   {translate: quantize},
}

// quantization returns the scale, so that it broadcasts along quant_axis, and the
// greatest whole number.
func (o *op) quantization(x value) (scale value, most string) {
	scale = o.input("Scale")
	bits, axis := o.attrs.integer("bit_length", 8), o.attrs.integer("quant_axis", 0)
	if bits < 2 || bits > 16 {
		o.fail("bit_length is %d, want 2 to 16", bits)
		return scale, ""
	}
	shape := []int64{-1}
	if axis == -1 {
		shape = nil
	} else if at := o.axis(axis, o.rank(x)); o.err == nil {
		shape = append(shape, slices.Repeat([]int64{1}, len(x.shape)-at-1)...)
	}
	scale.name = o.node("Reshape", []string{scale.name, o.integers(shape...)})
	return scale, o.scalar(scale.dtype, float64(int64(1)<<(bits-1)-1))
}

// quantize gives the whole numbers nearest to most·x/scale: halves go to the even one
// or, with round_type 1, away from zero.
func quantize(o *op) {
	x := o.input("X")
	if o.attrs.boolean("only_observer", false) {
		o.output("Y", x.name)
		return
	}
	scale, most := o.quantization(x)
	d := x.dtype
	if o.attrs.integer("round_type", 0) == 1 {
		inside := o.calc(d, "Min", o.calc(d, "Max", x.name, o.calc(d, "Neg", scale.name)), scale.name)
		o.output("Y", o.rounded(d, o.calc(d, "Div", o.calc(d, "Mul", inside, most), scale.name)))
		return
	}
	whole := o.calc(d, "Round", o.calc(d, "Div", o.calc(d, "Mul", x.name, most), scale.name))
	least := o.calc(d, "Sub", o.calc(d, "Neg", most), o.scalar(d, 1))
	o.output("Y", o.calc(d, "Clip", whole, least, most))
}

// dequantize is x·scale/most.
func dequantize(o *op) {
	x := o.input("X")
	if o.attrs.boolean("only_observer", false) {
		o.output("Y", x.name)
		return
	}
	scale, most := o.quantization(x)
	d := scale.dtype
	o.output("Y", o.calc(d, "Div", o.calc(d, "Mul", o.cast(x, d), scale.name), most))
}
