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
	columns := make([]fourTap, width)
	for x := range columns {
		columns[x] = fourTapOf(x, p.Width, width)
	}
	// Four stretched rows, each at its number's place modulo four.
	var rows [4][]float32
	var numbers [4]int
	for i := range rows {
		rows[i], numbers[i] = make([]float32, 3*width), -1
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
		for c := range 3 {
			sum := float32(0)
			for k, at := range t.from {
				sum += float32(float32(from[3*at+c]) * t.weights[k])
			}
			to[3*x+c] = sum
		}
	}
}

// mix makes a row of four stretched ones.
func mix(to []uint8, rows [4][]float32, weights [4]float32) {
	for i := range to {
		sum := float32(0)
		for k, row := range rows {
			sum += float32(row[i] * weights[k])
		}
		to[i] = uint8(max(0, min(math.RoundToEven(float64(sum)), 255)))
	}
}
