package paddle

import (
	"slices"
)

// deformableOps are convolutions whose kernels read where other channels say.
var deformableOps = map[string]operator{
	"deformable_conv":    {translate: deformableConvolution, notes: "the number of channels has to be fixed"},
	"deformable_conv_v1": {translate: deformableConvolution, notes: "the number of channels has to be fixed"},
}

// deformableConvolution translates both versions; the second multiplies what is read by
// a mask. Offset is [batch groups·kernel·2 rows columns], down and right of the place
// where the kernel's element would read otherwise.
func deformableConvolution(o *op) {
	x, filter, offset := o.input("Input"), o.input("Filter"), o.input("Offset")
	kernel := spatial(filter, 2)
	if o.err == nil && (len(x.shape) != 4 || slices.Min(kernel) < 1 || kernel[0]*kernel[1] > mostFactor || slices.Max(kernel) > mostFactor) {
		o.fail("shapes %v and %v of input and filter", x.shape, filter.shape)
	}
	channels, parts := o.channels(x), o.attrs.integer("deformable_groups", 1)
	if o.err == nil && (parts < 1 || channels%parts != 0) {
		o.fail("deformable_groups is %d for %d channels", parts, channels)
	}
	s := o.sweep(x, kernel, true)
	if o.err != nil {
		return
	}
	elements := kernel[0] * kernel[1]
	sizes := o.measureEach(offset, 2, 4)
	shaped := func(v string, sizes string, first ...int64) string {
		return o.node("Reshape", []string{v, o.node("Concat", []string{o.integers(first...), sizes}, attrInt("axis", 0))})
	}
	flat := o.node("Mul", []string{sizes, o.integers(elements, 1)})
	grid := o.deformedGrid(x, shaped(offset.name, sizes, -1, elements, 2), s)
	grid = o.node("Reshape", []string{grid, o.node("Concat", []string{o.integers(-1), flat, o.integers(2)}, attrInt("axis", 0))})
	apart := shaped(x.name, o.measureEach(x, 2, 4), -1, channels/parts)
	read := o.node("GridSample", []string{apart, grid}, attrText("mode", "bilinear"), attrText("padding_mode", "zeros"))
	if mask, given := o.optional("Mask"); given {
		read = o.node("Mul", []string{read, shaped(mask.name, flat, -1, 1)})
	}
	columns := shaped(read, sizes, -1, channels*elements)
	weights := o.node("Reshape", []string{filter.name, o.integers(0, -1, 1, 1)})
	o.output("Output", o.compute("Conv", x.dtype, []string{columns, weights}, attrInt("group", o.groups())))
}

// deformedGrid are the places where the kernel's elements read, for GridSample: [batch
// kernel rows columns 2], of offsets [batch kernel 2 rows columns].
func (o *op) deformedGrid(x value, offset string, s sweep) string {
	toType := attrInt("to", int64(x.dtype))
	one, two := o.scalar(x.dtype, 1), o.scalar(x.dtype, 2)
	// along computes one dimension: which of the two numbers of an offset it is, and where
	// the kernel's elements are.
	along := func(axis int64, starts []int64) string {
		at := int64(2) + axis
		moved := o.node("Squeeze", []string{
			o.node("Slice", []string{offset, o.integers(axis), o.integers(axis + 1), o.integers(2)}), o.integers(2),
		})
		count := o.node("Shape", []string{offset}, attrInt("start", at+1), attrInt("end", at+2))
		place := o.node("Mul", []string{o.count(count), o.integers(s.strides[axis])})
		if axis == 0 {
			place = o.node("Unsqueeze", []string{place, o.integers(1)})
		}
		start := o.node("Unsqueeze", []string{o.integers(starts...), o.integers(1, 2)})
		place = o.node("Cast", []string{o.node("Add", []string{start, place})}, toType)
		place = o.node("Add", []string{moved, place})
		// Elements are at ((grid+1)·size-1)/2.
		size := o.node("Cast", []string{o.measureEach(x, int(at), int(at)+1)}, toType)
		place = o.node("Add", []string{o.node("Mul", []string{place, two}), one})
		place = o.node("Sub", []string{o.node("Div", []string{place, size}), one})
		return o.node("Unsqueeze", []string{place, o.integers(4)})
	}
	var down, right []int64
	for i := range s.kernel[0] {
		for j := range s.kernel[1] {
			down = append(down, i*s.dilations[0]-s.before[0])
			right = append(right, j*s.dilations[1]-s.before[1])
		}
	}
	return o.node("Concat", []string{along(1, right), along(0, down)}, attrInt("axis", 4))
}
