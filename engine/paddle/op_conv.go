package paddle

import (
	"github.com/sampanml/sampan"
)

const convolutionNotes = "fused activations and residual inputs are not supported"

var convolutionOps = map[string]operator{
	"conv2d":                     {translate: convolution(2), notes: convolutionNotes},
	"conv2d_transpose":           {translate: transposedConvolution(2), notes: transposedNotes},
	"conv3d":                     {translate: convolution(3), notes: convolutionNotes},
	"conv3d_transpose":           {translate: transposedConvolution(3), notes: transposedNotes},
	"depthwise_conv2d":           {translate: convolution(2), notes: convolutionNotes},
	"depthwise_conv2d_transpose": {translate: transposedConvolution(2), notes: transposedNotes},
}

// convolution translates convolutions over n dimensions. The filter is [out in/groups
// ...] whatever the order of the input's dimensions.
func convolution(n int) translator {
	return func(o *op) {
		o.notFused()
		x, back := o.channelsFirst(o.input("Input"), "data_format")
		filter := o.input("Filter")
		s := o.sweep(x, spatial(filter, n), true)
		attrs := append(s.attributes(), attrInt("group", o.groups()))
		o.output("Output", back(o.compute("Conv", x.dtype, o.withBias(x, filter), attrs...)))
	}
}

// withBias lists the inputs of a convolution.
func (o *op) withBias(x, filter value) []string {
	inputs := []string{x.name, filter.name}
	if bias, given := o.optional("Bias"); given {
		inputs = append(inputs, bias.name)
	}
	return inputs
}

// groups reads the number of groups, which for depthwise convolutions is stated too.
func (o *op) groups() int64 {
	n := o.attrs.integer("groups", 1)
	if n < 1 {
		o.fail("groups is %d, want 1 or more", n)
	}
	return n
}

// notFused refuses what Paddle's optimiser has joined to an operator.
func (o *op) notFused() {
	if _, given := o.optional("ResidualData"); given {
		o.failCode(sampan.Unimplemented, "a residual input is not supported")
	}
	for _, attr := range []string{"fuse_activation", "activation"} {
		if _, there := o.attrs.byName[attr]; !there {
			continue
		}
		if how := o.attrs.text(attr, ""); how != "" && how != "identity" {
			o.failCode(sampan.Unimplemented, "%s %s is not supported", attr, how)
		}
	}
	if o.attrs.boolean("fuse_relu", false) {
		o.failCode(sampan.Unimplemented, "fuse_relu is not supported")
	}
}
