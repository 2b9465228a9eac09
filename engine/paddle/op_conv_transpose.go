package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

const transposedNotes = "padding_algorithm SAME with strides needs sizes that are fixed; fused activations are not supported"

// transposedConvolution translates transposed convolutions over n dimensions. Their
// result is longer at its end by output_padding, or by what output_size asks for.
func transposedConvolution(n int) translator {
	return func(o *op) {
		o.notFused()
		x, back := o.channelsFirst(o.input("Input"), "data_format")
		filter := o.input("Filter")
		s := o.sweep(x, spatial(filter, n), true)
		if s.same {
			o.failCode(sampan.Unimplemented, "padding_algorithm SAME for shape %v is not supported", x.shape)
		}
		attrs := append(s.attributes(), attrInt("group", o.groups()))
		longer := o.attrs.integers("output_padding", nil)
		size := o.outputSize(n)
		if size != "" {
			// As long as can be, and cut then.
			longer = make([]int64, n)
			for i := range longer {
				longer[i] = max(s.strides[i], s.dilations[i]) - 1
			}
		}
		if len(longer) > 0 && (len(longer) != n || slices.Min(longer) < 0) {
			o.fail("output_padding is %v, want %d numbers of at least 0", longer, n)
		}
		if len(longer) > 0 {
			attrs = append(attrs, attrInts("output_padding", longer))
		}
		result := o.compute("ConvTranspose", x.dtype, o.withBias(x, filter), attrs...)
		if size != "" {
			result = o.node("Slice", []string{result, o.integers(make([]int64, n)...), size, o.integers(span(2, int64(n)+2)...)})
		}
		o.output("Output", back(result))
	}
}

// outputSize is the list of sizes that the spatial dimensions shall have, "" where the
// program does not ask for any.
func (o *op) outputSize(n int) string {
	if v, given := o.optional("OutputSizeTensor"); given {
		return o.node("Reshape", []string{o.cast(v, sampan.Int64), o.integers(int64(n))})
	}
	if parts := o.inputs("OutputSizeTensorList"); len(parts) > 0 {
		return o.joined(parts)
	}
	size := o.attrs.integers("output_size", nil)
	if len(size) == 0 {
		return ""
	}
	if len(size) != n || slices.Min(size) < 1 {
		o.fail("output_size is %v, want %d sizes", size, n)
	}
	return o.integers(size...)
}

// joined makes one list of numbers that are values of their own.
func (o *op) joined(parts []value) string {
	var list []string
	for _, p := range parts {
		list = append(list, o.node("Reshape", []string{o.cast(p, sampan.Int64), o.integers(1)}))
	}
	return o.node("Concat", list, attrInt("axis", 0))
}
