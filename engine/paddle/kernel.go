package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// Sets of element types.
var (
	single     = []sampan.DType{sampan.Float16, sampan.Float32}
	fractions  = []sampan.DType{sampan.Float16, sampan.Float32, sampan.Float64}
	wide       = append(fractions[:3:3], sampan.Int32, sampan.Int64)
	bytesToo   = append(wide[:5:5], sampan.Int8, sampan.Uint8)
	arithmetic = append(bytesToo[:7:7], sampan.Int16)
	movable    = append(arithmetic[:8:8], sampan.Bool)
)

// kernels lists the element types in which onnxruntime's CPU provider has an operator of
// opset 17, as found by loading models of one node into onnxruntime 1.28. Operators that
// are not listed take every type. Half precision counts where the runtime converts it
// itself.
var kernels = map[string][]sampan.DType{
	"Acos": single, "Acosh": single, "Asin": single, "Asinh": single, "Atan": single, "Atanh": single,
	"Celu": {sampan.Float32}, "Cosh": single, "Elu": single, "Erf": single, "HardSigmoid": single,
	"Selu": single, "Sinh": single, "Softplus": single, "Softsign": single, "Tan": single,
	"ThresholdedRelu": single,

	"AveragePool": {sampan.Float32}, "Conv": {sampan.Float32}, "ConvTranspose": {sampan.Float32},
	"GlobalAveragePool": {sampan.Float32}, "GlobalMaxPool": {sampan.Float32},
	"InstanceNormalization": {sampan.Float32}, "LRN": {sampan.Float32},

	"Ceil": fractions, "Cos": fractions, "Exp": fractions, "Floor": fractions, "IsNaN": fractions,
	"LeakyRelu": fractions, "Log": fractions, "LogSoftmax": fractions, "Reciprocal": fractions,
	"Round": fractions, "Sigmoid": fractions, "Sin": fractions, "Softmax": fractions, "Sqrt": fractions,
	"Tanh": fractions, "IsInf": {sampan.Float32, sampan.Float64},

	"CumSum": wide, "Einsum": wide, "EyeLike": wide, "MatMul": wide, "Pow": wide, "PRelu": wide,
	"ReduceL1": wide, "ReduceL2": wide, "ReduceLogSumExp": wide, "ReduceMean": wide,
	"ReduceProd": wide, "ReduceSum": wide, "ReduceSumSquare": wide,

	"ArgMax": bytesToo, "ArgMin": bytesToo, "Clip": bytesToo, "Max": bytesToo, "Min": bytesToo,
	"ReduceMax": bytesToo, "ReduceMin": bytesToo,

	"Abs": arithmetic, "Add": arithmetic, "Div": arithmetic, "Greater": arithmetic,
	"GreaterOrEqual": arithmetic, "Less": arithmetic, "LessOrEqual": arithmetic, "Mod": arithmetic,
	"Mul": arithmetic, "Sign": arithmetic, "Sub": arithmetic, "TopK": arithmetic,

	"Compress": movable, "Equal": movable, "Expand": movable, "Tile": movable,

	"Neg":    append(wide[:5:5], sampan.Int8, sampan.Int16),
	"Pad":    append(bytesToo[:7:7], sampan.Bool),
	"Range":  {sampan.Float32, sampan.Float64, sampan.Int16, sampan.Int32, sampan.Int64},
	"Relu":   append(fractions[:3:3], sampan.Int8, sampan.Int32),
	"Trilu":  append(fractions[:3:3], sampan.Int64, sampan.Bool),
	"Unique": append(fractions[:3:3], sampan.Int64, sampan.Int8),
	"Where":  append(wide[:5:5], sampan.Uint8),
}

// stands lists for each element type those that can stand for it, the best first.
var stands = map[sampan.DType][]sampan.DType{
	sampan.Bool:     {sampan.Uint8, sampan.Int32, sampan.Int64, sampan.Float32},
	sampan.Uint8:    {sampan.Int16, sampan.Int32, sampan.Int64, sampan.Float32},
	sampan.Int8:     {sampan.Int16, sampan.Int32, sampan.Int64, sampan.Float32},
	sampan.Int16:    {sampan.Int32, sampan.Int64, sampan.Float32},
	sampan.Int32:    {sampan.Int64, sampan.Float64, sampan.Float32},
	sampan.Int64:    {sampan.Float64, sampan.Float32},
	sampan.Float16:  {sampan.Float32},
	sampan.BFloat16: {sampan.Float32},
	sampan.Float64:  {sampan.Float32},
}

// computedAs returns the element type in which the runtime can compute an operator of
// ONNX on values of type d.
func computedAs(opType string, d sampan.DType) sampan.DType {
	can, listed := kernels[opType]
	if !listed || slices.Contains(can, d) {
		return d
	}
	for _, other := range stands[d] {
		if slices.Contains(can, other) {
			return other
		}
	}
	return d
}

// compute adds a node whose inputs and output have element type d, and converts around
// it where the runtime cannot compute it so.
func (o *op) compute(opType string, d sampan.DType, inputs []string, attrs ...*onnx.AttributeProto) string {
	as := computedAs(opType, d)
	return o.convert(o.node(opType, o.convertAll(inputs, d, as), attrs...), as, d)
}

// calc is compute for an operator without attributes.
func (o *op) calc(d sampan.DType, opType string, inputs ...string) string {
	return o.compute(opType, d, inputs)
}

// test is calc for an operator whose output is bool.
func (o *op) test(d sampan.DType, opType string, inputs ...string) string {
	return o.node(opType, o.convertAll(inputs, d, computedAs(opType, d)))
}

// where chooses between values of type d.
func (o *op) where(d sampan.DType, condition, yes, no string) string {
	as := computedAs("Where", d)
	both := o.convertAll([]string{yes, no}, d, as)
	return o.convert(o.node("Where", append([]string{condition}, both...)), as, d)
}

// convert makes values of one element type those of another.
func (o *op) convert(x string, from, to sampan.DType) string {
	return o.cast(value{name: x, dtype: from}, to)
}

func (o *op) convertAll(all []string, from, to sampan.DType) []string {
	out := make([]string, len(all))
	for i, x := range all {
		if out[i] = x; x != "" {
			out[i] = o.convert(x, from, to)
		}
	}
	return out
}

// whole says that d is a type of integers, or bool.
func whole(d sampan.DType) bool {
	switch d {
	case sampan.Bool, sampan.Int8, sampan.Uint8, sampan.Int16, sampan.Int32, sampan.Int64:
		return true
	}
	return false
}

// fractional returns x and its element type; of integers, as float32, which is what
// Paddle makes of functions of them, whatever the program declares.
func (o *op) fractional(x value) (string, sampan.DType) {
	if !whole(x.dtype) {
		return x.name, x.dtype
	}
	o.setDType("Out", sampan.Float32)
	return o.cast(x, sampan.Float32), sampan.Float32
}

func attrFloat(name string, v float32) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, Type: onnx.AttributeProto_FLOAT, F: v}
}
