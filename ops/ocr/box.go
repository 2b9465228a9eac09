package ocr

import (
	"encoding/json"
	"math"
)

// Point is a place in a picture, in pixels from its top left corner.
type Point struct{ X, Y float32 }

func (p Point) minus(q Point) Point { return Point{p.X - q.X, p.Y - q.Y} }

// Box is the four corners of a text line: top left, top right, bottom right, bottom
// left, seen as the text runs.
type Box [4]Point

// width is the length of the first side, from top left to top right.
func (b Box) width() float64 { return distance(b[0], b[1]) }

// height is the length of the last side, from bottom left to top left.
func (b Box) height() float64 { return distance(b[0], b[3]) }

// distance rounds as numpy.linalg.norm does with float32.
func distance(a, b Point) float64 {
	dx, dy := a.X-b.X, a.Y-b.Y
	return float64(float32(math.Sqrt(float64(float32(dx*dx) + float32(dy*dy)))))
}

// UnmarshalJSON reads a point as a list of two numbers.
func (p *Point) UnmarshalJSON(data []byte) error {
	var xy [2]float32
	if err := json.Unmarshal(data, &xy); err != nil {
		return err
	}
	p.X, p.Y = xy[0], xy[1]
	return nil
}

// MarshalJSON writes a point as a list of two numbers, as Paddle Serving's boxes have it.
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]float32{p.X, p.Y}) }
