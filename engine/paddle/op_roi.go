package paddle

import (
	"github.com/sampanml/sampan"
)

// roiOps read the parts of images that boxes show, [boxes channels height width].
var roiOps = map[string]operator{
	"roi_align": {translate: roiAlign},
	"roi_pool":  {translate: roiPool, notes: "the output Argmax is not supported"},
}

// rois are boxes in several images.
type rois struct {
	boxes value
	// images are the numbers of the boxes' images, int64 [boxes].
	images string
}

// rois reads the boxes, which come with their number in each image or as sequences.
func (o *op) rois() rois {
	boxes := o.input("ROIs")
	return rois{boxes, o.ids(o.imageSegments(boxes, "RoisNum"))}
}

// imageSegments are the sequences that boxes are for images: an input counts them, or
// the LoD of the boxes does.
func (o *op) imageSegments(boxes value, parameter string) segments {
	if counts, given := o.optional(parameter); given {
		return o.segmentsWith(o.cast(counts, sampan.Int64))
	}
	return o.segments(boxes)
}

// pooledSize reads the height and width of what is made of each box.
func (o *op) pooledSize() (height, width int64) {
	height, width = o.attrs.integer("pooled_height", 1), o.attrs.integer("pooled_width", 1)
	if height < 1 || width < 1 {
		o.fail("pooled_height is %d and pooled_width %d, want 1 or more", height, width)
	}
	return height, width
}

// roiAlign averages what is interpolated between the elements in a box.
func roiAlign(o *op) {
	x, r := o.input("X"), o.rois()
	height, width := o.pooledSize()
	mode := "output_half_pixel"
	if o.attrs.boolean("aligned", false) {
		mode = "half_pixel"
	}
	o.output("Out", o.node("RoiAlign", []string{x.name, r.boxes.name, r.images},
		attrText("coordinate_transformation_mode", mode),
		attrInt("output_height", height), attrInt("output_width", width),
		attrInt("sampling_ratio", max(o.attrs.integer("sampling_ratio", -1), 0)),
		attrFloat("spatial_scale", o.attrs.float("spatial_scale", 1))))
}

// roiPool takes the maxima of the elements in a box.
func roiPool(o *op) {
	x, r := o.input("X"), o.rois()
	height, width := o.pooledSize()
	images := o.node("Unsqueeze", []string{r.images, o.integers(1)})
	images = o.node("Cast", []string{images}, attrInt("to", int64(x.dtype)))
	boxes := o.node("Concat", []string{images, r.boxes.name}, attrInt("axis", 1))
	o.output("Out", o.node("MaxRoiPool", []string{x.name, boxes},
		attrInts("pooled_shape", []int64{height, width}),
		attrFloat("spatial_scale", o.attrs.float("spatial_scale", 1))))
}
