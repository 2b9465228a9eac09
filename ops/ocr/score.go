package ocr

import "math"

// score is the mean probability inside a box: of the pixels that cv2.fillPoly fills,
// which are those on the lines between the corners and those between the lines.
func (s *scratch) score(probability []float32, width, height int, b Box) float64 {
	left, top := math.Inf(1), math.Inf(1)
	right, bottom := math.Inf(-1), math.Inf(-1)
	for _, p := range b {
		left, right = min(left, float64(p.X)), max(right, float64(p.X))
		top, bottom = min(top, float64(p.Y)), max(bottom, float64(p.Y))
	}
	x0, x1 := clamp(math.Floor(left), width-1), clamp(math.Ceil(right), width-1)
	y0, y1 := clamp(math.Floor(top), height-1), clamp(math.Ceil(bottom), height-1)

	s.fill.reset(x1-x0+1, y1-y0+1)
	for i, p := range b {
		q := b[(i+1)%4]
		s.fill.side(
			pixel{int32(p.X - float32(x0)), int32(p.Y - float32(y0))},
			pixel{int32(q.X - float32(x0)), int32(q.Y - float32(y0))},
		)
	}

	sum, count := 0.0, 0
	for i, r := range s.fill.rows {
		from, to := max(r.from, 0), min(r.to, x1-x0)
		if from > to {
			continue
		}
		row := (y0+i)*width + x0
		for _, p := range probability[row+from : row+to+1] {
			sum += float64(p)
		}
		count += to - from + 1
	}
	if count == 0 {
		return 0
	}
	return sum / float64(count)
}

// clamp gives x, which is a whole number, between 0 and top.
func clamp(x float64, top int) int { return int(max(0, min(x, float64(top)))) }
