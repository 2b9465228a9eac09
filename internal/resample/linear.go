package resample

import "math"

// coefficientBits is the precision of weights.
const coefficientBits = 11

// Linear gives the picture in another size, as INTER_LINEAR; the same picture where the
// size is the same.
func (p Picture) Linear(to Size) Picture {
	stepX, stepY := to.steps(p)
	switch {
	case to.like(p):
		return p
	case stepX == 2 && stepY == 2:
		return p.tiles(to, 2, 2)
	}
	return p.blend(to, func(i int) tap { return tapOf(i, stepX) }, func(i int) tap { return tapOf(i, stepY) })
}

// blend gives the picture in another size by the taps of its columns and rows.
func (p Picture) blend(to Size, column, row func(i int) tap) Picture {
	if p.Width == 1 {
		p = p.twice()
	}
	width, height := to.Width, to.Height
	out := New(width, height)
	kept, rows := taps.take(width), ints.take(6*width)
	defer taps.give(kept)
	defer ints.give(rows)
	columns := *kept
	for x := range columns {
		columns[x] = column(x).within(p.Width)
	}
	above, below := (*rows)[:3*width], (*rows)[3*width:]
	aboveRow, belowRow := -1, -1
	for y := range height {
		t := row(y)
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
		mixTwo(out.Row(y), above, below, t.weights)
	}
	return out
}

// tap is which two of a line's neighbouring pixels make one of the resized line.
type tap struct {
	from    int
	weights [2]int32
}

func tapOf(i int, step float64) tap {
	from, at := source(i, step)
	return tap{from, [2]int32{coefficient(1 - at), coefficient(at)}}
}

// within moves a tap at a line's end so that both its pixels are in the line.
func (t tap) within(size int) tap {
	switch {
	case t.from < 0:
		return tap{0, [2]int32{1 << coefficientBits, 0}}
	case t.from > size-2:
		return tap{size - 2, [2]int32{0, 1 << coefficientBits}}
	}
	return t
}

// source is where pixel i of a resized line lies between two of the line: after the
// first of them, and how far.
func source(i int, step float64) (from int, at float32) {
	at = float32((float64(i)+0.5)*step - 0.5)
	whole := math.Floor(float64(at))
	return int(whole), at - float32(whole)
}

func coefficient(weight float32) int32 {
	return int32(math.RoundToEven(float64(weight * (1 << coefficientBits))))
}

// lostBits are those that OpenCV drops between the columns and the rows.
const lostBits = 4

// stretch resizes one line.
func stretch(to []int32, from []uint8, columns []tap) {
	for x := range columns {
		t := &columns[x]
		p, pixel := from[3*t.from:3*t.from+6], to[3*x:3*x+3]
		left, right := t.weights[0], t.weights[1]
		pixel[0] = (int32(p[0])*left + int32(p[3])*right) >> lostBits
		pixel[1] = (int32(p[1])*left + int32(p[4])*right) >> lostBits
		pixel[2] = (int32(p[2])*left + int32(p[5])*right) >> lostBits
	}
}

// mixTwo makes a row of two stretched ones, four bytes at a time.
func mixTwo(to []uint8, above, below []int32, weights [2]int32) {
	top, bottom := weights[0], weights[1]
	to, below = to[:len(above)], below[:len(above)]
	i := 0
	for ; i+4 <= len(above); i += 4 {
		a, b, four := above[i:i+4], below[i:i+4], to[i:i+4]
		four[0] = mixed(a[0]*top, b[0]*bottom)
		four[1] = mixed(a[1]*top, b[1]*bottom)
		four[2] = mixed(a[2]*top, b[2]*bottom)
		four[3] = mixed(a[3]*top, b[3]*bottom)
	}
	for ; i < len(above); i++ {
		to[i] = mixed(above[i]*top, below[i]*bottom)
	}
}

// mixed is the byte of two weighted values, each of which loses its low bits first, as
// OpenCV's do.
func mixed(above, below int32) uint8 {
	const most, half = 2*coefficientBits - lostBits - 2, 2
	return uint8((above>>most + below>>most + half) >> 2)
}

// twice is a picture of one column with that column twice.
func (p Picture) twice() Picture {
	out := New(2, p.Height)
	for y := range p.Height {
		copy(out.Row(y), p.Row(y)[:3])
		copy(out.Row(y)[3:], p.Row(y)[:3])
	}
	return out
}
