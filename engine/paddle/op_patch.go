package paddle

import (
	"slices"
)

// patchOps take images apart into patches, or put them together.
var patchOps = map[string]operator{
	"fold":   {translate: fold, notes: "the number of channels has to be fixed"},
	"unfold": {translate: unfold},
}

// patches are [batch channels kernel0 places0 kernel1 places1] of [batch channels
// size0 size1]: what a kernel sees at each place.
func (o *op) patches(x value, s sweep) string {
	o.rank(x)
	if o.err == nil && len(x.shape) != len(s.kernel)+2 {
		o.fail("shape %v, want %d dimensions", x.shape, len(s.kernel)+2)
	}
	if o.err != nil {
		return ""
	}
	if slices.Max(slices.Concat(s.before, s.after)) > 0 {
		x = o.bordered(x, &s, o.scalar(x.dtype, 0))
	}
	result := x.name
	for i, kernel := range s.kernel {
		size := o.node("Shape", []string{x.name}, attrInt("start", int64(2+i)), attrInt("end", int64(3+i)))
		span := o.integers(s.dilations[i]*(kernel-1) + 1)
		free := o.node("Div", []string{o.node("Sub", []string{size, span}), o.integers(s.strides[i])})
		places := o.node("Mul", []string{o.count(o.node("Add", []string{free, o.integers(1)})), o.integers(s.strides[i])})
		inside := o.node("Mul", []string{o.count(o.integers(kernel)), o.integers(s.dilations[i])})
		index := o.node("Add", []string{o.node("Unsqueeze", []string{inside, o.integers(1)}), places})
		result = o.node("Gather", []string{result, index}, attrInt("axis", int64(2+2*i)))
	}
	return result
}

// patchSweep reads how a kernel of two dimensions moves. Paddings are for above, left,
// below and right.
func (o *op) patchSweep(kernel string, dilated bool) sweep {
	s := sweep{kernel: o.each(kernel, 2, 1, 1), strides: o.each("strides", 2, 1, 1), dilations: []int64{1, 1}}
	if dilated {
		s.dilations = o.each("dilations", 2, 1, 1)
	}
	around := o.each("paddings", 4, 0, 0)
	s.before, s.after = around[:2], around[2:]
	return s
}

// unfold makes a column of each place: [batch channels·kernel places].
func unfold(o *op) {
	x, s := o.input("X"), o.patchSweep("kernel_sizes", true)
	all := o.node("Transpose", []string{o.patches(x, s)}, attrInts("perm", []int64{0, 1, 2, 4, 3, 5}))
	if o.err != nil {
		return
	}
	rows := o.node("Mul", []string{o.measureEach(x, 1, 2), o.integers(s.kernel[0] * s.kernel[1])})
	shape := o.node("Concat", []string{o.measureEach(x, 0, 1), rows, o.integers(-1)}, attrInt("axis", 0))
	o.output("Y", o.node("Reshape", []string{all, shape}))
}

// fold adds up the columns that unfold makes, at their places: as a transposed
// convolution with one filter for each element of the kernel.
func fold(o *op) {
	x, s, size := o.input("X"), o.patchSweep("kernel_sizes", true), o.each("output_sizes", 2, 0, 1)
	o.rank(x)
	if o.err == nil && len(x.shape) != 3 {
		o.fail("shape %v, want 3 dimensions", x.shape)
	}
	if o.err != nil {
		return
	}
	area, rows := s.kernel[0]*s.kernel[1], o.channels(x)
	if s.kernel[0] > mostFactor || s.kernel[1] > mostFactor || rows%area != 0 {
		o.fail("kernel_sizes %v for %d rows", s.kernel, rows)
		return
	}
	places, longer := []int64{0, rows}, make([]int64, 2)
	for i, kernel := range s.kernel {
		free := size[i] + s.before[i] + s.after[i] - s.dilations[i]*(kernel-1) - 1
		if free < 0 {
			o.fail("output_sizes %v for kernel_sizes %v", size, s.kernel)
			return
		}
		places, longer[i] = append(places, free/s.strides[i]+1), free%s.strides[i]
	}
	element := o.count(o.integers(area))
	filter := o.node("Equal", []string{o.node("Unsqueeze", []string{element, o.integers(1)}), element})
	filter = o.node("Expand", []string{o.node("Cast", []string{filter}, attrInt("to", int64(x.dtype))), o.integers(rows/area, area, area)})
	filter = o.node("Reshape", []string{filter, o.integers(rows, 1, s.kernel[0], s.kernel[1])})
	grid := o.node("Reshape", []string{x.name, o.integers(places...)})
	attrs := append(s.attributes(), attrInt("group", rows/area), attrInts("output_padding", longer))
	o.output("Y", o.compute("ConvTranspose", x.dtype, []string{grid, filter}, attrs...))
}
