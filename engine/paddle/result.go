package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// two adds a node of two values.
func (o *op) two(opType, a, b string) string { return o.node(opType, []string{a, b}) }

// as is x in a type that the runtime computes an operator of ONNX in.
func (o *op) as(opType string, x value) value {
	d := computedAs(opType, x.dtype)
	x.name, x.dtype = o.convert(x.name, x.dtype, d), d
	return x
}

// lowered binds a result of which dimensions were dropped, perhaps all of them.
func (o *op) lowered(parameter, result string) {
	if _, shape := o.describe(o.target(parameter)); len(shape) == 1 && shape[0] == 1 && !o.program.scalars() {
		result = o.node("Reshape", []string{result, o.integers(1)})
	}
	o.output(parameter, result)
}

// dtypeAttr reads an attribute that holds an element type of Paddle; missing is what -1
// and none stand for.
func (o *op) dtypeAttr(name string, missing sampan.DType) sampan.DType {
	n := o.attrs.integer(name, -1)
	if n < 0 {
		return missing
	}
	d, ok := dtypes[paddle.VarType_Type(n)]
	if !ok {
		o.failCode(sampan.Unimplemented, "attribute %q is the element type %d, which is not supported", name, n)
	}
	return d
}

// flag is how ONNX writes a bool in an attribute.
func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
