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
// hull, and gives the smallest. Its four supports are the hull's lowest, rightmost,
// highest and leftmost vertex in y upwards.
func (s *scratch) calipers() rectangle {
	v := s.vertices
	n := len(v)
	s.sides = s.sides[:0]
	var support [4]int
	for i, p := range v {
		next := v[(i+1)%n]
		side := Point{next.X - p.X, next.Y - p.Y}
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

	var best struct {
		left, bottom                int
		direction                   Point
		width, height, smallestArea float32
	}
	best.smallestArea = math.MaxFloat32
	for range n {
		turned := [4]Point{}
		for i := range turned {
			turned[i] = quarters(s.sides[support[i]].vector, i)
		}
		main := 0
		for i := 1; i < 4; i++ {
			if turned[i].Y*turned[main].X-turned[i].X*turned[main].Y < 0 {
				main = i
			}
		}
		side := s.sides[support[main]]
		a := quarters(Point{side.vector.X * side.inverse, side.vector.Y * side.inverse}, main)
		support[main] = (support[main] + 1) % n

		across, along := v[support[1]], v[support[2]]
		across.X -= v[support[3]].X
		across.Y -= v[support[3]].Y
		along.X -= v[support[0]].X
		along.Y -= v[support[0]].Y
		width := across.X*a.X + across.Y*a.Y
		height := along.Y*a.X - along.X*a.Y
		if area := width * height; area <= best.smallestArea {
			best.left, best.bottom = support[3], support[0]
			best.direction, best.width, best.height, best.smallestArea = a, width, height, area
		}
	}

	a := best.direction
	c1 := a.X*v[best.left].X + v[best.left].Y*a.Y
	c2 := a.X*v[best.bottom].Y - a.Y*v[best.bottom].X
	scale := 1 / (a.X*a.X + a.Y*a.Y)
	origin := Point{(c1*a.X - c2*a.Y) * scale, (a.X*c2 + a.Y*c1) * scale}
	wide := Point{a.X * best.width, a.Y * best.width}
	high := Point{-a.Y * best.height, a.X * best.height}
	return rectangle{
		center: Point{origin.X + (wide.X+high.X)*0.5, origin.Y + (wide.Y+high.Y)*0.5},
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
