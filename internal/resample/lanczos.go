package resample

import "math"

// lanczosTaps is how many pixels of a line make one.
const lanczosTaps = 8

// Lanczos4 gives the picture in another size, as INTER_LANCZOS4; the same picture where
// the size is the same.
func (p Picture) Lanczos4(to Size) Picture {
	if to.like(p) {
		return p
	}
	width, height := to.Width, to.Height
	stepX, stepY := to.steps(p)
	out := New(width, height)
	kept, stretched, padded := eightTaps.take(width), ints.take(lanczosTaps*3*width), bytes.take(p.padding(lanczosTaps))
	defer eightTaps.give(kept)
	defer ints.give(stretched)
	defer bytes.give(padded)
	columns := *kept
	for x := range columns {
		columns[x] = eightTapOf(x, stepX)
	}
	// Eight stretched rows, each at its number's place modulo eight.
	var rows [lanczosTaps][]int32
	var numbers [lanczosTaps]int
	for i := range rows {
		rows[i], numbers[i] = (*stretched)[3*width*i:][:3*width], -1
	}
	for y := range height {
		t := eightTapOf(y, stepY)
		var eight [lanczosTaps][]int32
		for i := range eight {
			row := max(0, min(t.from+i, p.Height-1))
			place := row % lanczosTaps
			if numbers[place] != row {
				stretchEight(rows[place], p.pad(*padded, row, lanczosTaps), columns)
				numbers[place] = row
			}
			eight[i] = rows[place]
		}
		mixEight(out.Row(y), &eight, &t.weights)
	}
	return out
}

// mixEight makes a row of eight stretched ones.
func mixEight(to []uint8, rows *[lanczosTaps][]int32, weights *[lanczosTaps]int32) {
	n := len(to)
	a, b, c, d := rows[0][:n], rows[1][:n], rows[2][:n], rows[3][:n]
	e, f, g, h := rows[4][:n], rows[5][:n], rows[6][:n], rows[7][:n]
	w := *weights
	for i := range to {
		sum := a[i]*w[0] + b[i]*w[1] + c[i]*w[2] + d[i]*w[3] + e[i]*w[4] + f[i]*w[5] + g[i]*w[6] + h[i]*w[7]
		to[i] = uint8(max(0, min((sum+1<<(2*coefficientBits-1))>>(2*coefficientBits), 255)))
	}
}

// eightTap is which eight pixels of a line, the first and those after it, make one of the
// resized line. They may lie beyond its ends.
type eightTap struct {
	from    int
	weights [lanczosTaps]int32
}

func eightTapOf(i int, step float64) (t eightTap) {
	from, at := source(i, step)
	t.from = from - lanczosTaps/2 + 1
	for k, w := range lanczos(at) {
		t.weights[k] = coefficient(w)
	}
	return t
}

// lanczos gives the weights of eight neighbours for a place x after the fourth:
// sinc(t) sinc(t/4), whose sines are those of one angle turned by eighths.
func lanczos(x float32) (w [lanczosTaps]float32) {
	const turned = math.Sqrt2 / 2
	turns := [lanczosTaps][2]float64{
		{1, 0}, {-turned, -turned}, {0, 1}, {turned, -turned}, {-1, 0}, {turned, turned}, {0, -1}, {-turned, turned},
	}
	sin, cos := math.Sincos(-float64(x+3) * math.Pi * 0.25)
	sum := float32(0)
	for i := range w {
		distance := x + 3 - float32(i)
		if math.Abs(float64(distance)) < 1e-6 {
			// All of the weight, once it is divided by the sum.
			w[i] = 1e30
		} else {
			y := -float64(distance) * math.Pi * 0.25
			w[i] = float32((turns[i][0]*sin + turns[i][1]*cos) / (y * y))
		}
		sum += w[i]
	}
	for i := range w {
		w[i] *= 1 / sum
	}
	return w
}

// stretchEight resizes one padded line.
func stretchEight(to []int32, from []uint8, columns []eightTap) {
	for x := range columns {
		t := &columns[x]
		p, pixel, w := from[3*(t.from+lanczosTaps):][:3*lanczosTaps], to[3*x:][:3], &t.weights
		for c := range pixel {
			p := p[c:][:3*lanczosTaps-2]
			pixel[c] = int32(p[0])*w[0] + int32(p[3])*w[1] + int32(p[6])*w[2] + int32(p[9])*w[3] +
				int32(p[12])*w[4] + int32(p[15])*w[5] + int32(p[18])*w[6] + int32(p[21])*w[7]
		}
	}
}
