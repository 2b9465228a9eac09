package paddle

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// cumulativeOps combine each element with those before it.
var cumulativeOps = map[string]operator{
	"cumprod": {translate: cumulativeProduct, notes: "exclusive and reverse are not supported"},
	"cumsum":  {translate: cumulativeSum},
}

// cumulativeSum adds up along an axis, or, flattened, along all elements.
func cumulativeSum(o *op) {
	x := o.input("X")
	y, axis := o.as("CumSum", x), o.attrs.integer("axis", -1)
	if o.attrs.boolean("flatten", false) {
		y.name, axis = o.node("Reshape", []string{y.name, o.integers(-1)}), 0
	}
	result := o.node("CumSum", []string{y.name, o.integer(axis)},
		attrInt("exclusive", flag(o.attrs.boolean("exclusive", false))), attrInt("reverse", flag(o.attrs.boolean("reverse", false))))
	o.output("Out", o.convert(result, y.dtype, x.dtype))
}

// cumulativeProduct multiplies along an axis, in a Scan, as ONNX has no operator for it.
func cumulativeProduct(o *op) {
	x := o.input("X")
	if o.attrs.boolean("exclusive", false) || o.attrs.boolean("reverse", false) {
		o.failCode(sampan.Unimplemented, "exclusive and reverse are not supported")
	}
	axis := int64(o.axis(o.attrs.integer("dim", -1), o.rank(x)))
	y := o.as("Mul", x)
	first := o.node("Gather", []string{y.name, o.integer(0)}, attrInt("axis", axis))
	one := o.node("Expand", []string{o.scalar(y.dtype, 1), o.node("Shape", []string{first})})
	product, element := o.argument("product", y.dtype), o.argument("element", y.dtype)
	body := o.subgraph([]*onnx.ValueInfoProto{product, element}, func() []string {
		next := o.two("Mul", product.Name, element.Name)
		return []string{next, o.node("Identity", []string{next})}
	})
	all := o.nodeN("Scan", 2, []string{one, y.name}, attrGraph("body", body), attrInt("num_scan_inputs", 1),
		attrInts("scan_input_axes", []int64{axis}), attrInts("scan_output_axes", []int64{axis}))
	o.output("Out", o.convert(all[1], y.dtype, x.dtype))
}
