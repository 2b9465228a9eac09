package ocr

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/resample"
)

// Detection makes the arrays of PP-OCR's text detectors.
type Detection struct {
	// LimitSideLen bounds a side of the picture in pixels; 0 means 960.
	LimitSideLen int `yaml:"limit_side_len"`
	// LimitType "max", the default, shrinks pictures whose longer side is above the
	// limit; "min" enlarges those whose shorter side is below.
	LimitType string `yaml:"limit_type"`
}

const (
	// detectionStep is what the sides of a detector's input are multiples of.
	detectionStep = 32
	// maxDetectionSide bounds them.
	maxDetectionSide = 1 << 13
)

// Validate checks the fields.
func (d Detection) Validate() error {
	if d.LimitSideLen < 0 || d.LimitSideLen > maxDetectionSide {
		return sampan.Errorf(sampan.InvalidArgument, "limit_side_len is %d, want 0 to %d", d.LimitSideLen, maxDetectionSide)
	}
	if d.LimitType != "" && d.LimitType != "max" && d.LimitType != "min" {
		return sampan.Errorf(sampan.InvalidArgument, "limit_type is %q, want max or min", d.LimitType)
	}
	return nil
}

// Preprocess makes an array, float32 of shape [1 3 H W], of a picture, uint8 of shape
// [h w 3] and channels B G R: sides in multiples of 32 and ImageNet's mean and standard
// deviation. The ratio is for [DBPostProcess].
func (d Detection) Preprocess(picture sampan.Tensor) (sampan.Tensor, Ratio, error) {
	if err := d.Validate(); err != nil {
		return sampan.Tensor{}, Ratio{}, err
	}
	r, err := rasterOf(picture)
	if err != nil {
		return sampan.Tensor{}, Ratio{}, err
	}
	scale := d.scale(r)
	height, width := stepped(float64(r.Height)*scale), stepped(float64(r.Width)*scale)
	out, err := sampan.New(sampan.Float32, sampan.Shape{1, 3, int64(height), int64(width)})
	if err != nil {
		return sampan.Tensor{}, Ratio{}, err
	}
	to, err := sampan.View[float32](out)
	if err != nil {
		return sampan.Tensor{}, Ratio{}, err
	}
	imageNet.write(r.Linear(resample.To(width, height)), to, width)
	return out, Ratio{H: float64(height) / float64(r.Height), W: float64(width) / float64(r.Width)}, nil
}

func (d Detection) scale(r raster) float64 {
	limit := float64(d.LimitSideLen)
	if limit == 0 {
		limit = 960
	}
	if d.LimitType == "min" {
		return max(1, limit/float64(min(r.Width, r.Height)))
	}
	return min(1, limit/float64(max(r.Width, r.Height)))
}

// stepped rounds the whole part of a side to a multiple of 32, at least one and within
// the bound.
func stepped(side float64) int {
	steps := math.RoundToEven(math.Trunc(side) / detectionStep)
	return int(max(detectionStep, min(steps*detectionStep, maxDetectionSide)))
}
