package ocr

import (
	"math"

	"github.com/sampanml/sampan/internal/resample"
)

// raster is a picture of three bytes a pixel, or a part of one.
type raster struct{ resample.Picture }

func newRaster(width, height int) raster { return raster{resample.New(width, height)} }

// part is the pixels from (left, top) to before (right, bottom), in the same memory.
func (r raster) part(left, top, right, bottom int) raster {
	return raster{resample.Picture{
		Pixels: r.Pixels[top*r.Stride+3*left:], Width: right - left, Height: bottom - top, Stride: r.Stride,
	}}
}

// quarter gives the picture turned by a quarter against the clock, as numpy.rot90.
func (r raster) quarter() raster {
	out := newRaster(r.Height, r.Width)
	to := 0
	for x := r.Width - 1; x >= 0; x-- {
		for y := range r.Height {
			from := y*r.Stride + 3*x
			copy(out.Pixels[to:to+3], r.Pixels[from:from+3])
			to += 3
		}
	}
	return out
}

// fractionBits is how finely places between pixels are told apart: to a 32nd.
const (
	fractionBits = 5
	fractions    = 1 << fractionBits
)

// blockPixels is how many pixels OpenCV warps at a time.
const blockPixels = 1024

// warp fills a picture with what p finds for each of its pixels in another, as
// cv2.warpPerspective with BORDER_REPLICATE computes it for one with the inverse of p:
// in blocks, as the rounding depends on where a block begins.
func warp(from, to raster, p perspective, bicubic bool) {
	blockWidth := min(blockPixels/min(16, to.Height), to.Width)
	var xs, ys [blockPixels]int32
	for y := range to.Height {
		for begin := 0; begin < to.Width; begin += blockWidth {
			n := min(blockWidth, to.Width-begin)
			bx, by := float64(begin), float64(y)
			x0 := float64(p[0]*bx) + float64(p[1]*by) + p[2]
			y0 := float64(p[3]*bx) + float64(p[4]*by) + p[5]
			w0 := float64(p[6]*bx) + float64(p[7]*by) + p[8]
			for i := range n {
				step := float64(i)
				w := w0 + float64(p[6]*step)
				if w != 0 {
					w = fractions / w
				}
				xs[i] = place((x0 + float64(p[0]*step)) * w)
				ys[i] = place((y0 + float64(p[3]*step)) * w)
			}
			if bicubic {
				from.cubic(xs[:n], ys[:n], to.Row(y)[3*begin:])
			} else {
				from.linear(xs[:n], ys[:n], to.Row(y)[3*begin:])
			}
		}
	}
}

// place rounds to the nearest whole number, and to the nearer even one from between.
func place(v float64) int32 {
	// Added to this, a number has no bits left below 1, and its whole part in the low 32.
	const whole = 3 << 51
	return int32(math.Float64bits(max(math.MinInt32, min(v, math.MaxInt32)) + whole))
}

// linear takes the four pixels around each of some places, in 32nds of a pixel. The
// picture's edges go on outside of it.
func (r *raster) linear(xs, ys []int32, to []uint8) {
	for i, x := range xs {
		y := ys[i]
		ax, ay := uint32(x)&(fractions-1), uint32(y)&(fractions-1)
		sx, sy := int(x>>fractionBits), int(y>>fractionBits)
		var a, b, c, d []uint8
		if sx >= 0 && sy >= 0 && sx < r.Width-1 && sy < r.Height-1 {
			at := sy*r.Stride + 3*sx
			above, below := r.Pixels[at:at+6], r.Pixels[at+r.Stride:at+r.Stride+6]
			a, b, c, d = above[:3], above[3:], below[:3], below[3:]
		} else {
			above, below := r.Row(sy), r.Row(sy+1)
			left, right := r.column(sx), r.column(sx+1)
			a, b, c, d = above[left:left+3], above[right:right+3], below[left:left+3], below[right:right+3]
		}
		w := [4]uint32{(fractions - ax) * (fractions - ay), ax * (fractions - ay), (fractions - ax) * ay, ax * ay}
		out := to[3*i : 3*i+3]
		for k := range 3 {
			sum := uint32(a[k])*w[0] + uint32(b[k])*w[1] + uint32(c[k])*w[2] + uint32(d[k])*w[3]
			out[k] = uint8((sum + 1<<9) >> 10)
		}
	}
}

// column is where in a row the nearest pixel to column x begins.
func (r *raster) column(x int) int { return 3 * max(0, min(x, r.Width-1)) }

// cubic takes the sixteen pixels around each place.
func (r *raster) cubic(xs, ys []int32, to []uint8) {
	for i, x := range xs {
		y := ys[i]
		weights := &cubicWeights[y&(fractions-1)][x&(fractions-1)]
		sx, sy := int(x>>fractionBits)-1, int(y>>fractionBits)-1
		var sums [3]int32
		if sx >= 0 && sy >= 0 && sx < r.Width-3 && sy < r.Height-3 {
			sums = r.inner(sy*r.Stride+3*sx, weights)
		} else {
			sums = r.edge(sx, sy, weights)
		}
		for c, sum := range sums {
			to[3*i+c] = uint8(max(0, min((sum+weightOne/2)>>weightBits, 255)))
		}
	}
}

// inner weighs sixteen pixels whose first is at a byte of the picture.
func (r *raster) inner(at int, weights *[16]int32) (sums [3]int32) {
	for i := range 4 {
		p, w := r.Pixels[at:at+12], weights[4*i:4*i+4]
		for c := range sums {
			sums[c] += int32(p[c])*w[0] + int32(p[c+3])*w[1] + int32(p[c+6])*w[2] + int32(p[c+9])*w[3]
		}
		at += r.Stride
	}
	return sums
}

// edge weighs sixteen pixels of which some are outside.
func (r *raster) edge(sx, sy int, weights *[16]int32) (sums [3]int32) {
	for i, w := range weights {
		p := r.Row(sy + i/4)[r.column(sx+i%4):]
		for c := range sums {
			sums[c] += int32(p[c]) * w
		}
	}
	return sums
}

const (
	weightBits = 15
	weightOne  = 1 << weightBits
)

// cubicWeights are OpenCV's for INTER_CUBIC, for each 32nd of a row and of a column.
// Those of a place sum up to weightOne: what rounding adds or takes is put right at the
// largest or smallest of the four at the lower right.
var cubicWeights = func() (all [fractions][fractions][16]int32) {
	for fy := range all {
		for fx := range all[fy] {
			w := &all[fy][fx]
			rows, columns := resample.Keys(float32(fy)/fractions), resample.Keys(float32(fx)/fractions)
			excess := int32(-weightOne)
			for i := range w {
				w[i] = int32(math.RoundToEven(float64(rows[i/4] * columns[i%4] * weightOne)))
				w[i] = min(w[i], math.MaxInt16)
				excess += w[i]
			}
			low, high := 10, 10
			for _, i := range [...]int{10, 11, 14, 15} {
				if w[i] < w[low] {
					low = i
				} else if w[i] > w[high] {
					high = i
				}
			}
			if excess < 0 {
				w[high] -= excess
			} else {
				w[low] -= excess
			}
		}
	}
	return all
}()
