package vision

import "image"

// ofWebP are the pixels of a WebP with losses as libwebp, and with it OpenCV, computes
// them: its light goes from 16 to 235, and its planes of colour, of half the width and
// height, are interpolated. image/color knows JPEG's light alone, from 0 to 255.
func ofWebP(from *image.YCbCr) []uint8 {
	size := from.Rect.Size()
	pixels := make([]uint8, 3*size.X*size.Y)
	width, height := (size.X+1)/2, (size.Y+1)/2
	blues, reds := make([]int32, size.X), make([]int32, size.X)
	for y := range size.Y {
		near := y / 2
		next := max(0, min(near+2*(y%2)-1, height-1))
		blend(blues, from.Cb[near*from.CStride:][:width], from.Cb[next*from.CStride:][:width])
		blend(reds, from.Cr[near*from.CStride:][:width], from.Cr[next*from.CStride:][:width])
		light, to := from.Y[y*from.YStride:][:size.X], pixels[3*y*size.X:][:3*size.X]
		for x, l := range light {
			l, b, r := int32(l)*19077>>8, blues[x], reds[x]
			to[3*x] = level((l + b*33050>>8 - 17685) >> 6)
			to[3*x+1] = level((l - b*6419>>8 - r*13320>>8 + 8708) >> 6)
			to[3*x+2] = level((l + r*26149>>8 - 14234) >> 6)
		}
	}
	return pixels
}

// blend makes a row of colour for each pixel: nine parts of the nearest, three of each
// neighbour, one of that across, rounded twice as libwebp does.
func blend(to []int32, near, next []uint8) {
	last := len(near) - 1
	for x := range to {
		at := x / 2
		beside := max(0, min(at+2*(x%2)-1, last))
		a, b, c, d := int32(near[at]), int32(near[beside]), int32(next[at]), int32(next[beside])
		to[x] = ((a+3*b+3*c+d+8)>>3 + a) >> 1
	}
}
