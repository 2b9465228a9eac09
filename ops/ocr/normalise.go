package ocr

import "github.com/sampanml/sampan/internal/resample"

// levels has what each value of each channel becomes.
type levels [3][256]float32

// normalised maps a channel's values v to (v/255 - mean) / deviation.
func normalised(means, deviations [3]float32) *levels {
	out := new(levels)
	for c := range out {
		for v := range out[c] {
			out[c][v] = (float32(v)/255 - means[c]) / deviations[c]
		}
	}
	return out
}

var (
	// half is for recognition: from -1 to 1.
	half = normalised([3]float32{0.5, 0.5, 0.5}, [3]float32{0.5, 0.5, 0.5})
	// imageNet is for detection. PaddleOCR takes the numbers of R G B for B G R.
	imageNet = normalised([3]float32{0.485, 0.456, 0.406}, [3]float32{0.229, 0.224, 0.225})
)

// write puts a picture into the left of planes of the given width, one a channel.
func (l *levels) write(p resample.Picture, to []float32, width int) {
	size := width * p.Height
	for y := range p.Height {
		from := p.Row(y)
		for c := range l {
			plane, level := to[c*size+y*width:][:p.Width], &l[c]
			for x := range plane {
				plane[x] = level[from[3*x+c]]
			}
		}
	}
}
