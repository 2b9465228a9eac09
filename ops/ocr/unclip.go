package ocr

import (
	"math"
	"slices"
)

// arcTolerance is how far a rounded corner may be from a circle, in pixels (Clipper's
// default).
const arcTolerance = 0.25

// unclip moves the sides of a box outwards by its area times ratio over its perimeter,
// with rounded corners, as Clipper's offset with JT_ROUND and ET_CLOSEDPOLYGON. It
// gives points whose hull is that polygon's; none for a box without an inside.
func (s *scratch) unclip(b Box, ratio float64) []pixel {
	area, perimeter := 0.0, 0.0
	for i, p := range b {
		q := b[(i+1)%4]
		px, py, qx, qy := float64(p.X), float64(p.Y), float64(q.X), float64(q.Y)
		area += px*qy - qx*py
		perimeter += math.Hypot(qx-px, qy-py)
	}
	s.outline = s.outline[:0]
	s.quad = truncated(s.quad[:0], b)
	corners, distance := s.quad, math.Abs(area)/2*ratio/perimeter
	if len(corners) < 3 || !(distance > 0) {
		return nil
	}
	o := newOffset(distance)
	for i, p := range corners {
		before := corners[(i+len(corners)-1)%len(corners)]
		after := corners[(i+1)%len(corners)]
		s.outline = o.corner(s.outline, p, normal(before, p), normal(p, after))
	}
	return s.outline
}

// truncated adds a box's corners with the fractions cut off, in the order that has its
// normals outside, without repetitions.
func truncated(corners []pixel, b Box) []pixel {
	for _, p := range b {
		c := pixel{int32(p.X), int32(p.Y)}
		if len(corners) == 0 || c != corners[len(corners)-1] {
			corners = append(corners, c)
		}
	}
	for len(corners) > 1 && corners[0] == corners[len(corners)-1] {
		corners = corners[:len(corners)-1]
	}
	area := int64(0)
	for i, p := range corners {
		q := corners[(i+1)%len(corners)]
		area += int64(p.x)*int64(q.y) - int64(q.x)*int64(p.y)
	}
	if area < 0 {
		slices.Reverse(corners)
	}
	return corners
}

// vector is a direction.
type vector struct{ x, y float64 }

// normal is the outward direction, of length 1, of a side.
func normal(from, to pixel) vector {
	dx, dy := float64(to.x-from.x), float64(to.y-from.y)
	f := 1 / math.Sqrt(dx*dx+dy*dy)
	return vector{dy * f, -dx * f}
}

// offset draws round corners at a distance.
type offset struct {
	distance, stepsPerRadian, sin, cos float64
}

func newOffset(distance float64) offset {
	tolerance := min(arcTolerance, distance*arcTolerance)
	steps := min(math.Pi/math.Acos(1-tolerance/distance), distance*math.Pi)
	sin, cos := math.Sincos(2 * math.Pi / steps)
	return offset{distance, steps / (2 * math.Pi), sin, cos}
}

// corner adds the points that go around p, between sides with the given normals.
func (o offset) corner(to []pixel, p pixel, before, after vector) []pixel {
	sin := before.x*after.y - after.x*before.y
	cos := before.x*after.x + before.y*after.y
	switch {
	case math.Abs(sin*o.distance) < 1 && cos > 0:
		return append(to, o.away(p, before))
	case sin < 0 && math.Abs(sin*o.distance) >= 1:
		return append(to, o.away(p, before), p, o.away(p, after))
	}
	sin = max(-1, min(sin, 1))
	n := max(int(o.stepsPerRadian*math.Abs(math.Atan2(sin, cos))+0.5), 1)
	d := before
	for range n {
		to = append(to, o.away(p, d))
		d = vector{d.x*o.cos - o.sin*d.y, d.x*o.sin + d.y*o.cos}
	}
	return append(to, o.away(p, after))
}

func (o offset) away(p pixel, d vector) pixel {
	return pixel{
		int32(math.Round(float64(p.x) + d.x*o.distance)),
		int32(math.Round(float64(p.y) + d.y*o.distance)),
	}
}
