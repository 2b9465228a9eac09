package ocr

import (
	"math"
	"sync"

	"github.com/sampanml/sampan"
)

// DBPostProcess turns the probability maps of a text detector with differentiable
// binarization into boxes: regions above a threshold, the smallest rectangle around
// each, grown to the size of its text.
type DBPostProcess struct {
	// Threshold is the probability above which a pixel is text; 0 means 0.3.
	Threshold float64 `yaml:"thresh"`
	// BoxThreshold is the mean probability that a box must exceed; 0 means 0.6.
	BoxThreshold float64 `yaml:"box_thresh"`
	// MaxCandidates is how many regions are looked at, from the bottom of the picture;
	// 0 means 1000.
	MaxCandidates int `yaml:"max_candidates"`
	// UnclipRatio is how far a box grows: its sides move by area × ratio / perimeter;
	// 0 means 1.5.
	UnclipRatio float64 `yaml:"unclip_ratio"`
	// MinSize is the shortest side of a region in pixels of the map, and two less than
	// that of a grown box; 0 means 3.
	MinSize float64 `yaml:"min_size"`
	// Dilate widens the regions by a pixel to the right and below, so that close ones
	// become one; GeneralDetectionOp does.
	Dilate bool `yaml:"use_dilation"`
	// Nearest takes corners to the nearest pixel of the original picture;
	// paddle_serving_app cuts their fractions off.
	Nearest bool `yaml:"nearest"`
}

// Ratio is how much a picture was scaled before it went into the model: scaled size
// over original size.
type Ratio struct{ H, W float64 }

// maxMapSide bounds a map's sides, so that coordinates stay exact.
const maxMapSide = 1 << 15

// Validate checks the fields.
func (d DBPostProcess) Validate() error {
	switch d = d.withDefaults(); {
	case !(d.Threshold >= -1 && d.Threshold <= 1):
		return sampan.Errorf(sampan.InvalidArgument, "thresh is %v, want a probability", d.Threshold)
	case !(d.BoxThreshold >= -1 && d.BoxThreshold <= 1):
		return sampan.Errorf(sampan.InvalidArgument, "box_thresh is %v, want a probability", d.BoxThreshold)
	case d.MaxCandidates < 0:
		return sampan.Errorf(sampan.InvalidArgument, "max_candidates is %d, want at least 0", d.MaxCandidates)
	case !(d.UnclipRatio > 0 && d.UnclipRatio <= 100):
		return sampan.Errorf(sampan.InvalidArgument, "unclip_ratio is %v, want more than 0 and at most 100", d.UnclipRatio)
	case !(d.MinSize >= 0 && d.MinSize <= maxMapSide):
		return sampan.Errorf(sampan.InvalidArgument, "min_size is %v, want 0 to %d", d.MinSize, maxMapSide)
	}
	return nil
}

func (d DBPostProcess) withDefaults() DBPostProcess {
	if d.Threshold == 0 {
		d.Threshold = 0.3
	}
	if d.BoxThreshold == 0 {
		d.BoxThreshold = 0.6
	}
	if d.MaxCandidates == 0 {
		d.MaxCandidates = 1000
	}
	if d.UnclipRatio == 0 {
		d.UnclipRatio = 1.5
	}
	if d.MinSize == 0 {
		d.MinSize = 3
	}
	return d
}

// Boxes finds the boxes of each picture of a batch: probability is float32 of shape
// [N 1 H W], and there is a ratio for each picture. Corners are whole numbers of pixels
// of the original pictures. The boxes come from the bottom of the picture upwards, as
// the original's.
func (d DBPostProcess) Boxes(probability sampan.Tensor, ratios []Ratio) ([][]Box, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	p, err := sampan.View[float32](probability)
	if err != nil {
		return nil, err
	}
	shape := probability.Shape
	if len(shape) != 4 || shape[1] != 1 || shape[2] > maxMapSide || shape[3] > maxMapSide {
		return nil, sampan.Errorf(sampan.InvalidArgument, "probability has shape %v, want [N 1 H W] with sides of at most %d", shape, maxMapSide)
	}
	if shape[0] != int64(len(ratios)) {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d ratios for %d probability maps", len(ratios), shape[0])
	}
	for i, r := range ratios {
		if !(r.H > 0 && r.W > 0) || math.IsInf(r.H, 1) || math.IsInf(r.W, 1) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "ratio %d is %v, want two positive numbers", i, r)
		}
	}
	d = d.withDefaults()
	height, width := int(shape[2]), int(shape[3])
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	out := make([][]Box, len(ratios))
	for i, r := range ratios {
		out[i] = d.boxes(s, p[i*height*width:(i+1)*height*width], width, height, r)
	}
	return out, nil
}

// scratch is memory for the steps of one map.
type scratch struct {
	contours
	sorted, chain []corner
	corners       []pixel
	vertices      []Point
	sides         []edge
	quad, outline []pixel
	fill          fill
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (d DBPostProcess) boxes(s *scratch, probability []float32, width, height int, r Ratio) []Box {
	s.binarise(probability, width, height, float32(d.Threshold))
	if d.Dilate {
		s.dilate()
	}
	s.find()
	var out []Box
	last := len(s.ends) - 1
	for i := last; i >= 0 && i > last-d.MaxCandidates; i-- {
		region := s.around(s.contour(i))
		if float64(region.shortSide()) < d.MinSize {
			continue
		}
		box := region.box()
		if score := s.score(probability, width, height, box); !(score > d.BoxThreshold) {
			continue
		}
		outline := s.unclip(box, d.UnclipRatio)
		if len(outline) == 0 {
			continue
		}
		region = s.around(outline)
		if float64(region.shortSide()) < d.MinSize+2 {
			continue
		}
		box = region.box()
		for c := range box {
			box[c].X = d.original(box[c].X, width, r.W)
			box[c].Y = d.original(box[c].Y, height, r.H)
		}
		out = append(out, box)
	}
	return out
}

// original takes a coordinate to the nearest pixel inside the map, and from there to one
// of the original picture.
func (d DBPostProcess) original(v float32, size int, ratio float64) float32 {
	v = float32(math.RoundToEven(float64(v / float32(size) * float32(size))))
	v = max(0, min(v, float32(size))) / float32(ratio)
	if d.Nearest {
		return float32(math.RoundToEven(float64(v)))
	}
	return float32(math.Trunc(float64(v)))
}
