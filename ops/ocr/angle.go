package ocr

import "github.com/sampanml/sampan"

// Angle turns lines that stand on their head, by what PP-OCR's angle classifier says.
type Angle struct {
	// Threshold is the probability of 180 degrees above which a line is turned; 0 means
	// 0.9.
	Threshold float64 `yaml:"thresh"`
}

// The size of the classifier's input.
const (
	angleHeight = 48
	angleWidth  = 192
)

// Preprocess makes the classifier's array, float32 of shape [N 3 48 192], of N crops,
// uint8 of shape [h w 3].
func (a Angle) Preprocess(crops ...sampan.Tensor) (sampan.Tensor, error) {
	return lines(crops, angleHeight, angleWidth)
}

// Turn gives the crops upright, and which of them it turned. Probabilities are float32
// of shape [N 2]: for 0 and 180 degrees.
func (a Angle) Turn(crops []sampan.Tensor, probabilities sampan.Tensor) ([]sampan.Tensor, []bool, error) {
	p, err := sampan.View[float32](probabilities)
	if err != nil {
		return nil, nil, err
	}
	if s := probabilities.Shape; len(s) != 2 || s[0] != int64(len(crops)) || s[1] != 2 {
		return nil, nil, sampan.Errorf(sampan.InvalidArgument, "probabilities have shape %v, want [%d 2]", s, len(crops))
	}
	threshold := a.Threshold
	if threshold == 0 {
		threshold = 0.9
	}
	out, turned := make([]sampan.Tensor, len(crops)), make([]bool, len(crops))
	for i, crop := range crops {
		out[i] = crop
		if largest(p[2*i:2*i+2]) != 1 || !(float64(p[2*i+1]) > threshold) {
			continue
		}
		r, err := rasterOf(crop)
		if err != nil {
			return nil, nil, err
		}
		if out[i], err = r.upsideDown().tensor(); err != nil {
			return nil, nil, err
		}
		turned[i] = true
	}
	return out, turned, nil
}

// upsideDown gives the picture turned by half a turn.
func (r raster) upsideDown() raster {
	out := newRaster(r.Width, r.Height)
	to := len(out.Pixels)
	for y := range r.Height {
		for row := r.Row(y); len(row) > 0; row = row[3:] {
			to -= 3
			copy(out.Pixels[to:to+3], row)
		}
	}
	return out
}
