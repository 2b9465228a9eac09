package ocr

import (
	"math"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/resample"
)

// GetRotateCropImage cuts the text of a box out of a picture and straightens it. Text
// that is at least one and a half times as high as wide is turned by a quarter against
// the clock.
type GetRotateCropImage struct {
	// Cubic crops as PaddleOCR since version 2.1: as large as the longer of opposite
	// sides, and bicubic. paddle_serving_app takes the first and the last side, and is
	// bilinear on the box's surroundings alone.
	Cubic bool `yaml:"cubic"`
}

// maxPictureSide is OpenCV's limit for pictures that are warped.
const maxPictureSide = 1<<15 - 1

// Crop gives the text in a box as a picture of its own. The picture is uint8 of shape
// [H W 3]. A corner may lie outside of it by no more than its size; what is there is
// taken from its edge. A box with a side shorter than a pixel is InvalidArgument.
func (g GetRotateCropImage) Crop(picture sampan.Tensor, box Box) (sampan.Tensor, error) {
	r, err := rasterOf(picture)
	if err != nil {
		return sampan.Tensor{}, err
	}
	for _, p := range box {
		w, h := float32(r.Width), float32(r.Height)
		if !(p.X >= -w && p.X <= 2*w && p.Y >= -h && p.Y <= 2*h) {
			return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument,
				"box has corner (%v, %v), which is too far from a picture of %d × %d pixels", p.X, p.Y, r.Width, r.Height)
		}
	}
	width, height := int(box.width()), int(box.height())
	if g.Cubic {
		width = max(width, int(distance(box[2], box[3])))
		height = max(height, int(distance(box[1], box[2])))
	}
	if width == 0 || height == 0 {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "box has %d × %d pixels, want at least 1 × 1", width, height)
	}
	if !g.Cubic {
		r, box = surroundings(r, box)
	}
	w, h := float32(width), float32(height)
	out := newRaster(width, height)
	warp(r, out, perspectiveOf(box, Box{{0, 0}, {w, 0}, {w, h}, {0, h}}).inverse(), g.Cubic)
	if float64(height)/float64(width) >= 1.5 {
		out = out.quarter()
	}
	return out.tensor()
}

// rasterOf checks a picture that is to be warped.
func rasterOf(picture sampan.Tensor) (raster, error) {
	pixels, err := sampan.View[uint8](picture)
	if err != nil {
		return raster{}, err
	}
	s := picture.Shape
	if len(s) != 3 || s[2] != 3 || s[0] < 1 || s[1] < 1 || s[0] > maxPictureSide || s[1] > maxPictureSide {
		return raster{}, sampan.Errorf(sampan.InvalidArgument, "picture has shape %v, want [H W 3] with sides of 1 to %d", s, maxPictureSide)
	}
	return raster{resample.Picture{Pixels: pixels, Width: int(s[1]), Height: int(s[0]), Stride: 3 * int(s[1])}}, nil
}

func (r raster) tensor() (sampan.Tensor, error) {
	return sampan.Of(sampan.Shape{int64(r.Height), int64(r.Width), 3}, r.Pixels)
}

// surroundings is the part of the picture between the box's outermost corners, at least
// one pixel of it, and the box seen from there.
func surroundings(r raster, box Box) (raster, Box) {
	low, high := box[0], box[0]
	for _, p := range box[1:] {
		low = Point{min(low.X, p.X), min(low.Y, p.Y)}
		high = Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	left, top := whole(low.X, r.Width-1), whole(low.Y, r.Height-1)
	right, bottom := max(left+1, whole(high.X, r.Width)), max(top+1, whole(high.Y, r.Height))
	for i := range box {
		box[i].X -= float32(left)
		box[i].Y -= float32(top)
	}
	return r.part(left, top, right, bottom), box
}

// whole cuts v off to a whole number from 0 to top.
func whole(v float32, top int) int { return clamp(math.Trunc(float64(v)), top) }
