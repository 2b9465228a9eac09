package ocr

import "math"

// perspective maps places to places: the nine coefficients of a 3 × 3 matrix on
// (x, y, 1), by rows.
type perspective [9]float64

// perspectiveOf gives the mapping that takes four points to four points, solved as
// cv2.getPerspectiveTransform does. Points on one line give a mapping to the origin.
func perspectiveOf(from, to Box) perspective {
	var a [8][9]float64
	for i := range from {
		f, t := from[i], to[i]
		x, y := float64(f.X), float64(f.Y)
		a[i] = [9]float64{x, y, 1, 0, 0, 0, float64(-f.X * t.X), float64(-f.Y * t.X), float64(t.X)}
		a[i+4] = [9]float64{0, 0, 0, x, y, 1, float64(-f.X * t.Y), float64(-f.Y * t.Y), float64(t.Y)}
	}
	var p perspective
	if x, ok := solve(&a); ok {
		copy(p[:], x[:])
	}
	p[8] = 1
	return p
}

// solve finds x for eight equations whose last column is the right side, by elimination
// with the largest pivot of a column.
func solve(a *[8][9]float64) (x [8]float64, ok bool) {
	const singular = 100 * 0x1p-52
	for i := range a {
		pivot := i
		for j := i + 1; j < len(a); j++ {
			if math.Abs(a[j][i]) > math.Abs(a[pivot][i]) {
				pivot = j
			}
		}
		if !(math.Abs(a[pivot][i]) >= singular) {
			return x, false
		}
		a[i], a[pivot] = a[pivot], a[i]
		d := -1 / a[i][i]
		for j := i + 1; j < len(a); j++ {
			factor := a[j][i] * d
			for k := i + 1; k < len(a[j]); k++ {
				a[j][k] += float64(factor * a[i][k])
			}
		}
	}
	for i := len(a) - 1; i >= 0; i-- {
		sum := a[i][8]
		for k := i + 1; k < len(a); k++ {
			sum -= float64(a[i][k] * x[k])
		}
		x[i] = sum / a[i][i]
	}
	return x, true
}

// inverse of a mapping; zero where there is none, as cv2.invert gives it.
func (p perspective) inverse() perspective {
	minor := func(a, b, c, d int) float64 { return float64(p[a]*p[b]) - float64(p[c]*p[d]) }
	determinant := float64(p[0]*minor(4, 8, 5, 7)) - float64(p[1]*minor(3, 8, 5, 6)) + float64(p[2]*minor(3, 7, 4, 6))
	if determinant == 0 {
		return perspective{}
	}
	d := 1 / determinant
	return perspective{
		minor(4, 8, 5, 7) * d, minor(2, 7, 1, 8) * d, minor(1, 5, 2, 4) * d,
		minor(5, 6, 3, 8) * d, minor(0, 8, 2, 6) * d, minor(2, 3, 0, 5) * d,
		minor(3, 7, 4, 6) * d, minor(1, 6, 0, 7) * d, minor(0, 4, 1, 3) * d,
	}
}
