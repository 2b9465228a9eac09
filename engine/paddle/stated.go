package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// exactNumber is a number that a program states: an integer, or else a fraction.
type exactNumber struct {
	whole    bool
	integer  int64
	fraction float64
}

func wholeNumber(v int64) exactNumber { return exactNumber{whole: true, integer: v} }
func fraction(v float64) exactNumber  { return exactNumber{fraction: v} }

// encode returns the bytes of the number as an element of type d.
func (n exactNumber) encode(d sampan.DType) ([]byte, bool) {
	switch {
	case n.whole && whole(d) && d != sampan.Bool:
		return encodeInteger(d, n.integer)
	case n.whole:
		return encode(d, float64(n.integer))
	}
	return encode(d, n.fraction)
}

// stated makes a constant of the numbers that attributes state: a list of scalars or, in
// programs before Paddle 2.5, one named after their type.
func (o *op) stated(d sampan.DType, shape sampan.Shape) string {
	var numbers []exactNumber
	for _, name := range []string{"values", "bool_values", "int32_values", "int64_values", "fp32_values", "fp64_values"} {
		if len(numbers) == 0 {
			numbers = o.attrs.numbers(name)
		}
	}
	if n, ok := shape.Elements(); !ok || n != int64(len(numbers)) {
		o.fail("%d values for shape %v", len(numbers), shape)
		return ""
	}
	var data []byte
	for _, v := range numbers {
		element, ok := v.encode(d)
		if !ok {
			o.fail("%v is no number of type %s", v, d)
			return ""
		}
		data = append(data, element...)
	}
	return o.constant(d, shape, data)
}

// numbers reads a list of numbers of any kind.
func (a attributes) numbers(name string) []exactNumber {
	attr := a.byName[name]
	var out []exactNumber
	switch attr.GetType() {
	case paddle.AttrType_BOOLEANS:
		for _, v := range attr.GetBools() {
			out = append(out, wholeNumber(flag(v)))
		}
	case paddle.AttrType_INTS:
		for _, v := range attr.GetInts() {
			out = append(out, wholeNumber(int64(v)))
		}
	case paddle.AttrType_LONGS:
		for _, v := range attr.GetLongs() {
			out = append(out, wholeNumber(v))
		}
	case paddle.AttrType_FLOATS:
		for _, v := range attr.GetFloats() {
			out = append(out, fraction(float64(v)))
		}
	case paddle.AttrType_FLOAT64S:
		for _, v := range attr.GetFloat64S() {
			out = append(out, fraction(v))
		}
	case paddle.AttrType_SCALARS:
		for _, s := range attr.GetScalars() {
			out = append(out, a.scalar(attr, s))
		}
	}
	return out
}

// scalar reads a number of a list of scalars.
func (a attributes) scalar(attr *paddle.OpDesc_Attr, s *paddle.Scalar) exactNumber {
	switch s.GetType() {
	case paddle.Scalar_BOOLEAN:
		return wholeNumber(flag(s.GetB()))
	case paddle.Scalar_LONG:
		return wholeNumber(s.GetI())
	case paddle.Scalar_FLOAT64:
		return fraction(s.GetR())
	}
	a.fail("attribute %q has a %s, want numbers", attr.GetName(), s.GetType())
	return exactNumber{}
}
