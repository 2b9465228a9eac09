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

// pad writes row y into to, of padding(n) bytes, with its ends n times more on both sides.
func (p Picture) pad(to []uint8, y, n int) []uint8 {
	row := p.Row(y)
	copy(to[3*n:], row)
	for i := range n {
		copy(to[3*i:], row[:3])
		copy(to[3*(n+p.Width+i):], row[len(row)-3:])
	}
	return to
}

func (p Picture) padding(n int) int { return 3 * (p.Width + 2*n) }

// Row is row y, or the nearest one.
func (p Picture) Row(y int) []uint8 {
	begin := max(0, min(y, p.Height-1)) * p.Stride
	return p.Pixels[begin : begin+3*p.Width]
}
