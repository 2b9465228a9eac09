package paddle

import (
	"github.com/sampanml/sampan"
)

// matrixNMS translates matrix_nms, which lowers the scores of the boxes of a class that
// overlap with better ones, and sorts the boxes of each image by what is left. The
// boxes are [images boxes 4], the scores [images classes boxes].
func matrixNMS(o *op) {
	boxes, scores := o.input("BBoxes"), o.input("Scores")
	o.checkNMS(boxes, scores)
	if o.err == nil && len(scores.shape) != 3 {
		o.fail("scores of shape %v, want 3 dimensions", scores.shape)
	}
	if o.err != nil {
		return
	}
	size := o.measureEach(scores, 2, 3)
	count := size
	if most := o.attrs.integer("nms_top_k", -1); most > -1 {
		count = o.node("Min", []string{o.integers(most), size})
	}
	top := o.nodeN("TopK", 2, []string{o.withoutBackground(scores, 1).name, count}, attrInt("axis", 2))
	score, place := top[0], top[1]
	valid := o.node("Greater", []string{score, o.scalar(scores.dtype, float64(o.attrs.float("score_threshold", 0)))})
	decayed := o.node("Mul", []string{score, o.decay(boxes, scores.dtype, place)})
	post := o.node("Greater", []string{decayed, o.scalar(scores.dtype, float64(o.attrs.float("post_threshold", 0)))})
	valid = o.node("And", []string{valid, post})
	decayed = o.node("Where", []string{valid, decayed, o.least(scores.dtype)})

	// All classes of an image together: [images candidates].
	flat := func(v string) string { return o.node("Flatten", []string{v}, attrInt("axis", 1)) }
	classes := o.node("Unsqueeze", []string{o.count(o.measureEach(scores, 1, 2)), o.integers(1)})
	shape := o.node("Shape", []string{score})
	classes = flat(o.node("Expand", []string{classes, shape}))
	place, decayed = flat(place), flat(decayed)
	count = o.node("Shape", []string{decayed}, attrInt("start", 1), attrInt("end", 2))
	if most := o.attrs.integer("keep_top_k", -1); most > -1 {
		count = o.node("Min", []string{o.integers(most), count})
	}
	best := o.nodeN("TopK", 2, []string{decayed, count}, attrInt("axis", 1))
	take := func(v string) string { return o.node("GatherElements", []string{v, best[1]}, attrInt("axis", 1)) }
	kept := o.node("Greater", []string{best[0], o.least(scores.dtype)})
	class, place := take(classes), take(place)
	image := o.node("Unsqueeze", []string{o.count(o.measureEach(scores, 0, 1)), o.integers(1)})
	image = o.node("Expand", []string{image, o.node("Shape", []string{place})})

	only := o.node("Reshape", []string{kept, o.integers(-1)})
	column := func(v string) string {
		return o.node("Compress", []string{o.node("Reshape", []string{v, o.integers(-1, 1)}), only}, attrInt("axis", 0))
	}
	image, place = column(image), column(place)
	rows := o.node("Concat", []string{
		o.node("Cast", []string{column(class)}, attrInt("to", int64(scores.dtype))),
		column(best[0]),
		o.node("GatherND", []string{boxes.name, o.node("Concat", []string{image, place}, attrInt("axis", 1))}),
	}, attrInt("axis", 1))
	toInt := attrInt("to", int64(sampan.Int32))
	o.output("Out", rows)
	o.loosen("Out")
	o.output("Index", o.node("Cast", []string{o.node("Add", []string{o.node("Mul", []string{image, size}), place})}, toInt))
	o.loosen("Index")
	o.setDType("Index", sampan.Int32)
	if len(o.arguments(o.desc.Outputs, "RoisNum")) > 0 {
		counts := o.node("ReduceSum", []string{o.node("Cast", []string{kept}, toInt), o.integers(1)}, attrInt("keepdims", 0))
		o.output("RoisNum", counts)
	}
}

// decay is the factor of each candidate's score: the least over the better candidates
// of its class, [images classes candidates]. Place has the numbers of their boxes.
func (o *op) decay(boxes value, dtype sampan.DType, place string) string {
	one, none := o.scalar(dtype, 1), ""
	if !o.attrs.boolean("normalized", true) {
		none = one
	}
	// [images classes candidates 4].
	chosen := o.node("GatherND", []string{boxes.name, o.node("Unsqueeze", []string{place, o.integers(3)})}, attrInt("batch_dims", 1))

	// Rows are candidates, columns the better ones: those before.
	iou := o.overlap(dtype, o.node("Unsqueeze", []string{chosen, o.integers(3)}), o.node("Unsqueeze", []string{chosen, o.integers(2)}), none)
	iou = o.node("Squeeze", []string{iou, o.integers(-1)})
	iou = o.node("Where", []string{o.node("IsNaN", []string{iou}), o.scalar(dtype, 0), iou})
	iou = o.node("Trilu", []string{iou, o.integer(-1)}, attrInt("upper", 0))
	most := o.node("ReduceMax", []string{iou}, attrInts("axes", []int64{3}), attrInt("keepdims", 0))
	most = o.node("Unsqueeze", []string{most, o.integers(2)})
	var factor string
	if o.attrs.boolean("use_gaussian", false) {
		sigma := o.scalar(dtype, float64(o.attrs.float("gaussian_sigma", 2)))
		square := func(v string) string { return o.node("Mul", []string{v, v}) }
		factor = o.node("Exp", []string{o.node("Mul", []string{o.node("Sub", []string{square(most), square(iou)}), sigma})})
	} else {
		rest := o.node("Sub", []string{one, most})
		factor = o.node("Div", []string{o.node("Sub", []string{one, iou}), rest})
		factor = o.node("Where", []string{o.node("Equal", []string{rest, o.scalar(dtype, 0)}), one, factor})
	}
	// Of those that are not before, the overlap is 0 and the factor at least 1.
	least := o.node("ReduceMin", []string{factor}, attrInts("axes", []int64{3}), attrInt("keepdims", 0))
	return o.node("Min", []string{least, one})
}
