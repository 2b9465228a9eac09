package paddle

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

var normalisationOps = map[string]operator{
	"affine_channel":  {translate: affineChannel},
	"batch_norm":      {translate: batchNorm, notes: "statistics of the batch are not supported"},
	"data_norm":       {translate: dataNorm, notes: "slot_dim is not supported"},
	"group_norm":      {translate: groupNorm},
	"instance_norm":   {translate: instanceNorm, notes: "values of two dimensions are not supported"},
	"layer_norm":      {translate: layerNorm, notes: "the outputs Mean and Variance are not supported"},
	"lrn":             {translate: lrn},
	"norm":            {translate: norm},
	"sync_batch_norm": {translate: batchNorm, notes: "statistics of the batch are not supported"},
}

// epsilon is ONNX's attribute.
func (o *op) epsilon() *onnx.AttributeProto {
	return attrFloat("epsilon", o.attrs.float("epsilon", 1e-5))
}

// batchNorm translates batch normalisation with the statistics of training.
func batchNorm(o *op) {
	test := o.attrs.boolean("is_test", false) && !o.attrs.boolean("trainable_statistics", false)
	if !test && !o.attrs.boolean("use_global_stats", false) {
		o.failCode(sampan.Unimplemented, "is_test and use_global_stats are false: the program is one for training")
	}
	x, back := o.channelsFirst(o.input("X"), "data_layout")
	mean, variance := o.input("Mean"), o.input("Variance")
	list := func(parameter string, missing float64) string {
		if v, given := o.optional(parameter); given {
			return v.name
		}
		shape := o.node("Shape", []string{mean.name})
		return o.node("Expand", []string{o.scalar(mean.dtype, missing), shape})
	}
	inputs := []string{x.name, list("Scale", 1), list("Bias", 0), mean.name, variance.name}
	o.output("Y", back(o.node("BatchNormalization", inputs, o.epsilon())))
}

// layerNorm normalises over the dimensions from begin_norm_axis on. Scale and Bias have
// a number for each element of these, in one dimension.
func layerNorm(o *op) {
	x, begin := o.input("X"), o.attrs.integer("begin_norm_axis", 1)
	rank := o.rank(x)
	from := o.axis(begin, rank)
	if o.err != nil {
		return
	}
	list := func(parameter string, missing float64) string {
		v, given := o.optional(parameter)
		switch {
		case given && from == rank-1:
			return v.name
		case given:
			return o.reshaped(v.name, sizes(x, from, rank))
		}
		return o.node("Expand", []string{o.scalar(x.dtype, missing), o.measureEach(x, from, rank)})
	}
	inputs := []string{x.name, list("Scale", 1), list("Bias", 0)}
	o.output("Y", o.node("LayerNormalization", inputs, attrInt("axis", int64(from)), o.epsilon()))
}

// instanceNorm normalises each channel of each sample.
func instanceNorm(o *op) {
	x := o.input("X")
	rank := o.rank(x)
	if o.err == nil && rank < 3 {
		o.failCode(sampan.Unimplemented, "shape %v is not supported, want 3 or more dimensions", x.shape)
	}
	if o.err != nil {
		return
	}
	list := func(parameter string, missing float64) string {
		if v, given := o.optional(parameter); given {
			return v.name
		}
		return o.filledWith(fraction(missing), x.dtype, o.measureEach(x, 1, 2))
	}
	inputs := []string{x.name, list("Scale", 1), list("Bias", 0)}
	o.output("Y", o.compute("InstanceNormalization", x.dtype, inputs, o.epsilon()))
}

// groupNorm normalises the channels of each group of each sample together: as if a
// group was a channel.
func groupNorm(o *op) {
	x, back := o.channelsFirst(o.input("X"), "data_layout")
	rank, groups := o.rank(x), o.groups()
	flat := o.node("Reshape", []string{x.name, o.integers(0, groups, -1)})
	result := o.compute("InstanceNormalization", x.dtype, []string{
		flat, o.filledWith(wholeNumber(1), x.dtype, o.integers(groups)), o.filledWith(wholeNumber(0), x.dtype, o.integers(groups)),
	}, o.epsilon())
	result = o.node("Reshape", []string{result, o.node("Shape", []string{x.name})})
	if scale, given := o.optional("Scale"); given {
		result = o.node("Mul", []string{result, o.along(scale.name, rank)})
	}
	if bias, given := o.optional("Bias"); given {
		result = o.node("Add", []string{result, o.along(bias.name, rank)})
	}
	o.output("Y", back(result))
}

// affineChannel multiplies each channel by a number and adds another.
func affineChannel(o *op) {
	x, scale, bias := o.input("X"), o.input("Scale"), o.input("Bias")
	a, b := scale.name, bias.name
	if !o.channelsLast("data_layout") {
		rank := o.rank(x)
		a, b = o.along(a, rank), o.along(b, rank)
	}
	o.output("Out", o.node("Add", []string{o.node("Mul", []string{x.name, a}), b}))
}

// norm divides by the square root of the sum of squares along one axis, which is its
// second result. Paddle's norm_kernel adds epsilon to the sum.
func norm(o *op) {
	x, axis := o.input("X"), o.attrs.integer("axis", -1)
	epsilon := o.scalar(x.dtype, float64(o.attrs.float("epsilon", 1e-10)))
	sum := o.node("ReduceSumSquare", []string{x.name}, attrInts("axes", []int64{axis}), attrInt("keepdims", 1))
	length := o.node("Sqrt", []string{o.node("Add", []string{sum, epsilon})})
	o.output("Out", o.node("Div", []string{x.name, length}))
	if len(o.arguments(o.desc.Outputs, "Norm")) > 0 {
		o.output("Norm", length)
	}
}

// lrn divides by a power of the sum of squares over the n channels around. ONNX has
// the factor of their mean, Paddle that of their sum.
func lrn(o *op) {
	x, back := o.channelsFirst(o.input("X"), "data_format")
	n := o.attrs.integer("n", 5)
	if n < 1 || n > math.MaxInt32 {
		o.fail("n is %d, want 1 or more", n)
	}
	o.output("Out", back(o.compute("LRN", x.dtype, []string{x.name},
		attrInt("size", n),
		attrFloat("alpha", o.attrs.float("alpha", 1e-4)*float32(n)),
		attrFloat("beta", o.attrs.float("beta", 0.75)),
		attrFloat("bias", o.attrs.float("k", 2)))))
}

// dataNorm normalises each column with sums over all samples of training.
func dataNorm(o *op) {
	x, count, sum, squares := o.input("X"), o.input("BatchSize"), o.input("BatchSum"), o.input("BatchSquareSum")
	if slot := o.attrs.integer("slot_dim", -1); slot > 0 {
		o.failCode(sampan.Unimplemented, "slot_dim %d is not supported", slot)
	}
	mean := o.node("Div", []string{sum.name, count.name})
	scale := o.node("Sqrt", []string{o.node("Div", []string{count.name, squares.name})})
	result := o.node("Mul", []string{o.node("Sub", []string{x.name, mean}), scale})
	if o.attrs.boolean("enable_scale_and_shift", false) {
		factor, bias := o.input("scale_w"), o.input("bias")
		result = o.node("Add", []string{o.node("Mul", []string{result, factor.name}), bias.name})
	}
	o.output("Y", result)
}
