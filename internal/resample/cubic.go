package resample

import "math"

// Cubic gives the picture in another size, as INTER_CUBIC in floats, which is how OpenCV
// computes it with Intel's library (a byte in ten thousand may differ by 1); the same
// picture where the size is the same. No side may be zero.
func (p Picture) Cubic(width, height int) Picture {
	if width == p.Width && height == p.Height {
		return p
	}
	out := New(width, height)
	kept, stretched := fourTaps.take(width), floats.take(4*3*width)
	defer fourTaps.give(kept)
	defer floats.give(stretched)
	columns := *kept
	for x := range columns {
		columns[x] = fourTapOf(x, p.Width, width)
	}
	// Four stretched rows, each at its number's place modulo four.
	var rows [4][]float32
	var numbers [4]int
	for i := range rows {
		rows[i], numbers[i] = (*stretched)[3*width*i:][:3*width], -1
	}
	for y := range height {
		t := fourTapOf(y, p.Height, height)
		var four [4][]float32
		for i, row := range t.from {
			if place := row % 4; numbers[place] != row {
				stretchFour(rows[place], p.Row(row), columns)
				numbers[place] = row
			}
			four[i] = rows[row%4]
		}
		mix(out.Row(y), four, t.weights)
	}
	return out
}

// fourTap is which four pixels of a line make one of the resized line.
type fourTap struct {
	from    [4]int
	weights [4]float32
}

func fourTapOf(i, size, resized int) fourTap {
	from, at := source(i, step(size, resized))
	var out fourTap
	for k := range out.from {
		out.from[k] = max(0, min(from-1+k, size-1))
	}
	out.weights = Keys(at)
	return out
}

// Keys gives the weights of four neighbours for a place x after the second, by Keys'
// cubic with a = -0.75, in OpenCV's order of operations.
func Keys(x float32) (w [4]float32) {
	const a = -0.75
	far := func(x float32) float32 {
		return float32(float32(float32(float32(a*x)-5*a)*x)+8*a)*x - 4*a
	}
	near := func(x float32) float32 {
		return float32(float32(float32(float32((a+2)*x)-(a+3))*x)*x) + 1
	}
	w = [4]float32{far(x + 1), near(x), near(1 - x)}
	w[3] = 1 - w[0] - w[1] - w[2]
	return w
}

// stretchFour resizes one line.
func stretchFour(to []float32, from []uint8, columns []fourTap) {
	for x := range columns {
		t := &columns[x]
		a, b, c, d := from[3*t.from[0]:][:3], from[3*t.from[1]:][:3], from[3*t.from[2]:][:3], from[3*t.from[3]:][:3]
		wa, wb, wc, wd := t.weights[0], t.weights[1], t.weights[2], t.weights[3]
		pixel := to[3*x:][:3]
		for i := range pixel {
			pixel[i] = float32(float32(float32(float32(float32(a[i])*wa)+float32(float32(b[i])*wb))+float32(float32(c[i])*wc)) + float32(float32(d[i])*wd))
		}
	}
}

// mix makes a row of four stretched ones.
func mix(to []uint8, rows [4][]float32, weights [4]float32) {
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
