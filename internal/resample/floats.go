package resample

import "math"

// LinearFloats gives pixels of three float32 in another size, as INTER_LINEAR; the same
// ones where the size is the same.
func LinearFloats(in []float32, width, height int, to Size) []float32 {
	from := Picture{Width: width, Height: height}
	if to.like(from) {
		return in
	}
	stepX, stepY := to.steps(from)
	toWidth, toHeight := to.Width, to.Height
	out := make([]float32, 3*toWidth*toHeight)
	kept, rows := floatTaps.take(toWidth), floats.take(6*toWidth)
	defer floatTaps.give(kept)
	defer floats.give(rows)
	columns := *kept
	for x := range columns {
		columns[x] = floatTapOf(x, width, stepX)
	}
	above, below := (*rows)[:3*toWidth], (*rows)[3*toWidth:]
	aboveRow, belowRow := -1, -1
	for y := range toHeight {
		t := floatTapOf(y, height, stepY)
		if t.first == belowRow {
			above, below, aboveRow, belowRow = below, above, belowRow, aboveRow
		}
		if t.first != aboveRow {
			stretchFloats(above, in[3*t.first*width:], columns)
			aboveRow = t.first
		}
		if t.second != belowRow {
			stretchFloats(below, in[3*t.second*width:], columns)
			belowRow = t.second
		}
		line, second := out[3*y*toWidth:3*(y+1)*toWidth], below[:len(above)]
		for i, v := range above {
			line[i] = v*t.left + second[i]*t.right
		}
	}
	return out
}

// floatTap is which two pixels of a line make one of the resized line.
type floatTap struct {
	first, second int
	left, right   float32
}

func floatTapOf(i, size int, step float64) floatTap {
	// OpenCV computes floats with Intel's library, which takes the place in doubles.
	at := (float64(i)+0.5)*step - 0.5
	whole := int(math.Floor(at))
	part := float32(at - float64(whole))
	switch {
	case whole < 0:
		whole, part = 0, 0
	case whole >= size-1:
		whole, part = size-1, 0
	}
	return floatTap{whole, min(whole+1, size-1), 1 - part, part}
}

// stretchFloats resizes one line.
func stretchFloats(to, from []float32, columns []floatTap) {
	for x := range columns {
		t := &columns[x]
		p, q, pixel := from[3*t.first:3*t.first+3], from[3*t.second:3*t.second+3], to[3*x:3*x+3]
		left, right := t.left, t.right
		pixel[0] = p[0]*left + q[0]*right
		pixel[1] = p[1]*left + q[1]*right
		pixel[2] = p[2]*left + q[2]*right
	}
}
