package paddle

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
)

// priorOps lay boxes of given sizes over each element of a map.
var priorOps = map[string]operator{
	"anchor_generator":  {translate: anchorGenerator},
	"density_prior_box": {translate: densityPriorBox, notes: "without steps the sizes of the map and the image have to be fixed"},
	"prior_box":         {translate: priorBox},
}

// priors are boxes around the centre of an element: the distances of their sides from
// it.
type priors struct{ left, top, right, bottom []float32 }

// add appends a box by its size and the distance of its centre.
func (p *priors) add(x, y, width, height float64) {
	p.left, p.right = append(p.left, float32(x-width/2)), append(p.right, float32(x+width/2))
	p.top, p.bottom = append(p.top, float32(y-height/2)), append(p.bottom, float32(y+height/2))
}

// priorGrid is a map with the priors of each element: the centres of columns, [width],
// and of rows, [height].
type priorGrid struct {
	x, y string
	// rows and columns count them, [1].
	rows, columns string
}

// centres finds the centres of elements: (number + offset)·step + shift.
func (o *op) centres(x value, offset float32, stepX, stepY, shiftX, shiftY string) priorGrid {
	g := priorGrid{rows: o.measureEach(x, 2, 3), columns: o.measureEach(x, 3, 4)}
	along := func(count, step, shift string) string {
		number := o.node("Cast", []string{o.count(count)}, attrInt("to", int64(x.dtype)))
		if offset != 0 {
			number = o.node("Add", []string{number, o.scalar(x.dtype, float64(offset))})
		}
		place := o.node("Mul", []string{number, step})
		if shift != "" {
			place = o.node("Add", []string{place, shift})
		}
		return place
	}
	g.x, g.y = along(g.columns, stepX, shiftX), along(g.rows, stepY, shiftY)
	return g
}

// priorBoxes binds the boxes, [height width priors 4], divided by the image's sizes
// where they are not "", and their variances. Bound, if there is one, changes the sides
// before they are joined.
func (o *op) priorBoxes(x value, g priorGrid, p priors, width, height, boxes string, bound func(left, top, right, bottom string) (l, t, r, b string)) {
	if len(p.left) == 0 || o.err != nil {
		o.fail("no boxes are asked for")
		return
	}
	shape := o.node("Concat", []string{g.rows, g.columns, o.integers(int64(len(p.left)))}, attrInt("axis", 0))
	side := func(centre string, distance []float32, size string, axes ...int64) string {
		centre = o.node("Unsqueeze", []string{centre, o.integers(axes...)})
		list := o.cast(value{name: o.numbers(distance), dtype: sampan.Float32}, x.dtype)
		place := o.node("Add", []string{centre, list})
		if size != "" {
			place = o.node("Div", []string{place, size})
		}
		return o.node("Unsqueeze", []string{o.node("Expand", []string{place, shape}), o.integers(-1)})
	}
	left, right := side(g.x, p.left, width, 0, 2), side(g.x, p.right, width, 0, 2)
	top, bottom := side(g.y, p.top, height, 1, 2), side(g.y, p.bottom, height, 1, 2)
	if bound != nil {
		left, top, right, bottom = bound(left, top, right, bottom)
	}
	all := o.joinSides(left, top, right, bottom)
	if o.attrs.boolean("clip", boxes == "Boxes") {
		all = o.node("Clip", []string{all, o.scalar(x.dtype, 0), o.scalar(x.dtype, 1)})
	}
	list := o.attrs.floats("variances", []float32{0.1, 0.1, 0.2, 0.2})
	variances := o.cast(value{name: o.numbers(list), dtype: sampan.Float32}, x.dtype)
	full := o.node("Concat", []string{shape, o.integers(int64(len(list)))}, attrInt("axis", 0))
	variances = o.node("Expand", []string{variances, full})
	if o.attrs.boolean("flatten_to_2d", false) {
		all = o.node("Reshape", []string{all, o.integers(-1, 4)})
		variances = o.node("Reshape", []string{variances, o.integers(-1, int64(len(list)))})
	}
	o.output(boxes, all)
	o.output("Variances", variances)
}

// priorSteps are the distances between elements in the image and the image's sizes.
// Where the program does not say them they follow from the sizes.
func (o *op) priorSteps(x, image value) (stepX, stepY, width, height string) {
	float := func(v value, from int) string {
		return o.node("Cast", []string{o.measureEach(v, from, from+1)}, attrInt("to", int64(x.dtype)))
	}
	width, height = float(image, 3), float(image, 2)
	w, h := o.attrs.float("step_w", 0), o.attrs.float("step_h", 0)
	if w == 0 || h == 0 {
		return o.node("Div", []string{width, float(x, 3)}), o.node("Div", []string{height, float(x, 2)}), width, height
	}
	return o.scalar(x.dtype, float64(w)), o.scalar(x.dtype, float64(h)), width, height
}

// priorBox translates prior_box, with the order of Paddle's prior_box_kernel.cc.
func priorBox(o *op) {
	x, image := o.input("Input"), o.input("Image")
	least, most := o.attrs.floats("min_sizes", nil), o.attrs.floats("max_sizes", nil)
	if len(most) > 0 && len(most) != len(least) {
		o.fail("max_sizes is %v for min_sizes %v", most, least)
		return
	}
	ratios := expandRatios(o.attrs.floats("aspect_ratios", nil), o.attrs.boolean("flip", true))
	squareFirst := o.attrs.boolean("min_max_aspect_ratios_order", false)
	var p priors
	for i, size := range least {
		s := float64(size)
		square := func() {
			if len(most) > 0 {
				side := math.Sqrt(s * float64(most[i]))
				p.add(0, 0, side, side)
			}
		}
		if squareFirst {
			p.add(0, 0, s, s)
			square()
		}
		for _, ratio := range ratios {
			if squareFirst && math.Abs(ratio-1) < 1e-6 {
				continue
			}
			p.add(0, 0, s*math.Sqrt(ratio), s/math.Sqrt(ratio))
		}
		if !squareFirst {
			square()
		}
	}
	stepX, stepY, width, height := o.priorSteps(x, image)
	g := o.centres(x, o.attrs.float("offset", 0.5), stepX, stepY, "", "")
	o.priorBoxes(x, g, p, width, height, "Boxes", nil)
}

// expandRatios puts 1 first, leaves out what is there already, and adds the reciprocals.
func expandRatios(list []float32, flip bool) []float64 {
	out := []float64{1}
	for _, v := range list {
		ratio := float64(v)
		if slices.ContainsFunc(out, func(other float64) bool { return math.Abs(ratio-other) < 1e-6 }) {
			continue
		}
		if out = append(out, ratio); flip {
			out = append(out, 1/ratio)
		}
	}
	return out
}

// densityPriorBox translates density_prior_box: squares of density by density boxes of
// each size and ratio around each element.
func densityPriorBox(o *op) {
	x, image := o.input("Input"), o.input("Image")
	fixed, ratios, densities := o.attrs.floats("fixed_sizes", nil), o.attrs.floats("fixed_ratios", nil), o.attrs.integers("densities", nil)
	if len(fixed) != len(densities) || slices.Min(append(densities, 1)) < 1 || slices.Max(append(densities, 1)) > mostDensity {
		o.fail("densities is %v for fixed_sizes %v, want as many numbers of 1 to %d", densities, fixed, mostDensity)
	}
	average := o.averageStep(x, image)
	if o.err != nil {
		return
	}
	var p priors
	for i, size := range fixed {
		shift := average / densities[i]
		first := float64(shift)/2 - float64(average)/2
		for _, ratio := range ratios {
			width, height := float64(size)*math.Sqrt(float64(ratio)), float64(size)/math.Sqrt(float64(ratio))
			for row := range densities[i] {
				for column := range densities[i] {
					p.add(first+float64(column*shift), first+float64(row*shift), width, height)
				}
			}
		}
	}
	zero, one := o.scalar(x.dtype, 0), o.scalar(x.dtype, 1)
	stepX, stepY, width, height := o.priorSteps(x, image)
	g := o.centres(x, o.attrs.float("offset", 0.5), stepX, stepY, "", "")
	o.priorBoxes(x, g, p, width, height, "Boxes", func(left, top, right, bottom string) (l, t, r, b string) {
		return o.node("Max", []string{left, zero}), o.node("Max", []string{top, zero}),
			o.node("Min", []string{right, one}), o.node("Min", []string{bottom, one})
	})
}

// mostDensity bounds the boxes that an operator lists.
const mostDensity = 16

// averageStep is the mean of the steps in both directions, cut to an integer.
func (o *op) averageStep(x, image value) int64 {
	w, h := o.attrs.float("step_w", 0), o.attrs.float("step_h", 0)
	if w != 0 && h != 0 {
		return int64((w + h) / 2)
	}
	if o.rank(x) != 4 || o.rank(image) != 4 {
		o.fail("shapes %v and %v, want 4 dimensions", x.shape, image.shape)
		return 0
	}
	if slices.Min(slices.Concat(x.shape[2:], image.shape[2:])) < 1 {
		o.failCode(sampan.Unimplemented, "without steps the sizes have to be fixed, the shapes are %v and %v", x.shape, image.shape)
		return 0
	}
	return int64((float32(image.shape[3])/float32(x.shape[3]) + float32(image.shape[2])/float32(x.shape[2])) / 2)
}

// anchorGenerator translates anchor_generator: for each ratio and size a box in pixels
// whose last element is inside.
func anchorGenerator(o *op) {
	x := o.input("Input")
	stride := o.attrs.floats("stride", nil)
	if len(stride) != 2 {
		o.fail("stride is %v, want 2 numbers", stride)
		return
	}
	offset := o.attrs.float("offset", 0.5)
	w, h := float64(stride[0]), float64(stride[1])
	var p priors
	for _, ratio := range o.attrs.floats("aspect_ratios", nil) {
		width := math.Round(math.Sqrt(w * h / float64(ratio)))
		height := math.Round(width * float64(ratio))
		for _, size := range o.attrs.floats("anchor_sizes", nil) {
			p.add(0, 0, float64(size)/w*width-1, float64(size)/h*height-1)
		}
	}
	number := func(v float64) string { return o.scalar(x.dtype, v) }
	g := o.centres(x, 0, number(w), number(h), number(float64(offset)*(w-1)), number(float64(offset)*(h-1)))
	o.priorBoxes(x, g, p, "", "", "Anchors", nil)
}
