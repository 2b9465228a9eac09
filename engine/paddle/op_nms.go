package paddle

import (
	"math"

	"github.com/sampanml/sampan"
)

const nmsNotes = "polygons are not supported, nor is nms_eta below 1 with an nms_threshold above 0.5"

var nmsOps = map[string]operator{
	"matrix_nms":      {translate: matrixNMS, notes: "polygons are not supported"},
	"multiclass_nms":  {translate: multiclassNMS, notes: nmsNotes},
	"multiclass_nms2": {translate: multiclassNMS, notes: nmsNotes},
	"multiclass_nms3": {translate: multiclassNMS, notes: nmsNotes},
}

// detections are boxes that were selected, all int64 [detections 1]: by image, then by
// class, then as Paddle orders them.
type detections struct {
	// image and class are their numbers.
	image, class string
	// place has what a box and its score are found by: both [detections 2 or 3].
	boxPlace, scorePlace string
	// number counts the places of boxes through all images.
	number string
}

// multiclassNMS translates multiclass_nms, which drops of each class the boxes that
// overlap with better ones. The boxes are [images boxes 4] with scores [images classes
// boxes]; or, as sequences, [boxes classes 4] with scores [boxes classes].
func multiclassNMS(o *op) {
	boxes, scores := o.input("BBoxes"), o.input("Scores")
	o.checkNMS(boxes, scores)
	if o.err != nil {
		return
	}
	var d detections
	var images string
	if len(scores.shape) == 3 {
		images = o.measureEach(scores, 0, 1)
		d = o.detectInImages(boxes, scores)
	} else {
		s := o.imageSegments(boxes, "RoisNum")
		images = o.node("Shape", []string{s.lengths})
		d = o.detectInSequences(boxes, scores, s)
	}
	score := o.node("Unsqueeze", []string{o.node("GatherND", []string{scores.name, d.scorePlace}), o.integers(1)})
	columns := []string{
		o.node("Cast", []string{d.class}, attrInt("to", int64(scores.dtype))), score,
		o.node("GatherND", []string{boxes.name, d.boxPlace}),
	}
	rows := o.node("Concat", columns, attrInt("axis", 1))
	number := o.node("Cast", []string{d.number}, attrInt("to", int64(sampan.Int32)))
	image := d.image
	if most := o.attrs.integer("keep_top_k", -1); most > -1 {
		keep := o.best(score, image, images, most)
		kept := func(v string) string { return o.node("Compress", []string{v, keep}, attrInt("axis", 0)) }
		rows, number, image = kept(rows), kept(number), kept(image)
	}
	o.bindDetections(rows, number, o.countEach(image, images))
}

// checkNMS refuses what cannot be translated.
func (o *op) checkNMS(boxes, scores value) {
	n := o.rank(scores)
	if o.rank(boxes) != 3 || n != 2 && n != 3 {
		o.fail("shapes %v and %v of boxes and scores", boxes.shape, scores.shape)
	}
	if o.err == nil && boxes.shape[2] != 4 {
		o.failCode(sampan.Unimplemented, "boxes of shape %v are not supported, want 4 numbers each", boxes.shape)
	}
	eta, threshold := o.attrs.float("nms_eta", 1), o.attrs.float("nms_threshold", 0.3)
	if eta < 1 && threshold > 0.5 {
		o.failCode(sampan.Unimplemented, "nms_eta %v with nms_threshold %v is not supported", eta, threshold)
	}
}

// bindDetections binds the outputs. With Index there may be no rows at all, and the
// third version has no LoD.
func (o *op) bindDetections(rows, number, counts string) {
	has := func(parameter string) bool { return len(o.arguments(o.desc.Outputs, parameter)) > 0 }
	offsets := o.segmentsWith(counts).offsets
	if !has("Index") {
		rows, offsets = o.orNothing(rows, offsets)
	}
	o.output("Out", rows)
	o.loosen("Out")
	if has("Index") {
		o.output("Index", number)
		o.loosen("Index")
		o.setDType("Index", sampan.Int32)
	}
	if o.desc.GetType() == "multiclass_nms3" {
		if has("NmsRoisNum") {
			o.output("NmsRoisNum", o.node("Cast", []string{counts}, attrInt("to", int64(sampan.Int32))))
		}
		return
	}
	o.setLoD("Out", offsets)
	if has("Index") {
		o.setLoD("Index", offsets)
	}
}

// orNothing replaces rows that are none by one of one number, -1, which is a sequence.
func (o *op) orNothing(rows, offsets string) (string, string) {
	count := o.node("Shape", []string{rows}, attrInt("end", 1))
	none := o.node("Equal", []string{count, o.integers(0)})
	choose := func(nothing int64, something string) string {
		return o.node("Where", []string{none, o.integers(nothing), something})
	}
	row := o.node("Expand", []string{o.numbers([]float32{-1}), o.integers(1, 6)})
	size := o.node("Concat", []string{choose(1, count), choose(1, o.integers(6))}, attrInt("axis", 0))
	rows = o.node("Concat", []string{rows, row}, attrInt("axis", 0))
	rows = o.node("Slice", []string{rows, o.integers(0, 0), size})
	// None of the offsets is above 0 then, and the second becomes 1.
	first := o.node("Equal", []string{o.count(o.node("Shape", []string{offsets})), o.integer(1)})
	more := o.node("Cast", []string{o.node("And", []string{none, first})}, attrInt("to", int64(sampan.Int64)))
	offsets = o.node("Add", []string{offsets, more})
	return rows, o.node("Slice", []string{offsets, o.integers(0), choose(2, o.node("Shape", []string{offsets}))})
}

// detectInImages selects boxes of [images boxes 4] by scores [images classes boxes].
func (o *op) detectInImages(boxes, scores value) detections {
	selected := o.suppress(boxes.name, o.candidates(o.withoutBackground(scores, 1), 2))
	s := o.nodeN("Split", 3, []string{selected}, attrInt("axis", 1))
	place := o.node("Concat", []string{s[0], s[2]}, attrInt("axis", 1))
	number := o.node("Add", []string{o.node("Mul", []string{s[0], o.measureEach(boxes, 1, 2)}), s[2]})
	return detections{image: s[0], class: s[1], boxPlace: place, scorePlace: selected, number: number}
}

// detectInSequences selects boxes of [boxes classes 4] by scores [boxes classes]. The
// boxes of each class have other places, so that classes stand where images are
// otherwise, and images where classes are.
func (o *op) detectInSequences(boxes, scores value, s segments) detections {
	byClass := o.node("Transpose", []string{o.withoutBackground(scores, 1).name}, attrInts("perm", []int64{1, 0}))
	byClass = o.node("Unsqueeze", []string{byClass, o.integers(1)})
	images := o.node("Unsqueeze", []string{o.count(o.node("Shape", []string{s.lengths})), o.integers(1)})
	own := o.node("Equal", []string{o.ids(s), images})
	apart := value{name: o.node("Where", []string{own, byClass, o.least(scores.dtype)}), dtype: scores.dtype}
	places := o.node("Transpose", []string{boxes.name}, attrInts("perm", []int64{1, 0, 2}))
	selected := o.suppress(places, o.candidates(apart, 2))

	// In the order of image, class and box.
	p := o.nodeN("Split", 3, []string{selected}, attrInt("axis", 1))
	classes := o.measureEach(scores, 1, 2)
	key := o.node("Add", []string{o.node("Mul", []string{p[1], classes}), p[0]})
	key = o.node("Add", []string{o.node("Mul", []string{key, s.rows}), p[2]})
	order := o.orderOf(o.node("Squeeze", []string{key, o.integers(1)}), 0)
	selected = o.gather(selected, order)

	p = o.nodeN("Split", 3, []string{selected}, attrInt("axis", 1))
	place := o.node("Concat", []string{p[2], p[0]}, attrInt("axis", 1))
	number := o.node("Add", []string{o.node("Mul", []string{p[2], classes}), p[0]})
	return detections{image: p[1], class: p[0], boxPlace: place, scorePlace: place, number: number}
}

// least is a score below all others.
func (o *op) least(dtype sampan.DType) string { return o.scalar(dtype, -math.MaxFloat32) }

// withoutBackground takes the scores of one class away; classes are along an axis of
// two or three, the last but one or the last.
func (o *op) withoutBackground(scores value, axis int) value {
	label := o.attrs.integer("background_label", 0)
	if label < 0 {
		return scores
	}
	is := o.node("Equal", []string{o.count(o.measureEach(scores, axis, axis+1)), o.integer(label)})
	if axis < len(scores.shape)-1 {
		is = o.node("Unsqueeze", []string{is, o.integers(1)})
	}
	scores.name = o.node("Where", []string{is, o.least(scores.dtype), scores.name})
	return scores
}

// candidates leaves the nms_top_k best scores along an axis.
func (o *op) candidates(scores value, axis int64) string {
	most := o.attrs.integer("nms_top_k", -1)
	if most < 0 {
		return scores.name
	}
	if scores.shape != nil && scores.shape[axis] >= 0 && scores.shape[axis] <= most {
		return scores.name
	}
	size := o.node("Shape", []string{scores.name}, attrInt("start", axis), attrInt("end", axis+1))
	count := o.node("Min", []string{o.integers(most), size})
	best := o.nodeN("TopK", 2, []string{scores.name, count}, attrInt("axis", axis))
	none := o.node("Expand", []string{o.least(scores.dtype), o.node("Shape", []string{scores.name})})
	return o.node("ScatterElements", []string{none, best[1], best[0]}, attrInt("axis", axis))
}

// suppress selects boxes, [batch boxes 4], by scores, [batch classes boxes]: batch,
// class and box of each, the best first within a class.
func (o *op) suppress(boxes, scores string) string {
	if !o.attrs.boolean("normalized", true) {
		// Extents that are longer by one.
		boxes = o.node("Add", []string{boxes, o.numbers([]float32{0, 0, 1, 1})})
	}
	return o.node("NonMaxSuppression", []string{
		boxes, scores, o.integers(math.MaxInt32),
		o.numbers([]float32{o.attrs.float("nms_threshold", 0.3)}),
		o.numbers([]float32{o.attrs.float("score_threshold", 0)}),
	})
}

// orderOf is the order of a list of numbers: ascending, or descending if largest is 1.
// Equal ones stay in their order.
func (o *op) orderOf(list string, largest int64) string {
	count := o.node("Shape", []string{list})
	return o.nodeN("TopK", 2, []string{list, count}, attrInt("axis", 0), attrInt("largest", largest))[1]
}

// best tells which detections are among the best of their image: bool [detections].
func (o *op) best(score, image, images string, most int64) string {
	order := o.orderOf(o.node("Squeeze", []string{score, o.integers(1)}), 1)
	is := o.ofImages(o.gather(image, order), images)
	before := o.node("CumSum", []string{is, o.integer(0)})
	rank := o.node("ReduceSum", []string{o.node("Mul", []string{before, is}), o.integers(1)}, attrInt("keepdims", 0))
	keep := o.node("LessOrEqual", []string{rank, o.integer(most)})
	return o.node("ScatterElements", []string{keep, order, keep}, attrInt("axis", 0))
}

// ofImages is 1 where a detection belongs to an image: int64 [detections images].
func (o *op) ofImages(image, images string) string {
	is := o.node("Equal", []string{image, o.count(images)})
	return o.node("Cast", []string{is}, attrInt("to", int64(sampan.Int64)))
}

// countEach counts the detections of each image, int64 [images].
func (o *op) countEach(image, images string) string {
	return o.node("ReduceSum", []string{o.ofImages(image, images), o.integers(0)}, attrInt("keepdims", 0))
}
