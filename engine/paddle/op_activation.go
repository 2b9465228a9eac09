package paddle

var activationOps = map[string]operator{
	"dropout": {translate: dropout},
	"relu":    {translate: unary("Relu")},
	"sigmoid": {translate: unary("Sigmoid")},
	"softmax": {translate: softmax},
	"tanh":    {translate: unary("Tanh")},
}

// unary translates an operator that works on each element and has a namesake in ONNX.
func unary(opType string) translator {
	return func(o *op) {
		o.output("Out", o.node(opType, []string{o.input("X").name}))
	}
}

// softmax translates softmax along one axis.
func softmax(o *op) {
	x, axis := o.input("X"), o.attrs.integer("axis", -1)
	o.output("Out", o.node("Softmax", []string{x.name}, attrInt("axis", axis)))
}
