package ocr

import "math"

// coefficientBits is the precision of the weights of cv2.resize with INTER_LINEAR.
const coefficientBits = 11

// resized gives the picture in another size, as cv2.resize with INTER_LINEAR. Neither
// size may be zero.
func (r raster) resized(width, height int) raster {
	if width == r.width && height == r.height && r.stride == 3*width {
		return r
	}
	if r.width == 2*width && r.height == 2*height {
		return r.halved()
	}
	out := newRaster(width, height)
	columns := make([]tap, width)
	for x := range columns {
		columns[x] = tapOf(x, r.width, width)
		if t := &columns[x]; t.from < 0 || t.from >= r.width-1 {
			t.from, t.weights = max(0, min(t.from, r.width-1)), [2]int32{1 << coefficientBits, 0}
		}
	}
	above, below := make([]int32, 3*width), make([]int32, 3*width)
	aboveRow, belowRow := -1, -1
	for y := range height {
		t := tapOf(y, r.height, height)
		first, second := max(0, min(t.from, r.height-1)), max(0, min(t.from+1, r.height-1))
		if first == belowRow {
			above, below, aboveRow, belowRow = below, above, belowRow, aboveRow
		}
		if first != aboveRow {
			stretch(above, line(&r, first), columns)
			aboveRow = first
		}
		if second != belowRow {
			stretch(below, line(&r, second), columns)
			belowRow = second
		}
		to := out.pixels[y*out.stride:][:len(above)]
		for i, a := range above {
			to[i] = uint8((t.weights[0]*(a>>4)>>16 + t.weights[1]*(below[i]>>4)>>16 + 2) >> 2)
		}
	}
	return out
}

// tap is which two of a line's neighbouring pixels make one of the resized line.
type tap struct {
	from    int
	weights [2]int32
}

func tapOf(i, size, resized int) tap {
	scale := 1 / (float64(resized) / float64(size))
	at := float32((float64(i)+0.5)*scale - 0.5)
	from := math.Floor(float64(at))
	at -= float32(from)
	return tap{int(from), [2]int32{coefficient(1 - at), coefficient(at)}}
}

func coefficient(weight float32) int32 {
	return int32(math.RoundToEven(float64(weight * (1 << coefficientBits))))
}

// stretch resizes one line.
func stretch(to []int32, from []uint8, columns []tap) {
	for x, t := range columns {
		p := from[3*t.from:]
		q := p
		if t.weights[1] != 0 {
			q = p[3:]
		}
		for c := range 3 {
			to[3*x+c] = int32(p[c])*t.weights[0] + int32(q[c])*t.weights[1]
		}
	}
}

// halved gives the picture in half its size, as OpenCV does where the sizes fit.
func (r raster) halved() raster {
	out := newRaster(r.width/2, r.height/2)
	for y := range out.height {
		above, below := line(&r, 2*y), line(&r, 2*y+1)
		to := out.pixels[y*out.stride:][:out.stride]
		for x := range out.width {
			for c := range 3 {
				i := 6*x + c
				to[3*x+c] = uint8((int(above[i]) + int(above[i+3]) + int(below[i]) + int(below[i+3]) + 2) >> 2)
			}
		}
	}
	return out
}
