package paddle

import (
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// attributes reads an operator's attributes. Each getter names the default that the
// operator's definition has; an attribute of another type is a fault of the operator.
// Integers may be of 32 or 64 bits, as Paddle has widened some over time.
type attributes struct {
	byName map[string]*paddle.OpDesc_Attr
	// fail records a fault.
	fail func(format string, args ...any)
}

// newAttributes takes the last of attributes with the same name, as Paddle does.
func newAttributes(desc *paddle.OpDesc, fail func(format string, args ...any)) attributes {
	a := attributes{byName: make(map[string]*paddle.OpDesc_Attr, len(desc.Attrs)), fail: fail}
	for _, attr := range desc.Attrs {
		a.byName[attr.GetName()] = attr
	}
	return a
}

func (a attributes) wrong(attr *paddle.OpDesc_Attr, want string) {
	a.fail("attribute %q is %s, want %s", attr.GetName(), attr.GetType(), want)
}

// integer reads an INT or LONG.
func (a attributes) integer(name string, missing int64) int64 {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_INT:
		return int64(attr.GetI())
	case attr.GetType() == paddle.AttrType_LONG:
		return attr.GetL()
	}
	a.wrong(attr, "INT or LONG")
	return missing
}

// integers reads INTS or LONGS.
func (a attributes) integers(name string, missing []int64) []int64 {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_INTS:
		out := make([]int64, len(attr.GetInts()))
		for i, v := range attr.GetInts() {
			out[i] = int64(v)
		}
		return out
	case attr.GetType() == paddle.AttrType_LONGS:
		return attr.GetLongs()
	}
	a.wrong(attr, "INTS or LONGS")
	return missing
}

// boolean reads a BOOLEAN.
func (a attributes) boolean(name string, missing bool) bool {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_BOOLEAN:
		return attr.GetB()
	}
	a.wrong(attr, "BOOLEAN")
	return missing
}

// float reads a FLOAT.
func (a attributes) float(name string, missing float32) float32 {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_FLOAT:
		return attr.GetF()
	}
	a.wrong(attr, "FLOAT")
	return missing
}

// text reads a STRING.
func (a attributes) text(name, missing string) string {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_STRING:
		return attr.GetS()
	}
	a.wrong(attr, "STRING")
	return missing
}

// number reads what Paddle defines as a scalar: any number, or a SCALAR that holds one.
func (a attributes) number(name string, missing float64) float64 {
	attr := a.byName[name]
	if attr == nil {
		return missing
	}
	switch attr.GetType() {
	case paddle.AttrType_FLOAT:
		return float64(attr.GetF())
	case paddle.AttrType_FLOAT64:
		return attr.GetFloat64()
	case paddle.AttrType_INT:
		return float64(attr.GetI())
	case paddle.AttrType_LONG:
		return float64(attr.GetL())
	case paddle.AttrType_SCALAR:
		switch s := attr.GetScalar(); s.GetType() {
		case paddle.Scalar_LONG:
			return float64(s.GetI())
		case paddle.Scalar_FLOAT64:
			return s.GetR()
		}
	}
	a.wrong(attr, "a number")
	return missing
}
