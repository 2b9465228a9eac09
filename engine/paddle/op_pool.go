package paddle

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

const poolNotes = "adaptive maxima without indices, which Paddle's own kernel gets wrong, and padding_algorithm SAME with exclusive=false, strides and sizes that are not fixed, are not supported"

var poolOps = map[string]operator{
	"max_pool2d_with_index": {translate: maxPoolWithIndex(2)},
	"max_pool3d_with_index": {translate: maxPoolWithIndex(3)},
	"pool2d":                {translate: pool(2), notes: poolNotes},
	"pool3d":                {translate: pool(3), notes: poolNotes},
}

// pool translates pools over n dimensions.
func pool(n int) translator {
	return func(o *op) {
		x, back := o.channelsFirst(o.input("X"), "data_format")
		how := o.attrs.text("pooling_type", "")
		average := how == "avg"
		if !average && how != "max" {
			o.fail("pooling_type is %q, want max or avg", how)
		}
		adaptive := o.attrs.boolean("adaptive", false)
		if o.attrs.boolean("global_pooling", false) {
			o.output("Out", back(o.globalPool(x, average)))
			return
		}
		size := o.each("ksize", n, 0, 1)
		switch {
		case adaptive && !average:
			o.failCode(sampan.Unimplemented, "adaptive maxima without indices are not supported")
		case adaptive && slices.Max(size) == 1:
			o.output("Out", back(o.globalPool(x, average)))
		case adaptive:
			o.output("Out", back(o.adaptiveAverage(x, size)))
		case average:
			o.output("Out", back(o.averagePool(x, size)))
		default:
			o.output("Out", back(o.maxPool(x, size, 1)[0]))
		}
	}
}

// globalPool makes one number of all spatial dimensions.
func (o *op) globalPool(x value, average bool) string {
	opType := "GlobalMaxPool"
	if average {
		opType = "GlobalAveragePool"
	}
	return o.compute(opType, x.dtype, []string{x.name})
}

// poolSweep reads how a pool moves. With ceil_mode the last window may go beyond the
// paddings: as if these were one less than a stride longer.
func (o *op) poolSweep(x value, size []int64) sweep {
	s := o.sweep(x, size, false)
	s.after = slices.Clone(s.after)
	if o.attrs.boolean("ceil_mode", false) && o.attrs.text("padding_algorithm", "EXPLICIT") != "SAME" {
		for i := range s.after {
			s.after[i] += s.strides[i] - 1
		}
	}
	return s
}

// fits says that each padding is shorter than the window, as onnxruntime wants it.
func (s sweep) fits() bool {
	for i, k := range s.kernel {
		if s.before[i] >= k || s.after[i] >= k {
			return false
		}
	}
	return true
}

// maxPool returns the maxima and, if two outputs are asked for, their indices in x.
func (o *op) maxPool(x value, size []int64, outputs int) []string {
	s := o.poolSweep(x, size)
	if !s.fits() {
		x = o.bordered(x, &s, o.scalar(x.dtype, -math.MaxFloat32))
	}
	return o.nodeN("MaxPool", outputs, []string{x.name}, append(s.attributes(), attrInts("kernel_shape", size))...)
}

// averagePool divides by the number of elements in the window. With exclusive=false
// the paddings count too, though no more behind the input than there are before it, as
// in Paddle's pooling.cc.
func (o *op) averagePool(x value, size []int64) string {
	s := o.poolSweep(x, size)
	if !o.attrs.boolean("exclusive", true) {
		if s.same {
			o.failCode(sampan.Unimplemented, "padding_algorithm SAME with exclusive=false for shape %v is not supported", x.shape)
		}
		x = o.countPaddings(x, &s)
	}
	attrs := append(s.attributes(), attrInts("kernel_shape", size))
	if s.fits() {
		return o.compute("AveragePool", x.dtype, []string{x.name}, attrs...)
	}
	// Both averages are over whole windows, in which ones tells what counts. Without
	// VALID onnxruntime would take the paddings into the pools again, and refuse them.
	ones := value{dtype: x.dtype, shape: x.shape}
	ones.name = o.node("Expand", []string{o.scalar(x.dtype, 1), o.node("Shape", []string{x.name})})
	zero, around := o.scalar(x.dtype, 0), s
	x, ones = o.bordered(x, &s, zero), o.bordered(ones, &around, zero)
	attrs = []*onnx.AttributeProto{attrInts("kernel_shape", size), attrInts("strides", s.strides), attrText("auto_pad", "VALID")}
	return o.node("Div", []string{o.compute("AveragePool", x.dtype, []string{x.name}, attrs...), o.compute("AveragePool", x.dtype, []string{ones.name}, attrs...)})
}

// countPaddings makes elements of the paddings that count.
func (o *op) countPaddings(x value, s *sweep) value {
	rest := make([]int64, len(s.kernel))
	for i := range rest {
		rest[i] = max(s.after[i]-s.before[i], 0)
		s.after[i] -= rest[i]
	}
	if slices.Max(slices.Concat(s.before, s.after)) > 0 {
		x = o.bordered(x, s, o.scalar(x.dtype, 0))
	}
	s.after = rest
	return x
}

// adaptiveAverage makes as many windows as size says, one dimension after the other.
func (o *op) adaptiveAverage(x value, size []int64) string {
	if rank := o.rank(x); o.err == nil && rank != len(size)+2 {
		o.fail("shape %v, want %d dimensions", x.shape, len(size)+2)
	}
	if o.err != nil {
		return ""
	}
	if windows, ok := evenWindows(x, size); ok {
		return o.compute("AveragePool", x.dtype, []string{x.name}, attrInts("kernel_shape", windows), attrInts("strides", windows))
	}
	result, toType := x.name, attrInt("to", int64(x.dtype))
	for i, n := range size {
		w := o.adaptiveWindows(x, 2+i, n)
		share := o.node("Div", []string{o.node("Cast", []string{w.inside}, toType), o.node("Cast", []string{w.lengths}, toType)})
		if behind := len(size) - 1 - i; behind > 0 {
			share = o.node("Unsqueeze", []string{share, o.integers(span(2, int64(2+behind))...)})
		}
		list := o.node("Gather", []string{result, w.index}, attrInt("axis", int64(2+i)))
		result = o.node("ReduceSum", []string{o.node("Mul", []string{list, share}), o.integers(int64(3 + i))}, attrInt("keepdims", 0))
	}
	return result
}

// evenWindows are the windows of an adaptive pool if they are all alike.
func evenWindows(x value, size []int64) ([]int64, bool) {
	var windows []int64
	for i, n := range size {
		d := x.shape[2+i]
		if d < 1 || d%n != 0 {
			return nil, false
		}
		windows = append(windows, d/n)
	}
	return windows, true
}

// adaptiveWindows are the windows of an adaptive pool along one dimension.
type adaptiveWindows struct {
	// index has the elements of each window, int64 [windows longest]; where inside,
	// bool of the same shape, is false the last one is there again.
	index, inside string
	// lengths is int64 [windows 1].
	lengths string
}

// adaptiveWindows divides a dimension into n windows: number i goes from i·size/n,
// rounded down, to before (i+1)·size/n, rounded up.
func (o *op) adaptiveWindows(x value, axis int, n int64) adaptiveWindows {
	size := o.measure(merged(x, axis, axis+1))
	if d := x.shape[axis]; d > 0 {
		size = o.integers(d)
	}
	count := o.integers(n)
	number := o.node("Unsqueeze", []string{o.count(count), o.integers(1)})
	start := o.node("Div", []string{o.node("Mul", []string{number, size}), count})
	above := o.node("Mul", []string{o.node("Add", []string{number, o.integer(1)}), size})
	end := o.node("Div", []string{o.node("Add", []string{above, o.integer(n - 1)}), count})
	lengths := o.node("Sub", []string{end, start})
	longest := o.node("ReduceMax", []string{lengths}, attrInts("axes", []int64{0, 1}), attrInt("keepdims", 0))
	place := o.node("Range", []string{o.integer(0), longest, o.integer(1)})
	at := o.node("Add", []string{start, place})
	return adaptiveWindows{
		index:   o.node("Min", []string{at, o.node("Sub", []string{end, o.integer(1)})}),
		inside:  o.node("Less", []string{at, end}),
		lengths: lengths,
	}
}

// maxPoolWithIndex translates maxima with their places: each is the index of an
// element in the spatial dimensions, the first of equal ones.
func maxPoolWithIndex(n int) translator {
	return func(o *op) {
		x := o.input("X")
		rank := o.rank(x)
		if o.err == nil && rank != n+2 {
			o.fail("shape %v, want %d dimensions", x.shape, n+2)
		}
		if o.err != nil {
			return
		}
		global := o.attrs.boolean("global_pooling", false)
		size := o.each("ksize", n, 0, 1)
		if global {
			size = slices.Repeat([]int64{1}, n)
		}
		if o.err != nil {
			return
		}
		if global || o.attrs.boolean("adaptive", false) {
			o.adaptiveMaximaWithIndex(x, size)
			return
		}
		result := o.maxPool(x, size, 2)
		area := o.measure(merged(x, 2, rank))
		o.output("Out", result[0])
		o.output("Mask", o.node("Cast", []string{o.node("Mod", []string{result[1], area})}, o.maskType()))
	}
}

// maskType is what the indices are converted to.
func (o *op) maskType() *onnx.AttributeProto {
	dtype, _ := o.describe(o.target("Mask"))
	if !dtype.Valid() {
		dtype = sampan.Int32
	}
	return attrInt("to", int64(dtype))
}

// adaptiveMaximaWithIndex lists the elements of all windows: [batch channels windows
// elements], where the first maximum is sought.
func (o *op) adaptiveMaximaWithIndex(x value, size []int64) {
	var place string
	rank := len(x.shape)
	for i, n := range size {
		w := o.adaptiveWindows(x, 2+i, n)
		if i == 0 {
			place = w.index
			continue
		}
		// The place so far, [windows elements], times this dimension, plus this place.
		rows := o.node("Mul", []string{place, o.measure(merged(x, 2+i, 3+i))})
		rows = o.node("Unsqueeze", []string{rows, o.integers(1, 3)})
		both := o.node("Add", []string{rows, o.node("Unsqueeze", []string{w.index, o.integers(0, 2)})})
		windows := int64(1)
		for _, m := range size[:i+1] {
			windows *= m
		}
		place = o.node("Reshape", []string{both, o.integers(windows, -1)})
	}
	flat := o.reshaped(x.name, append(sizes(x, 0, 2), merged(x, 2, rank)))
	list := o.node("Gather", []string{flat, place}, attrInt("axis", 2))
	maxima := o.node("ReduceMax", []string{list}, attrInts("axes", []int64{3}), attrInt("keepdims", 0))
	which := o.node("ArgMax", []string{list}, attrInt("axis", 3))
	all := o.node("Expand", []string{place, o.node("Shape", []string{list})})
	found := o.node("GatherElements", []string{all, which}, attrInt("axis", 3))
	shape := o.node("Concat", []string{o.measureEach(x, 0, 2), o.integers(size...)}, attrInt("axis", 0))
	o.output("Out", o.node("Reshape", []string{maxima, shape}))
	o.output("Mask", o.node("Cast", []string{o.node("Reshape", []string{found, shape})}, o.maskType()))
}

// measureEach lists sizes at run time.
func (o *op) measureEach(v value, from, to int) string {
	return o.node("Shape", []string{v.name}, attrInt("start", int64(from)), attrInt("end", int64(to)))
}
