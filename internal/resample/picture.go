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

// Size is what a picture is resized to. No side may be zero.
type Size struct {
	Width, Height int
	// FactorX and FactorY are what the size comes from where cv2.resize is given factors:
	// they say where pixels lie. They are 0 where it is given the size.
	FactorX, FactorY float64
}

// To is a size that comes from no factors.
func To(width, height int) Size { return Size{Width: width, Height: height} }

// like says that a picture has the size already.
func (s Size) like(p Picture) bool { return s.Width == p.Width && s.Height == p.Height }

// factors are how much larger the picture becomes.
func (s Size) factors(p Picture) (x, y float64) {
	if s.FactorX > 0 {
		return s.FactorX, s.FactorY
	}
	return float64(s.Width) / float64(p.Width), float64(s.Height) / float64(p.Height)
}

// steps are how far apart in the picture the pixels of the resized one lie.
func (s Size) steps(p Picture) (x, y float64) {
	x, y = s.factors(p)
	return 1 / x, 1 / y
}

// Row is row y, or the nearest one.
func (p Picture) Row(y int) []uint8 {
	begin := max(0, min(y, p.Height-1)) * p.Stride
	return p.Pixels[begin : begin+3*p.Width]
}
