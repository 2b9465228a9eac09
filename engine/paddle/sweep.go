package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// sweep is how a kernel moves over the spatial dimensions of [batch channels ...], one
// number for each of them.
type sweep struct {
	kernel, strides, dilations []int64
	// before and after are the paddings. If same is set they are not known: they are
	// such that the result has a stride-th of x's size.
	before, after []int64
	same          bool
}

// sweep reads strides, dilations and paddings. Sizes of the kernel that are not known
// are negative.
func (o *op) sweep(x value, kernel []int64, dilated bool) sweep {
	n := len(kernel)
	s := sweep{
		kernel:    kernel,
		strides:   o.each("strides", n, 1, 1),
		dilations: slices.Repeat([]int64{1}, n),
		before:    make([]int64, n),
		after:     make([]int64, n),
	}
	if dilated {
		s.dilations = o.each("dilations", n, 1, 1)
	}
	if x.shape != nil && len(x.shape) != n+2 {
		o.fail("shape %v, want %d dimensions", x.shape, n+2)
	}
	switch how := o.attrs.text("padding_algorithm", "EXPLICIT"); how {
	case "EXPLICIT":
		s.before, s.after = o.paddings(n)
	case "SAME":
		// Paddle's conv_utils: SAME leaves dilations aside.
		s.dilations = slices.Repeat([]int64{1}, n)
		s.same = x.shape == nil || o.err != nil
		for i := 0; i < n && !s.same; i++ {
			s.same = !s.keepSize(i, x.shape[2+i])
		}
	case "VALID":
	default:
		o.fail("padding_algorithm is %q, want EXPLICIT, SAME or VALID", how)
	}
	return s
}

// paddings reads one padding for each dimension, or two.
func (o *op) paddings(n int) (before, after []int64) {
	list := o.attrs.integers("paddings", make([]int64, n))
	if len(list) != n && len(list) != 2*n || slices.Min(append(list, 0)) < 0 {
		o.fail("paddings %v, want %d or %d numbers of at least 0", list, n, 2*n)
		return make([]int64, n), make([]int64, n)
	}
	if len(list) == n {
		return list, list
	}
	for i := range n {
		before, after = append(before, list[2*i]), append(after, list[2*i+1])
	}
	return before, after
}

// keepSize finds the paddings of one dimension for SAME; false where they depend on a
// size that is not known.
func (s *sweep) keepSize(i int, size int64) bool {
	stride, kernel := s.strides[i], s.kernel[i]
	switch {
	case kernel < 0 || size < 0 && stride != 1:
		return false
	case size < 0:
		size = 1
	}
	all := max(((size+stride-1)/stride-1)*stride+kernel-size, 0)
	s.before[i], s.after[i] = all/2, all-all/2
	return true
}

// attributes are ONNX's, for Conv and the pools.
func (s sweep) attributes() []*onnx.AttributeProto {
	out := []*onnx.AttributeProto{attrInts("strides", s.strides)}
	if slices.Max(s.dilations) > 1 {
		out = append(out, attrInts("dilations", s.dilations))
	}
	if s.same {
		return append(out, attrText("auto_pad", "SAME_UPPER"))
	}
	return append(out, attrInts("pads", slices.Concat(s.before, s.after)))
}

// bordered adds a number around the spatial dimensions of x and leaves no paddings.
func (o *op) bordered(x value, s *sweep, number string) value {
	if o.err != nil {
		return x
	}
	outer := []int64{0, 0}
	x.name = o.node("Pad", []string{x.name, o.integers(slices.Concat(outer, s.before, outer, s.after)...), number})
	x.shape = slices.Clone(x.shape)
	for i := range s.kernel {
		if x.shape != nil && x.shape[2+i] >= 0 {
			x.shape[2+i] += s.before[i] + s.after[i]
		}
	}
	s.before, s.after = make([]int64, len(s.kernel)), make([]int64, len(s.kernel))
	return x
}

// spatial are the sizes of a filter's spatial dimensions, -1 where they are not known.
func spatial(filter value, n int) []int64 {
	if len(filter.shape) != n+2 {
		return slices.Repeat(sampan.Shape{-1}, n)
	}
	return slices.Clone(filter.shape[2:])
}
