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

// isEmpty says that the attribute is a list without elements, of whatever kind: a
// Paddle 3 program does not tell which.
func isEmpty(attr *paddle.OpDesc_Attr) bool {
	switch attr.GetType() {
	case paddle.AttrType_INTS:
		return len(attr.Ints) == 0
	case paddle.AttrType_LONGS:
		return len(attr.Longs) == 0
	case paddle.AttrType_FLOATS:
		return len(attr.Floats) == 0
	case paddle.AttrType_FLOAT64S:
		return len(attr.Float64S) == 0
	}
	return false
}

// integers reads INTS or LONGS.
func (a attributes) integers(name string, missing []int64) []int64 {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case isEmpty(attr):
		return []int64{}
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

// float reads a FLOAT, or a FLOAT64 as one.
func (a attributes) float(name string, missing float32) float32 {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_FLOAT:
		return attr.GetF()
	case attr.GetType() == paddle.AttrType_FLOAT64:
		return float32(attr.GetFloat64())
	}
	a.wrong(attr, "FLOAT or FLOAT64")
	return missing
}

// floats reads FLOATS, or FLOAT64S as such.
func (a attributes) floats(name string, missing []float32) []float32 {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case isEmpty(attr):
		return []float32{}
	case attr.GetType() == paddle.AttrType_FLOATS:
		return attr.GetFloats()
	case attr.GetType() == paddle.AttrType_FLOAT64S:
		out := make([]float32, len(attr.GetFloat64S()))
		for i, v := range attr.GetFloat64S() {
			out[i] = float32(v)
		}
		return out
	}
	a.wrong(attr, "FLOATS or FLOAT64S")
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

// texts reads STRINGS.
func (a attributes) texts(name string, missing []string) []string {
	attr := a.byName[name]
	switch {
	case attr == nil:
		return missing
	case attr.GetType() == paddle.AttrType_STRINGS:
		return attr.GetStrings()
	}
	a.wrong(attr, "STRINGS")
	return missing
}

// block reads a BLOCK; false if it is not there.
func (a attributes) block(name string) (int32, bool) {
	attr := a.byName[name]
	if attr == nil {
		return 0, false
	}
	if attr.GetType() != paddle.AttrType_BLOCK {
		a.wrong(attr, "BLOCK")
	}
	return attr.GetBlockIdx(), true
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

// list reads integers, or one alone.
func (a attributes) list(name string) []int64 {
	if attr := a.byName[name]; attr != nil && (attr.GetType() == paddle.AttrType_INT || attr.GetType() == paddle.AttrType_LONG) {
		return []int64{a.integer(name, 0)}
	}
	return a.integers(name, nil)
}
