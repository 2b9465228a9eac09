package vision

import (
	"bytes"
	"image"
	"image/jpeg"

	"github.com/gen2brain/jpegn"
)

// smooth are a JPEG's pixels as libjpeg-turbo, and with it OpenCV, computes them: colour
// planes of half the resolution are interpolated, where image/jpeg repeats their pixels.
// Over nine photographs they are at most 3 levels away from OpenCV's, 0.04 in the mean.
func smooth(from *image.YCbCr) []uint8 {
	across, down := 1, 1
	switch from.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		across, down = 2, 2
	case image.YCbCrSubsampleRatio422:
		across = 2
	}
	size := from.Rect.Size()
	blue := plane{from.Cb, from.CStride, (size.X + across - 1) / across, (size.Y + down - 1) / down}
	red := blue
	red.values = from.Cr
	pixels := make([]uint8, 3*size.X*size.Y)
	// A row of each plane of colour, mixed of two where the plane has half the height.
	var (
		mixed       = make([]int32, 2*blue.width)
		blues, reds = mixed[:blue.width], mixed[blue.width:]
		wide        = make([]int32, 2*size.X)
		b, r        = wide[:size.X], wide[size.X:]
	)
	for y := range size.Y {
		blue.row(blues, y, down)
		red.row(reds, y, down)
		widen(b, blues, across, down)
		widen(r, reds, across, down)
		light, to := from.Y[y*from.YStride:][:size.X], pixels[3*y*size.X:][:3*size.X]
		for x, l := range light {
			l, b, r := int32(l), b[x]-128, r[x]-128
			to[3*x] = level(l + (116130*b+1<<15)>>16)
			to[3*x+1] = level(l + (-22554*b-46802*r+1<<15)>>16)
			to[3*x+2] = level(l + (91881*r+1<<15)>>16)
		}
	}
	return pixels
}

// interpolates says that smooth knows the form of a JPEG's colours.
func interpolates(from *image.YCbCr) bool {
	switch from.SubsampleRatio {
	case image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444:
		return from.Rect.Min == image.Point{}
	}
	return false
}

func level(v int32) uint8 { return uint8(max(0, min(v, 255))) }

// plane is a plane of colour.
type plane struct {
	values                []uint8
	stride, width, height int
}

// row is the plane's row for row y of the picture. Where the plane has half the height it
// is three parts of the nearest row and one of the next, four times as large.
func (p plane) row(to []int32, y, down int) {
	if down == 1 {
		for i, v := range p.values[y*p.stride:][:p.width] {
			to[i] = int32(v)
		}
		return
	}
	next := max(0, min(y/2+2*(y%2)-1, p.height-1))
	near, far := p.values[y/2*p.stride:][:p.width], p.values[next*p.stride:][:p.width]
	for i, v := range near {
		to[i] = 3*int32(v) + int32(far[i])
	}
}

// widen makes values for each pixel of a row, as large as the plane's own: where the plane
// has half the width, three parts of the nearest and one of the next.
func widen(to, row []int32, across, down int) {
	if across == 1 {
		copy(to, row)
		return
	}
	// libjpeg-turbo rounds the left one of a pair and the right one differently.
	shift, left, right := 2, int32(1), int32(2)
	if down == 2 {
		shift, left, right = 4, 8, 7
	}
	last := len(row) - 1
	for i, v := range row {
		before, after := row[max(i-1, 0)], row[min(i+1, last)]
		to[2*i] = (3*v + before + left) >> shift
		if 2*i+1 < len(to) {
			to[2*i+1] = (3*v + after + right) >> shift
		}
	}
}

// decodeJPEG reads a JPEG. The decoder that is fast gives what there is of a file that is
// cut short, and knows fewer kinds: those are for image/jpeg, which tells what is wrong.
func decodeJPEG(data []byte) (image.Image, error) {
	if whole(data) {
		switch img, err := jpegn.Decode(bytes.NewReader(data)); img.(type) {
		case *image.YCbCr, *image.Gray:
			if err == nil {
				return img, nil
			}
		}
	}
	return jpeg.Decode(bytes.NewReader(data))
}

// whole says that a JPEG's end is there, if anything before it is.
func whole(data []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(data, "\x00"), []byte{0xff, 0xd9})
}
