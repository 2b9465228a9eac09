package ocr

import "math"

// fill is the pixels that cv2.fillPoly gives a convex polygon: those on its sides and
// those between them.
type fill struct {
	width int
	rows  []span
}

// span is the columns of a row from the first to the last.
type span struct{ from, to int }

func (f *fill) reset(width, height int) {
	f.width, f.rows = width, f.rows[:0]
	for range height {
		f.rows = append(f.rows, span{math.MaxInt, math.MinInt})
	}
}

// side adds one side of the polygon; the sides must follow each other.
func (f *fill) side(p, q pixel) {
	f.line(p, q)
	f.inside(p, q)
}

// inside widens the rows to the pixels beside a side: the first that is not left of it
// and the last that is not right of it. Places are in 65536ths of a pixel.
func (f *fill) inside(p, q pixel) {
	const shift, one = 16, 1 << 16
	if p.y > q.y {
		p, q = q, p
	}
	if p.y == q.y {
		return
	}
	x, step := int64(p.x)<<shift, (int64(q.x-p.x)<<shift)/int64(q.y-p.y)
	for y := int(p.y); y < min(int(q.y), len(f.rows)); y++ {
		if y >= 0 {
			f.rows[y].from = min(f.rows[y].from, int((x+one-1)>>shift))
			f.rows[y].to = max(f.rows[y].to, int(x>>shift))
		}
		x += step
	}
}

// line widens the rows by the pixels of a line (Bresenham in eight directions), from its
// left end as OpenCV's.
func (f *fill) line(p, q pixel) {
	p, q, ok := f.clip(p, q)
	if !ok {
		return
	}
	if p.x > q.x {
		p, q = q, p
	}
	x, y, dx, dy, down := int(p.x), int(p.y), int(q.x-p.x), int(q.y-p.y), 1
	if dy < 0 {
		dy, down = -dy, -1
	}
	long, short := max(dx, dy), min(dx, dy)
	rest := long - 2*short
	for range long + 1 {
		f.rows[y].from, f.rows[y].to = min(f.rows[y].from, x), max(f.rows[y].to, x)
		aside := rest < 0
		rest -= 2 * short
		if aside {
			rest += 2 * long
		}
		if dx >= dy || aside {
			x++
		}
		if dy > dx || aside {
			y += down
		}
	}
}

// clip cuts a line to the rows and columns, as cv2.clipLine.
func (f *fill) clip(p, q pixel) (pixel, pixel, bool) {
	bottom, right := int32(len(f.rows)-1), int32(f.width-1)
	if max(p.y, q.y) < 0 || min(p.y, q.y) > bottom {
		return p, q, false
	}
	p = cut(p, q, bottom)
	q = cut(q, p, bottom)
	if max(p.x, q.x) < 0 || min(p.x, q.x) > right {
		return p, q, false
	}
	p, q = p.turned(), q.turned()
	p = cut(p, q, right)
	q = cut(q, p, right)
	return p.turned(), q.turned(), true
}

// cut moves p along the line to q until its y is between 0 and limit.
func cut(p, q pixel, limit int32) pixel {
	if p.y >= 0 && p.y <= limit {
		return p
	}
	y := max(0, min(p.y, limit))
	x := p.x + int32(float64(y-p.y)*float64(q.x-p.x)/float64(q.y-p.y))
	return pixel{x, y}
}

func (p pixel) turned() pixel { return pixel{p.y, p.x} }
