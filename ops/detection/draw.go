package detection

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strconv"

	"github.com/sampanml/sampan"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Mark is a shape with a label, to be drawn on a picture.
type Mark struct {
	// Points are x and y of the corners in pixels; what is outside of the picture is
	// drawn at its edge.
	Points [][2]float32
	// Label is drawn above the first point; empty for none. The font has ASCII alone: a
	// label with other letters becomes the mark's number in the list, from 1.
	Label string
	// Class chooses the colour, as [Colour].
	Class int
}

// Mark is the box with its label and score, such as "dog 0.87".
func (b Box) Mark() Mark {
	return Mark{
		Points: [][2]float32{{b.X1, b.Y1}, {b.X2, b.Y1}, {b.X2, b.Y2}, {b.X1, b.Y2}},
		Label:  fmt.Sprintf("%s %.2f", b.Label, b.Score),
		Class:  b.Class,
	}
}

// Draw gives a copy of a picture, uint8 of shape [H W 3] and channels B G R, with marks
// on it: lines of 2 pixels, and labels in white on the line's colour.
func Draw(picture sampan.Tensor, marks ...Mark) (sampan.Tensor, error) {
	pixels, height, width, err := pixelsOf(picture)
	if err != nil {
		return sampan.Tensor{}, err
	}
	c := canvas{slices.Clone(pixels), width, height}
	for i, m := range marks {
		c.mark(m, i+1)
	}
	return sampan.Of(picture.Shape, c.pixels)
}

// canvas is a picture that is drawn on; as an image it has R G B.
type canvas struct {
	pixels        []uint8
	width, height int
}

// ColorModel is that of [color.RGBA].
func (c *canvas) ColorModel() color.Model { return color.RGBAModel }

// Bounds is the picture's size.
func (c *canvas) Bounds() image.Rectangle { return image.Rect(0, 0, c.width, c.height) }

// At is a pixel's colour.
func (c *canvas) At(x, y int) color.Color {
	p := c.pixels[3*(y*c.width+x):]
	return color.RGBA{p[2], p[1], p[0], 255}
}

// Set changes a pixel of the picture, and nothing outside of it.
func (c *canvas) Set(x, y int, to color.Color) {
	if x < 0 || y < 0 || x >= c.width || y >= c.height {
		return
	}
	rgba := color.RGBAModel.Convert(to).(color.RGBA)
	copy(c.pixels[3*(y*c.width+x):], []uint8{rgba.B, rgba.G, rgba.R})
}

func (c *canvas) mark(m Mark, number int) {
	if len(m.Points) == 0 {
		return
	}
	rgb := Colour(m.Class)
	colour := color.RGBA{rgb[0], rgb[1], rgb[2], 255}
	corners := make([]image.Point, len(m.Points))
	for i, p := range m.Points {
		corners[i] = image.Pt(whole(p[0], c.width-1), whole(p[1], c.height-1))
	}
	for i, from := range corners {
		c.line(from, corners[(i+1)%len(corners)], colour)
	}
	if m.Label != "" {
		c.label(m.Label, number, corners[0], colour)
	}
}

// line draws squares of 2 pixels from point to point.
func (c *canvas) line(from, to image.Point, colour color.RGBA) {
	way := to.Sub(from)
	steps := max(way.X, -way.X, way.Y, -way.Y, 1)
	for i := range steps + 1 {
		x, y := from.X+way.X*i/steps, from.Y+way.Y*i/steps
		for _, d := range [...]image.Point{{}, {1, 0}, {0, 1}, {1, 1}} {
			c.Set(x+d.X, y+d.Y, colour)
		}
	}
}

// maxLabelLength bounds what is drawn of a label.
const maxLabelLength = 64

// label draws a text above a point, or below where there is no room.
func (c *canvas) label(text string, number int, at image.Point, colour color.RGBA) {
	face := basicfont.Face7x13
	for _, letter := range text {
		if letter < ' ' || letter > '~' {
			text = strconv.Itoa(number)
			break
		}
	}
	text = text[:min(len(text), maxLabelLength)]
	top := at.Y - face.Height
	if top < 0 {
		top = at.Y
	}
	for y := range face.Height {
		for x := range face.Advance*len(text) + 1 {
			c.Set(at.X+1+x, top+y, colour)
		}
	}
	d := font.Drawer{Dst: c, Src: image.White, Face: face, Dot: fixed.P(at.X+2, top+face.Ascent)}
	d.DrawString(text)
}
