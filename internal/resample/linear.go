package resample

import "math"

// coefficientBits is the precision of weights.
const coefficientBits = 11

// Linear gives the picture in another size, as INTER_LINEAR; the same picture where the
// size is the same. No side may be zero.
func (p Picture) Linear(width, height int) Picture {
	if width == p.Width && height == p.Height {
		return p
	}
	if p.Width == 2*width && p.Height == 2*height {
		return p.half()
	}
	out := New(width, height)
	columns := make([]tap, width)
	for x := range columns {
		columns[x] = tapOf(x, p.Width, width)
		if t := &columns[x]; t.from < 0 || t.from >= p.Width-1 {
			t.from, t.weights = max(0, min(t.from, p.Width-1)), [2]int32{1 << coefficientBits, 0}
		}
	}
	above, below := make([]int32, 3*width), make([]int32, 3*width)
	aboveRow, belowRow := -1, -1
	for y := range height {
		t := tapOf(y, p.Height, height)
		first, second := max(0, min(t.from, p.Height-1)), max(0, min(t.from+1, p.Height-1))
		if first == belowRow {
			above, below, aboveRow, belowRow = below, above, belowRow, aboveRow
		}
		if first != aboveRow {
			stretch(above, p.Row(first), columns)
			aboveRow = first
		}
		if second != belowRow {
			stretch(below, p.Row(second), columns)
			belowRow = second
		}
		to, below := out.Row(y)[:len(above)], below[:len(above)]
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
	from, at := source(i, size, resized)
	return tap{from, [2]int32{coefficient(1 - at), coefficient(at)}}
}

// source is where pixel i of a resized line lies between two of the line: after the
// first of them, and how far.
func source(i, size, resized int) (from int, at float32) {
	scale := 1 / (float64(resized) / float64(size))
	at = float32((float64(i)+0.5)*scale - 0.5)
	whole := math.Floor(float64(at))
	return int(whole), at - float32(whole)
}

func coefficient(weight float32) int32 {
	return int32(math.RoundToEven(float64(weight * (1 << coefficientBits))))
}

// stretch resizes one line.
func stretch(to []int32, from []uint8, columns []tap) {
	for x, t := range columns {
		p := from[3*t.from : 3*t.from+3]
		q := p
		if t.weights[1] != 0 {
			q = from[3*t.from+3 : 3*t.from+6]
		}
		pixel := to[3*x : 3*x+3]
		for c := range pixel {
			pixel[c] = int32(p[c])*t.weights[0] + int32(q[c])*t.weights[1]
		}
	}
}

// half gives the picture in half its size, where OpenCV takes the mean of four pixels.
func (p Picture) half() Picture {
	out := New(p.Width/2, p.Height/2)
	for y := range out.Height {
		above, below := p.Row(2*y), p.Row(2*y+1)
		to := out.Row(y)
		for x := range out.Width {
			for c := range 3 {
				i := 6*x + c
				to[3*x+c] = uint8((int(above[i]) + int(above[i+3]) + int(below[i]) + int(below[i+3]) + 2) >> 2)
			}
		}
	}
	return out
}
