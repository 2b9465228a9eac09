package paddle

import (
	"github.com/sampanml/sampan"
)

// boxOps work on boxes, which are left, top, right, bottom.
var boxOps = map[string]operator{
	"box_clip":       {translate: boxClip, notes: "boxes need LoD"},
	"box_coder":      {translate: boxCoder},
	"iou_similarity": {translate: iouSimilarity},
	"yolo_box":       {translate: yoloBox},
}

// sides takes the four numbers of boxes apart; each keeps a last dimension of 1.
func (o *op) sides(boxes string) (left, top, right, bottom string) {
	s := o.nodeN("Split", 4, []string{boxes}, attrInt("axis", -1))
	return s[0], s[1], s[2], s[3]
}

// joinSides is the reverse of sides.
func (o *op) joinSides(sides ...string) string {
	return o.node("Concat", sides, attrInt("axis", -1))
}

// anchor is a box as its centre and size.
type anchor struct{ x, y, width, height string }

// anchor returns the centres and sizes of boxes. One that is not normalised has its
// right and bottom elements inside.
func (o *op) anchor(boxes string, one, half string) anchor {
	left, top, right, bottom := o.sides(boxes)
	a := anchor{width: o.node("Sub", []string{right, left}), height: o.node("Sub", []string{bottom, top})}
	if one != "" {
		a.width, a.height = o.node("Add", []string{a.width, one}), o.node("Add", []string{a.height, one})
	}
	a.x = o.node("Add", []string{left, o.node("Mul", []string{a.width, half})})
	a.y = o.node("Add", []string{top, o.node("Mul", []string{a.height, half})})
	return a
}

// boxCoder writes boxes in relation to prior boxes, or the reverse, as Paddle's
// box_coder_kernel.cc does.
func boxCoder(o *op) {
	prior, target := o.input("PriorBox"), o.input("TargetBox")
	half, one := o.scalar(target.dtype, 0.5), ""
	if !o.attrs.boolean("box_normalized", true) {
		one = o.scalar(target.dtype, 1)
	}
	variance, given := o.optional("PriorBoxVar")
	share := variance.name
	if list := o.attrs.floats("variance", nil); !given && len(list) > 0 {
		if len(list) != 4 {
			o.fail("variance is %v, want 4 numbers", list)
		}
		share, given = o.cast(value{name: o.numbers(list), dtype: sampan.Float32}, target.dtype), true
	}
	a := o.anchor(prior.name, one, half)
	switch how := o.attrs.text("code_type", "encode_center_size"); how {
	case "encode_center_size":
		o.encodeBoxes(target, a, share, half, one)
	case "decode_center_size":
		axis := o.attrs.integer("axis", 0)
		if axis != 0 && axis != 1 {
			o.fail("axis is %d, want 0 or 1", axis)
		}
		along := func(v string) string { return o.node("Unsqueeze", []string{v, o.integers(axis)}) }
		if given && variance.name != "" {
			share = along(share)
		}
		o.decodeBoxes(target, anchor{along(a.x), along(a.y), along(a.width), along(a.height)}, share, half, one)
	default:
		o.fail("code_type is %q, want encode_center_size or decode_center_size", how)
	}
}

// decodeBoxes makes boxes of the codes in target, [rows columns 4].
func (o *op) decodeBoxes(target value, prior anchor, share, half, one string) {
	codes := target.name
	if share != "" {
		codes = o.node("Mul", []string{codes, share})
	}
	x, y, width, height := o.sides(codes)
	place := func(v, size, centre string) string {
		return o.node("Add", []string{o.node("Mul", []string{v, size}), centre})
	}
	extent := func(v, size string) string {
		return o.node("Mul", []string{o.node("Mul", []string{o.node("Exp", []string{v}), size}), half})
	}
	x, y = place(x, prior.width, prior.x), place(y, prior.height, prior.y)
	width, height = extent(width, prior.width), extent(height, prior.height)
	right, bottom := o.node("Add", []string{x, width}), o.node("Add", []string{y, height})
	if one != "" {
		right, bottom = o.node("Sub", []string{right, one}), o.node("Sub", []string{bottom, one})
	}
	o.output("OutputBox", o.joinSides(o.node("Sub", []string{x, width}), o.node("Sub", []string{y, height}), right, bottom))
}

// encodeBoxes makes codes of the boxes in target, [rows 4], for each prior box. The
// centre of a target is that of its corners, whatever its size.
func (o *op) encodeBoxes(target value, prior anchor, share, half, one string) {
	boxes := o.node("Unsqueeze", []string{target.name, o.integers(1)})
	size := o.anchor(boxes, one, half)
	left, top, right, bottom := o.sides(boxes)
	centre := func(a, b string) string { return o.node("Mul", []string{o.node("Add", []string{a, b}), half}) }
	place := func(v, centre, size string) string {
		return o.node("Div", []string{o.node("Sub", []string{v, centre}), size})
	}
	ratio := func(a, b string) string {
		return o.node("Log", []string{o.node("Abs", []string{o.node("Div", []string{a, b})})})
	}
	codes := o.joinSides(
		place(centre(left, right), prior.x, prior.width),
		place(centre(top, bottom), prior.y, prior.height),
		ratio(size.width, prior.width),
		ratio(size.height, prior.height))
	if share != "" {
		codes = o.node("Div", []string{codes, share})
	}
	o.output("OutputBox", codes)
}

// boxClip moves the sides of boxes into the images that their sequences belong to.
// ImInfo has height, width and the factor by which both are too large.
func boxClip(o *op) {
	x, info := o.input("Input"), o.input("ImInfo")
	if rank := o.rank(x); o.err == nil && (rank != 2 || x.shape[1] != 4) {
		o.failCode(sampan.Unimplemented, "shape %v is not supported, want [boxes 4]", x.shape)
	}
	ids := o.ids(o.segments(x))
	all := o.nodeN("Split", 3, []string{info.name}, attrInt("axis", 1))
	one, zero := o.scalar(x.dtype, 1), o.scalar(x.dtype, 0)
	half := o.scalar(x.dtype, 0.5)
	limit := func(size string) string {
		// Halves are rounded up, not to even numbers as ONNX's Round does it.
		real := o.node("Floor", []string{o.node("Add", []string{o.node("Div", []string{size, all[2]}), half})})
		return o.gather(o.node("Sub", []string{real, one}), ids)
	}
	width, height := limit(all[1]), limit(all[0])
	limits := o.joinSides(width, height, width, height)
	o.output("Output", o.node("Max", []string{o.node("Min", []string{x.name, limits}), zero}))
}

// iouSimilarity is the intersection over union of each box of X with each of Y.
func iouSimilarity(o *op) {
	x, y := o.input("X"), o.input("Y")
	one := ""
	if !o.attrs.boolean("box_normalized", true) {
		one = o.scalar(x.dtype, 1)
	}
	a := o.node("Unsqueeze", []string{x.name, o.integers(1)})
	b := o.node("Unsqueeze", []string{y.name, o.integers(0)})
	iou := o.overlap(x.dtype, a, b, one)
	o.output("Out", o.node("Squeeze", []string{iou, o.integers(-1)}))
}

// overlap is the intersection over union of boxes that broadcast, with a last dimension
// of 1. Where one is not "" it is added to each extent.
func (o *op) overlap(dtype sampan.DType, a, b, one string) string {
	left, top, right, bottom := o.sides(a)
	left2, top2, right2, bottom2 := o.sides(b)
	zero := o.scalar(dtype, 0)
	extent := func(from, to string) string {
		size := o.node("Sub", []string{to, from})
		if one != "" {
			size = o.node("Add", []string{size, one})
		}
		return size
	}
	common := func(from, from2, to, to2 string) string {
		size := extent(o.node("Max", []string{from, from2}), o.node("Min", []string{to, to2}))
		return o.node("Max", []string{size, zero})
	}
	area := func(left, top, right, bottom string) string {
		return o.node("Mul", []string{extent(left, right), extent(top, bottom)})
	}
	both := o.node("Mul", []string{common(left, left2, right, right2), common(top, top2, bottom, bottom2)})
	sum := o.node("Add", []string{area(left, top, right, bottom), area(left2, top2, right2, bottom2)})
	return o.node("Div", []string{both, o.node("Sub", []string{sum, both})})
}
