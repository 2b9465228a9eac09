package ocr

import (
	"cmp"
	"math"
	"slices"
)

// rectangle is the rectangle of the smallest area around pixels, as cv2.minAreaRect
// finds it.
type rectangle struct {
	center, size Point
	// angle in degrees.
	angle float32
}

// around gives the smallest rectangle around at least one pixel.
func (s *scratch) around(points []pixel) rectangle {
	s.vertices = s.vertices[:0]
	for _, p := range s.hull(points) {
		s.vertices = append(s.vertices, Point{float32(p.x), float32(p.y)})
	}
	v := s.vertices
	switch len(v) {
	case 1:
		return rectangle{center: v[0]}
	case 2:
		dx, dy := float64(v[1].X-v[0].X), float64(v[1].Y-v[0].Y)
		return rectangle{
			center: Point{(v[0].X + v[1].X) * 0.5, (v[0].Y + v[1].Y) * 0.5},
			size:   Point{float32(math.Sqrt(dx*dx + dy*dy)), 0},
			angle:  degrees(dy, dx),
		}
	}
	return s.calipers()
}

func degrees(y, x float64) float32 {
	radians := float32(math.Atan2(y, x))
	return float32(float64(radians*180) / math.Pi)
}

// calipers turns a rectangle around the hull in s.vertices, from side to side of the
// hull, and gives the smallest.
func (s *scratch) calipers() rectangle {
	v := s.vertices
	support := s.measure()
	best, smallest := frame{}, float32(math.MaxFloat32)
	for range v {
		var sides [4]Point
		for i := range sides {
			sides[i] = quarters(s.sides[support[i]].vector, i)
		}
		next := 0
		for i := 1; i < 4; i++ {
			if sides[i].Y*sides[next].X-sides[i].X*sides[next].Y < 0 {
				next = i
			}
		}
		side := s.sides[support[next]]
		a := quarters(Point{side.vector.X * side.inverse, side.vector.Y * side.inverse}, next)
		support[next] = (support[next] + 1) % len(v)

		across := v[support[1]].minus(v[support[3]])
		along := v[support[2]].minus(v[support[0]])
		f := frame{v[support[3]], v[support[0]], a, across.X*a.X + across.Y*a.Y, along.Y*a.X - along.X*a.Y}
		if area := f.width * f.height; area <= smallest {
			best, smallest = f, area
		}
	}
	return best.rectangle()
}

// measure fills s.sides, and gives the vertices that the rectangle with level sides
// touches: those with the smallest y, largest x, largest y and smallest x.
func (s *scratch) measure() (support [4]int) {
	v := s.vertices
	s.sides = s.sides[:0]
	for i, p := range v {
		side := v[(i+1)%len(v)].minus(p)
		dx, dy := float64(side.X), float64(side.Y)
		s.sides = append(s.sides, edge{side, float32(1 / math.Sqrt(dx*dx+dy*dy))})
		if p.Y < v[support[0]].Y {
			support[0] = i
		}
		if p.X > v[support[1]].X {
			support[1] = i
		}
		if p.Y > v[support[2]].Y {
			support[2] = i
		}
		if p.X < v[support[3]].X {
			support[3] = i
		}
	}
	return support
}

// frame is a rectangle by a point on two of its sides and the direction of its width.
type frame struct {
	left, bottom, direction Point
	width, height           float32
}

func (f frame) rectangle() rectangle {
	a := f.direction
	c1 := a.X*f.left.X + f.left.Y*a.Y
	c2 := a.X*f.bottom.Y - a.Y*f.bottom.X
	scale := 1 / (a.X*a.X + a.Y*a.Y)
	corner := Point{(c1*a.X - c2*a.Y) * scale, (a.X*c2 + a.Y*c1) * scale}
	wide := Point{a.X * f.width, a.Y * f.width}
	high := Point{-a.Y * f.height, a.X * f.height}
	return rectangle{
		center: Point{corner.X + (wide.X+high.X)*0.5, corner.Y + (wide.Y+high.Y)*0.5},
		size:   Point{length(wide), length(high)},
		angle:  degrees(float64(wide.Y), float64(wide.X)),
	}
}

// edge is a side of a hull and 1 over its length.
type edge struct {
	vector  Point
	inverse float32
}

// quarters turns a vector back by n quarters: a side of the hull becomes comparable to
// the rectangle's first.
func quarters(v Point, n int) Point {
	switch n {
	case 1:
		return Point{v.Y, -v.X}
	case 2:
		return Point{-v.X, -v.Y}
	case 3:
		return Point{-v.Y, v.X}
	}
	return v
}

func length(v Point) float32 {
	x, y := float64(v.X), float64(v.Y)
	return float32(math.Sqrt(x*x + y*y))
}

// shortSide is the length of the rectangle's shorter side.
func (r rectangle) shortSide() float32 { return min(r.size.X, r.size.Y) }

// box gives the corners: of the two leftmost the upper is the top left, of the two
// rightmost the upper the top right.
func (r rectangle) box() Box {
	radians := float64(r.angle) * math.Pi / 180
	b, a := float32(math.Cos(radians))*0.5, float32(math.Sin(radians))*0.5
	c, w, h := r.center, r.size.X, r.size.Y
	corners := Box{
		{c.X - a*h - b*w, c.Y + b*h - a*w},
		{c.X + a*h - b*w, c.Y - b*h - a*w},
	}
	corners[2] = Point{2*c.X - corners[0].X, 2*c.Y - corners[0].Y}
	corners[3] = Point{2*c.X - corners[1].X, 2*c.Y - corners[1].Y}
	slices.SortStableFunc(corners[:], func(p, q Point) int { return cmp.Compare(p.X, q.X) })
	topLeft, bottomLeft := corners[0], corners[1]
	if !(bottomLeft.Y > topLeft.Y) {
		topLeft, bottomLeft = bottomLeft, topLeft
	}
	topRight, bottomRight := corners[2], corners[3]
	if !(bottomRight.Y > topRight.Y) {
		topRight, bottomRight = bottomRight, topRight
	}
	return Box{topLeft, topRight, bottomRight, bottomLeft}
}
