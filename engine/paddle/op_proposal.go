package paddle

import (
	"math"

	"github.com/sampanml/sampan"
)

// proposalOps are the stages of two-stage detectors.
var proposalOps = map[string]operator{
	"collect_fpn_proposals":    {translate: collectProposals},
	"distribute_fpn_proposals": {translate: distributeProposals},
	"generate_proposals":       {translate: generateProposals, notes: proposalNotes},
	"generate_proposals_v2":    {translate: generateProposals, notes: proposalNotes},
}

const proposalNotes = "eta below 1 with an nms_thresh above 0.5, and an nms_thresh that is not above 0, are not supported"

// generateProposals makes boxes of anchors, [height width anchors 4], their scores,
// [images anchors height width], and codes, [images anchors·4 height width]: of the
// best, what lies in the image, is large enough and does not overlap with better ones.
func generateProposals(o *op) {
	scores, deltas, anchors, variances := o.input("Scores"), o.input("BboxDeltas"), o.input("Anchors"), o.input("Variances")
	threshold := o.attrs.float("nms_thresh", 0.5)
	if !(threshold > 0) || o.attrs.float("eta", 1) < 1 && threshold > 0.5 {
		o.failCode(sampan.Unimplemented, "nms_thresh %v with eta %v is not supported", threshold, o.attrs.float("eta", 1))
	}
	last := attrInts("perm", []int64{0, 2, 3, 1})
	score := o.node("Reshape", []string{o.node("Transpose", []string{scores.name}, last), o.integers(0, -1)})
	codes := o.node("Reshape", []string{o.node("Transpose", []string{deltas.name}, last), o.integers(0, -1, 4)})
	count := o.node("Shape", []string{score}, attrInt("start", 1))
	if most := o.attrs.integer("pre_nms_topN", 6000); most > 0 {
		count = o.node("Min", []string{o.integers(most), count})
	}
	top := o.nodeN("TopK", 2, []string{score, count}, attrInt("axis", 1))
	score = top[0]
	place := o.node("Unsqueeze", []string{top[1], o.integers(2)})
	chosen := func(v value) string {
		return o.node("GatherND", []string{o.node("Reshape", []string{v.name, o.integers(-1, 4)}), place})
	}
	p := o.proposalImages(scores.dtype)
	codes = o.node("GatherND", []string{codes, place}, attrInt("batch_dims", 1))
	codes = o.node("Mul", []string{codes, chosen(variances)})
	boxes := o.proposalBoxes(p, chosen(anchors), codes)
	boxes, score = o.largeEnough(p, boxes, score)

	places := boxes
	if p.one != "" {
		places = o.node("Add", []string{boxes, o.numbers([]float32{0, 0, 1, 1})})
	}
	most := o.attrs.integer("post_nms_topN", 1000)
	if most <= 0 {
		most = math.MaxInt32
	}
	selected := o.node("NonMaxSuppression", []string{
		places, o.node("Unsqueeze", []string{score, o.integers(1)}), o.integers(most),
		o.numbers([]float32{threshold}), o.numbers([]float32{-1e38}),
	})
	s := o.nodeN("Split", 3, []string{selected}, attrInt("axis", 1))
	place = o.node("Concat", []string{s[0], s[2]}, attrInt("axis", 1))
	counts := o.countEach(s[0], o.measureEach(scores, 0, 1))
	o.output("RpnRois", o.node("GatherND", []string{boxes, place}))
	o.output("RpnRoiProbs", o.node("Unsqueeze", []string{o.node("GatherND", []string{score, place}), o.integers(1)}))
	o.loosen("RpnRois")
	o.loosen("RpnRoiProbs")
	if len(o.arguments(o.desc.Outputs, "RpnRoisNum")) > 0 {
		o.output("RpnRoisNum", o.node("Cast", []string{counts}, attrInt("to", int64(sampan.Int32))))
		o.setDType("RpnRoisNum", sampan.Int32)
	} else {
		offsets := o.segmentsWith(counts).offsets
		o.setLoD("RpnRois", offsets)
		o.setLoD("RpnRoiProbs", offsets)
	}
}

// proposalImages are the sizes of the images, [images 1 1].
type proposalImages struct {
	dtype         sampan.DType
	height, width string
	// scale is by how much they are larger than the real ones, "" in the second version.
	scale string
	// one is what extents are longer by, or "".
	one string
}

// proposalImages reads ImInfo of the first version or ImShape of the second.
func (o *op) proposalImages(dtype sampan.DType) proposalImages {
	first := o.desc.GetType() == "generate_proposals"
	p := proposalImages{dtype: dtype}
	columns, name := 2, "ImShape"
	if first {
		columns, name = 3, "ImInfo"
	}
	s := o.nodeN("Split", columns, []string{o.node("Unsqueeze", []string{o.input(name).name, o.integers(2)})}, attrInt("axis", 1))
	p.height, p.width = s[0], s[1]
	if first {
		p.scale = s[2]
	}
	if first || o.attrs.boolean("pixel_offset", true) {
		p.one = o.scalar(dtype, 1)
	}
	return p
}

// proposalBoxes moves anchors by codes, both [images boxes 4], and cuts them at the
// borders of the images. Sizes grow by at most 1000/16, as Paddle's
// generate_proposals_kernel.cc has it.
func (o *op) proposalBoxes(p proposalImages, anchors, codes string) string {
	half := o.scalar(p.dtype, 0.5)
	a := o.anchor(anchors, p.one, half)
	x, y, width, height := o.sides(codes)
	most, zero := o.scalar(p.dtype, math.Log(1000.0/16)), o.scalar(p.dtype, 0)
	along := func(place, size, centre, extent, image string) (from, to string) {
		place = o.node("Add", []string{o.node("Mul", []string{place, extent}), centre})
		size = o.node("Mul", []string{o.node("Exp", []string{o.node("Min", []string{size, most})}), extent})
		size = o.node("Mul", []string{size, half})
		from, to = o.node("Sub", []string{place, size}), o.node("Add", []string{place, size})
		if p.one != "" {
			to, image = o.node("Sub", []string{to, p.one}), o.node("Sub", []string{image, p.one})
		}
		inside := func(v string) string { return o.node("Max", []string{o.node("Min", []string{v, image}), zero}) }
		return inside(from), inside(to)
	}
	left, right := along(x, width, a.x, a.width, p.width)
	top, bottom := along(y, height, a.y, a.height, p.height)
	return o.joinSides(left, top, right, bottom)
}

// largeEnough lowers the scores, [images boxes], of boxes that are shorter than min_size
// or whose centre is outside below all others. Of an image without boxes a box of zeros
// with score 0 is left.
func (o *op) largeEnough(p proposalImages, boxes, score string) (string, string) {
	left, top, right, bottom := o.sides(boxes)
	least := o.scalar(p.dtype, max(float64(o.attrs.float("min_size", 0.1)), 1))
	half, zero := o.scalar(p.dtype, 0.5), o.scalar(p.dtype, 0)
	along := func(from, to, image string) string {
		distance := o.node("Sub", []string{to, from})
		extent := distance
		if p.scale != "" {
			extent = o.node("Div", []string{distance, p.scale})
		}
		if p.one == "" {
			return o.node("GreaterOrEqual", []string{extent, least})
		}
		extent = o.node("Add", []string{extent, p.one})
		whole := o.node("Add", []string{distance, p.one})
		centre := o.node("Add", []string{from, o.node("Mul", []string{whole, half})})
		return o.node("And", []string{
			o.node("GreaterOrEqual", []string{extent, least}),
			o.node("LessOrEqual", []string{centre, image}),
		})
	}
	valid := o.node("And", []string{along(left, right, p.width), along(top, bottom, p.height)})
	valid = o.node("Squeeze", []string{valid, o.integers(2)})
	toInt, toBool := attrInt("to", int64(sampan.Int32)), attrInt("to", int64(sampan.Bool))
	some := o.node("ReduceMax", []string{o.node("Cast", []string{valid}, toInt)}, attrInts("axes", []int64{1}), attrInt("keepdims", 1))
	none := o.node("Not", []string{o.node("Cast", []string{some}, toBool)})
	count := o.node("Shape", []string{score}, attrInt("start", 1))
	first := o.node("And", []string{none, o.node("Equal", []string{o.count(count), o.integer(0)})})
	score = o.node("Where", []string{valid, score, o.least(p.dtype)})
	score = o.node("Where", []string{first, zero, score})
	boxes = o.node("Where", []string{o.node("Unsqueeze", []string{first, o.integers(2)}), zero, boxes})
	return boxes, score
}

// distributeProposals divides boxes among the levels of a pyramid by their size, and
// tells where each of them went.
func distributeProposals(o *op) {
	boxes := o.input("FpnRois")
	low, high := o.attrs.integer("min_level", 0), o.attrs.integer("max_level", 0)
	all, numbers := o.arguments(o.desc.Outputs, "MultiFpnRois"), o.arguments(o.desc.Outputs, "MultiLevelRoIsNum")
	if int64(len(all)) != high-low+1 || len(numbers) != 0 && len(numbers) != len(all) {
		o.fail("%d outputs for the levels %d to %d", len(all), low, high)
		return
	}
	s := o.imageSegments(boxes, "RoisNum")
	ids, images := o.ids(s), o.node("Shape", []string{s.lengths})
	level := o.pyramidLevel(boxes, low, high)
	var places []string
	for i, variable := range all {
		mine := o.node("Equal", []string{level, o.integer(low + int64(i))})
		kept := func(v string) string { return o.node("Compress", []string{v, mine}, attrInt("axis", 0)) }
		o.bind(variable, kept(boxes.name))
		places = append(places, kept(o.count(s.rows)))
		counts := o.countEach(o.node("Unsqueeze", []string{kept(ids), o.integers(1)}), images)
		o.ownLoD[variable] = []string{o.segmentsWith(counts).offsets}
		if len(numbers) > 0 {
			o.bind(numbers[i], o.node("Cast", []string{counts}, attrInt("to", int64(sampan.Int32))))
		}
	}
	place := o.node("Concat", places, attrInt("axis", 0))
	restore := o.node("ScatterElements", []string{place, place, o.count(s.rows)}, attrInt("axis", 0))
	restore = o.node("Cast", []string{restore}, attrInt("to", int64(sampan.Int32)))
	o.output("RestoreIndex", o.node("Unsqueeze", []string{restore, o.integers(1)}))
}

// pyramidLevel is the level of each box, int64 [boxes].
func (o *op) pyramidLevel(boxes value, low, high int64) string {
	left, top, right, bottom := o.sides(boxes.name)
	extent := func(from, to string) string {
		size := o.node("Sub", []string{to, from})
		if o.attrs.boolean("pixel_offset", true) {
			size = o.node("Add", []string{size, o.scalar(boxes.dtype, 1)})
		}
		return size
	}
	zero := o.scalar(boxes.dtype, 0)
	area := o.node("Mul", []string{extent(left, right), extent(top, bottom)})
	wrong := o.node("Or", []string{o.node("Less", []string{right, left}), o.node("Less", []string{bottom, top})})
	side := o.node("Sqrt", []string{o.node("Where", []string{wrong, zero, area})})
	ratio := o.node("Div", []string{side, o.scalar(boxes.dtype, float64(o.attrs.integer("refer_scale", 0)))})
	ratio = o.node("Add", []string{ratio, o.scalar(boxes.dtype, 1e-6)})
	level := o.node("Div", []string{o.node("Log", []string{ratio}), o.scalar(boxes.dtype, math.Ln2)})
	level = o.node("Add", []string{level, o.scalar(boxes.dtype, float64(o.attrs.integer("refer_level", 0)))})
	level = o.node("Floor", []string{level})
	level = o.node("Clip", []string{level, o.scalar(boxes.dtype, float64(low)), o.scalar(boxes.dtype, float64(high))})
	level = o.node("Cast", []string{level}, attrInt("to", int64(sampan.Int64)))
	return o.node("Squeeze", []string{level, o.integers(1)})
}

// collectProposals takes the best boxes of all levels, by image and then by score. Of
// equal scores the last comes first, as Paddle's collect_fpn_proposals_op.h compares.
func collectProposals(o *op) {
	boxes, scores, counts := o.inputs("MultiLevelRois"), o.inputs("MultiLevelScores"), o.inputs("MultiLevelRoIsNum")
	most := o.attrs.integer("post_nms_topN", 0)
	if len(boxes) == 0 || len(scores) != len(boxes) || len(counts) != 0 && len(counts) != len(boxes) || most < 1 {
		o.fail("%d levels with %d scores and %d counts for post_nms_topN %d", len(boxes), len(scores), len(counts), most)
		return
	}
	var images []string
	var s segments
	for i, b := range boxes {
		if len(counts) > 0 {
			s = o.segmentsWith(o.cast(counts[i], sampan.Int64))
		} else {
			s = o.segments(b)
		}
		images = append(images, o.ids(s))
	}
	image := o.node("Concat", images, attrInt("axis", 0))
	score := o.node("Reshape", []string{o.node("Concat", names(scores), attrInt("axis", 0)), o.integers(-1)})
	score = o.node("Slice", []string{score, o.integers(-1), o.integers(math.MinInt64), o.integers(0), o.integers(-1)})
	last := o.node("Sub", []string{o.node("Shape", []string{score}), o.integers(1)})
	order := o.node("Sub", []string{last, o.orderOf(score, 1)})
	order = o.node("Slice", []string{order, o.integers(0), o.integers(most)})
	order = o.gather(order, o.orderOf(o.gather(image, order), 0))
	o.output("FpnRois", o.gather(o.node("Concat", names(boxes), attrInt("axis", 0)), order))
	image = o.node("Unsqueeze", []string{o.gather(image, order), o.integers(1)})
	number := o.countEach(image, o.node("Shape", []string{s.lengths}))
	if len(o.arguments(o.desc.Outputs, "RoisNum")) > 0 {
		o.output("RoisNum", o.node("Cast", []string{number}, attrInt("to", int64(sampan.Int32))))
	}
	o.setLoD("FpnRois", o.segmentsWith(number).offsets)
}
