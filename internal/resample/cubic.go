package resample

import "math"

// Cubic gives the picture in another size, as INTER_CUBIC in floats, which is how OpenCV
// computes it with Intel's library (a byte in ten thousand may differ by 1); the same
// picture where the size is the same.
func (p Picture) Cubic(to Size) Picture {
	if to.like(p) {
		return p
	}
	width, height := to.Width, to.Height
	stepX, stepY := to.steps(p)
	out := New(width, height)
	kept, stretched, padded := fourTaps.take(width), floats.take(cubicTaps*3*width), bytes.take(p.padding(cubicTaps))
	defer fourTaps.give(kept)
	defer floats.give(stretched)
	defer bytes.give(padded)
	columns := *kept
	for x := range columns {
		columns[x] = fourTapOf(x, stepX)
	}
	// Four stretched rows, each at its number's place modulo four.
	var rows [cubicTaps][]float32
	var numbers [cubicTaps]int
	for i := range rows {
		rows[i], numbers[i] = (*stretched)[3*width*i:][:3*width], -1
	}
	for y := range height {
		t := fourTapOf(y, stepY)
		var four [cubicTaps][]float32
		for i := range four {
			row := max(0, min(t.from+i, p.Height-1))
			place := row % cubicTaps
			if numbers[place] != row {
				stretchFour(rows[place], p.pad(*padded, row, cubicTaps), columns)
				numbers[place] = row
			}
			four[i] = rows[place]
		}
		mix(out.Row(y), four, t.weights)
	}
	return out
}

// cubicTaps is how many pixels of a line make one.
const cubicTaps = 4

// fourTap is which four pixels of a line, the first and those after it, make one of the
// resized line. They may lie beyond its ends.
type fourTap struct {
	from    int
	weights [cubicTaps]float32
}

func fourTapOf(i int, step float64) fourTap {
	from, at := source(i, step)
	return fourTap{from - 1, Keys(at)}
}

// Keys gives the weights of four neighbours for a place x after the second, by Keys'
// cubic with a = -0.75, in OpenCV's order of operations.
func Keys(x float32) (w [cubicTaps]float32) {
	const a = -0.75
	far := func(x float32) float32 {
		return float32(float32(float32(float32(a*x)-5*a)*x)+8*a)*x - 4*a
	}
	near := func(x float32) float32 {
		return float32(float32(float32(float32((a+2)*x)-(a+3))*x)*x) + 1
	}
	w = [cubicTaps]float32{far(x + 1), near(x), near(1 - x)}
	w[3] = 1 - w[0] - w[1] - w[2]
	return w
}

// stretchFour resizes one padded line.
func stretchFour(to []float32, from []uint8, columns []fourTap) {
	for x := range columns {
		t := &columns[x]
		at := 3 * (t.from + cubicTaps)
		p, pixel := from[at:at+3*cubicTaps], to[3*x:3*x+3]
		a, b, c, d := t.weights[0], t.weights[1], t.weights[2], t.weights[3]
		pixel[0] = float32(float32(float32(float32(p[0])*a)+float32(float32(p[3])*b))+float32(float32(p[6])*c)) + float32(float32(p[9])*d)
		pixel[1] = float32(float32(float32(float32(p[1])*a)+float32(float32(p[4])*b))+float32(float32(p[7])*c)) + float32(float32(p[10])*d)
		pixel[2] = float32(float32(float32(float32(p[2])*a)+float32(float32(p[5])*b))+float32(float32(p[8])*c)) + float32(float32(p[11])*d)
	}
}

// mix makes a row of four stretched ones.
func mix(to []uint8, rows [cubicTaps][]float32, weights [cubicTaps]float32) {
	a, b, c, d := rows[0][:len(to)], rows[1][:len(to)], rows[2][:len(to)], rows[3][:len(to)]
	wa, wb, wc, wd := weights[0], weights[1], weights[2], weights[3]
	for i := range to {
		to[i] = rounded(float32(float32(float32(float32(a[i]*wa)+float32(b[i]*wb))+float32(c[i]*wc)) + float32(d[i]*wd)))
	}
}

// rounded is the nearest byte, the even one of two. The sums of a cubic are small enough
// for the nearest float32 beside a large number to be the nearest whole one.
func rounded(sum float32) uint8 {
	const large = 3 << 22
	return uint8(max(0, min(int32(math.Float32bits(sum+large)-math.Float32bits(large)), 255)))
}
