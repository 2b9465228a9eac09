// Package resample resizes pictures of three bytes a pixel with the numbers of OpenCV
// 4.6 on x86: cv2.resize in all its interpolations.
package resample

// Picture is rows of pixels. Whoever makes it owns its memory; it is only read.
type Picture struct {
	Pixels        []uint8
	Width, Height int
	// Stride is the bytes from one row to the next.
	Stride int
}

// New makes a black picture.
func New(width, height int) Picture {
	return Picture{make([]uint8, 3*width*height), width, height, 3 * width}
}

// Row is row y, or the nearest one.
func (p Picture) Row(y int) []uint8 {
	begin := max(0, min(y, p.Height-1)) * p.Stride
	return p.Pixels[begin : begin+3*p.Width]
}
