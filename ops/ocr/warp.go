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

// sampler writes the pixel at a place, in 32nds of a pixel, of a picture whose edges go
// on outside of it.
type sampler func(r *raster, x, y int32, to []uint8)

// warp fills a picture with what p finds for each of its pixels in another, as
// cv2.warpPerspective with BORDER_REPLICATE computes it for one with the inverse of p:
// in blocks, as the rounding depends on where a block begins.
func warp(from, to raster, p perspective, sample sampler) {
	blockHeight := min(16, to.Height)
	blockWidth := min(1024/blockHeight, to.Width)
	for y := range to.Height {
		for begin := 0; begin < to.Width; begin += blockWidth {
			bx, by := float64(begin), float64(y)
			x0 := float64(p[0]*bx) + float64(p[1]*by) + p[2]
			y0 := float64(p[3]*bx) + float64(p[4]*by) + p[5]
			w0 := float64(p[6]*bx) + float64(p[7]*by) + p[8]
			row := to.Pixels[y*to.Stride+3*begin:]
			for i := range min(blockWidth, to.Width-begin) {
				step := float64(i)
				w := w0 + float64(p[6]*step)
				if w != 0 {
					w = fractions / w
				}
				sample(&from, place((x0+float64(p[0]*step))*w), place((y0+float64(p[3]*step))*w), row[3*i:3*i+3])
			}
		}
	}
}

// place rounds to the nearest whole number, and to the nearer even one from between.
func place(v float64) int32 {
	return int32(math.RoundToEven(max(math.MinInt32, min(v, math.MaxInt32))))
}

// linear takes the four pixels around a place.
func linear(r *raster, x, y int32, to []uint8) {
	ax, ay := int(x)&(fractions-1), int(y)&(fractions-1)
	sx, sy := int(x>>fractionBits), int(y>>fractionBits)
	left, right := column(r, sx), column(r, sx+1)
	above, below := r.Row(sy), r.Row(sy+1)
	for c := range 3 {
		top := int(above[left+c])*(fractions-ax) + int(above[right+c])*ax
		bottom := int(below[left+c])*(fractions-ax) + int(below[right+c])*ax
		to[c] = uint8((top*(fractions-ay) + bottom*ay + 1<<9) >> 10)
	}
}

// column is where in a row the nearest pixel to column x begins.
func column(r *raster, x int) int { return 3 * max(0, min(x, r.Width-1)) }

// cubic takes the sixteen pixels around a place.
func cubic(r *raster, x, y int32, to []uint8) {
	weights := &cubicWeights[y&(fractions-1)][x&(fractions-1)]
	sx, sy := int(x>>fractionBits)-1, int(y>>fractionBits)-1
	var sums [3]int32
	for i := range 4 {
		row := r.Row(sy + i)
		for j := range 4 {
			at, weight := column(r, sx+j), weights[4*i+j]
			for c := range sums {
				sums[c] += int32(row[at+c]) * weight
			}
		}
	}
	for c, sum := range sums {
		to[c] = uint8(max(0, min((sum+weightOne/2)>>weightBits, 255)))
	}
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
