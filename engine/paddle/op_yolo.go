package paddle

import (
	"github.com/sampanml/sampan"
)

// yoloBox translates yolo_box: X is [batch anchors·(5+classes) height width], for each
// anchor the place and size of a box, the confidence and the scores of the classes. With
// iou_aware one more channel for each anchor comes first.
func yoloBox(o *op) {
	x, img := o.input("X"), o.input("ImgSize")
	sizes := o.attrs.integers("anchors", nil)
	classes := o.attrs.integer("class_num", 0)
	n := int64(len(sizes) / 2)
	if n < 1 || len(sizes)%2 != 0 || classes < 1 {
		o.fail("anchors is %v and class_num is %d", sizes, classes)
	}
	y := o.yolo(x, n)
	confidence := o.node("Sigmoid", []string{y.part(4, 5)})
	if o.attrs.boolean("iou_aware", false) {
		factor := float64(o.attrs.float("iou_aware_factor", 0.5))
		iou := o.node("Unsqueeze", []string{o.node("Sigmoid", []string{y.aware}), o.integers(2)})
		confidence = o.node("Mul", []string{
			o.node("Pow", []string{confidence, o.scalar(x.dtype, 1-factor)}),
			o.node("Pow", []string{iou, o.scalar(x.dtype, factor)}),
		})
	}
	threshold := o.scalar(x.dtype, float64(o.attrs.float("conf_thresh", 0.01)))
	sure := o.node("GreaterOrEqual", []string{confidence, threshold})
	zero := o.scalar(x.dtype, 0)
	list := func(v string, columns int64) string {
		v = o.node("Where", []string{sure, v, zero})
		v = o.node("Transpose", []string{v}, attrInts("perm", []int64{0, 1, 3, 4, 2}))
		return o.node("Reshape", []string{v, o.integers(0, -1, columns)})
	}
	o.output("Boxes", list(o.yoloSides(y, img, sizes), 4))
	scores := o.node("Mul", []string{confidence, o.node("Sigmoid", []string{y.part(5, 5+classes)})})
	o.output("Scores", list(scores, classes))
}

// yolo is X of yolo_box, taken apart.
type yolo struct {
	// part returns some channels of each anchor, [batch anchors channels height width].
	part func(from, to int64) string
	// aware are the channels that come first, [batch anchors height width].
	aware string
	// height and width of the grid, [1], and the numbers of its rows, [height 1], and
	// columns, [width], all of X's type.
	height, width, rows, columns string
	dtype                        sampan.DType
}

// yolo takes X apart for n anchors.
func (o *op) yolo(x value, n int64) yolo {
	y := yolo{dtype: x.dtype}
	all := x.name
	if o.attrs.boolean("iou_aware", false) {
		y.aware = o.node("Slice", []string{all, o.integers(0), o.integers(n), o.integers(1)})
		all = o.node("Slice", []string{all, o.integers(n), o.integers(toEnd), o.integers(1)})
	}
	rows, columns := o.measureEach(x, 2, 3), o.measureEach(x, 3, 4)
	shape := o.node("Concat", []string{o.integers(0, n, -1), rows, columns}, attrInt("axis", 0))
	apart := o.node("Reshape", []string{all, shape})
	y.part = func(from, to int64) string {
		return o.node("Slice", []string{apart, o.integers(from), o.integers(to), o.integers(2)})
	}
	float := func(v string) string { return o.node("Cast", []string{v}, attrInt("to", int64(x.dtype))) }
	y.height, y.width = float(rows), float(columns)
	y.rows = o.node("Unsqueeze", []string{float(o.count(rows)), o.integers(1)})
	y.columns = float(o.count(columns))
	return y
}

// yoloSides computes the boxes in the images, [batch anchors 4 height width].
func (o *op) yoloSides(y yolo, img value, anchors []int64) string {
	scale := o.attrs.float("scale_x_y", 1)
	factor, shift := o.scalar(y.dtype, float64(scale)), o.scalar(y.dtype, float64(-0.5*(scale-1)))
	ratio := o.scalar(y.dtype, float64(o.attrs.integer("downsample_ratio", 32)))
	half, one, zero := o.scalar(y.dtype, 0.5), o.scalar(y.dtype, 1), o.scalar(y.dtype, 0)
	clip := o.attrs.boolean("clip_bbox", true)
	size := o.node("Unsqueeze", []string{o.cast(img, y.dtype), o.integers(2, 3, 4)})
	// along computes one dimension: the channel of the place, the grid and its size, and
	// the columns of the image's size and of the anchors.
	along := func(channel int64, number, count string, column, anchor int64) (from, to string) {
		image := o.node("Slice", []string{size, o.integers(column), o.integers(column + 1), o.integers(1)})
		place := o.node("Mul", []string{o.node("Sigmoid", []string{y.part(channel, channel+1)}), factor})
		place = o.node("Add", []string{o.node("Add", []string{place, number}), shift})
		place = o.node("Div", []string{o.node("Mul", []string{place, image}), count})
		var list []float32
		for i := anchor; i < int64(len(anchors)); i += 2 {
			list = append(list, float32(anchors[i]))
		}
		sides := o.node("Reshape", []string{o.cast(value{name: o.numbers(list), dtype: sampan.Float32}, y.dtype), o.integers(-1, 1, 1, 1)})
		extent := o.node("Mul", []string{o.node("Exp", []string{y.part(channel+2, channel+3)}), sides})
		extent = o.node("Div", []string{o.node("Mul", []string{extent, image}), o.node("Mul", []string{ratio, count})})
		extent = o.node("Mul", []string{extent, half})
		from, to = o.node("Sub", []string{place, extent}), o.node("Add", []string{place, extent})
		if clip {
			from = o.node("Max", []string{from, zero})
			to = o.node("Min", []string{to, o.node("Sub", []string{image, one})})
		}
		return from, to
	}
	left, right := along(0, y.columns, y.width, 1, 0)
	top, bottom := along(1, y.rows, y.height, 0, 1)
	return o.node("Concat", []string{left, top, right, bottom}, attrInt("axis", 2))
}
