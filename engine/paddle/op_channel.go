package paddle

import (
	"github.com/sampanml/sampan"
)

// channelOps move elements between channels and the other dimensions.
var channelOps = map[string]operator{
	"channel_shuffle": {translate: channelShuffle("groups")},
	"maxout":          {translate: maxout},
	"pixel_shuffle":   {translate: pixelShuffle},
	"pixel_unshuffle": {translate: pixelUnshuffle},
	"shuffle_channel": {translate: channelShuffle("group")},
	"temporal_shift":  {translate: temporalShift, notes: "the number of channels has to be fixed"},
}

// pixelShuffle makes squares of the elements of neighbouring channels.
func pixelShuffle(o *op) {
	x, back := o.channelsFirst(o.input("X"), "data_format")
	factor := o.factor("upscale_factor")
	o.output("Out", back(o.node("DepthToSpace", []string{x.name}, attrInt("blocksize", factor), attrText("mode", "CRD"))))
}

// factor reads the length of a side.
func (o *op) factor(attr string) int64 {
	v := o.attrs.integer(attr, 1)
	if v < 1 || v > mostFactor {
		o.fail("%s is %d, want 1 to %d", attr, v, mostFactor)
		return 1
	}
	return v
}

// mostFactor bounds the side of squares, whose elements are counted.
const mostFactor = 1 << 10

// channels returns the number of channels of a value whose first they are.
func (o *op) channels(x value) int64 {
	o.rank(x)
	if o.err == nil && (len(x.shape) < 2 || x.shape[1] < 1) {
		o.failCode(sampan.Unimplemented, "shape %v, want a number of channels that is fixed", x.shape)
	}
	if o.err != nil {
		return 1
	}
	return x.shape[1]
}

// pixelUnshuffle is the reverse of pixelShuffle. SpaceToDepth has the places in a
// square before the channels.
func pixelUnshuffle(o *op) {
	x, back := o.channelsFirst(o.input("X"), "data_format")
	factor := o.factor("downscale_factor")
	squares := x
	squares.name = o.node("SpaceToDepth", []string{x.name}, attrInt("blocksize", factor))
	o.output("Out", back(o.transposedChannels(squares, factor*factor)))
}

// transposedChannels moves the channels, which are a matrix of rows, to the places that
// they have in its transpose.
func (o *op) transposedChannels(x value, rows int64) string {
	index := o.node("Reshape", []string{o.count(o.measureEach(x, 1, 2)), o.integers(rows, -1)})
	index = o.node("Reshape", []string{o.node("Transpose", []string{index}), o.integers(-1)})
	return o.node("Gather", []string{x.name, index}, attrInt("axis", 1))
}

// channelShuffle lays the channels of all groups side by side: the first of each, then
// the second of each.
func channelShuffle(attr string) translator {
	return func(o *op) {
		x, back := o.channelsFirst(o.input("X"), "data_format")
		groups := o.attrs.integer(attr, 1)
		if groups < 1 {
			o.fail("%s is %d, want 1 or more", attr, groups)
		}
		o.output("Out", back(o.transposedChannels(x, groups)))
	}
}

// maxout is the maximum of each groups channels that follow one another.
func maxout(o *op) {
	x := o.input("X")
	groups, rank := o.groups(), o.rank(x)
	axis := o.axis(o.attrs.integer("axis", 1), rank)
	if o.err != nil {
		return
	}
	shape := []string{o.integers(-1, groups)}
	if axis > 0 {
		shape = append([]string{o.measureEach(x, 0, axis)}, shape...)
	}
	if axis < rank-1 {
		shape = append(shape, o.measureEach(x, axis+1, rank))
	}
	apart := o.node("Reshape", []string{x.name, o.node("Concat", shape, attrInt("axis", 0))})
	o.output("Out", o.node("ReduceMax", []string{apart}, attrInts("axes", []int64{int64(axis) + 1}), attrInt("keepdims", 0)))
}

// temporalShift takes some channels of each frame from the frame before, as many from
// the frame behind it, and the others from itself. Each seg_num samples are a video.
func temporalShift(o *op) {
	x, back := o.channelsFirst(o.input("X"), "data_format")
	frames, channels := o.attrs.integer("seg_num", 0), o.channels(x)
	if frames < 1 {
		o.fail("seg_num is %d, want 1 or more", frames)
	}
	if o.err == nil && len(x.shape) != 4 {
		o.fail("shape %v, want 4 dimensions", x.shape)
	}
	if o.err != nil {
		return
	}
	ratio := o.attrs.float("shift_ratio", 0.25)
	if !(ratio >= 0 && ratio <= 0.5) {
		o.fail("shift_ratio is %v, want 0 to 0.5", ratio)
		return
	}
	part := int64(float32(channels) * ratio)
	both := int64(float32(channels) * 2 * ratio)
	shape := o.node("Concat", []string{o.integers(-1, frames, channels), o.measure(merged(x, 2, 4))}, attrInt("axis", 0))
	videos := o.node("Reshape", []string{x.name, shape})
	cut := func(v string, axis, from, to int64) string {
		return o.node("Slice", []string{v, o.integers(from), o.integers(to), o.integers(axis)})
	}
	zero := o.scalar(x.dtype, 0)
	before := o.node("Pad", []string{cut(cut(videos, 2, 0, part), 1, 0, -1), o.integers(0, 1, 0, 0, 0, 0, 0, 0), zero})
	behind := o.node("Pad", []string{cut(cut(videos, 2, part, both), 1, 1, toEnd), o.integers(0, 0, 0, 0, 0, 1, 0, 0), zero})
	all := o.node("Concat", []string{before, behind, cut(videos, 2, both, toEnd)}, attrInt("axis", 2))
	o.output("Out", back(o.node("Reshape", []string{all, o.node("Shape", []string{x.name})})))
}
