package resample

import (
	"math"
	"slices"
	"testing"
)

// ramp is a picture with a value for each byte.
func ramp(width, height int) Picture {
	p := New(width, height)
	for i := range p.Pixels {
		p.Pixels[i] = uint8(i * 37)
	}
	return p
}

// Expected values are cv2.resize's of OpenCV 4.6.0 on the same picture.
func TestAsOpenCV(t *testing.T) {
	source := ramp(3, 2)
	for name, c := range map[string]struct {
		got   Picture
		want  []uint8
		apart float64
	}{
		"linear up":    {source.Linear(To(4, 3)), linearUp, 0},
		"linear half":  {ramp(4, 2).Linear(To(2, 1)), linearHalf, 0},
		"cubic up":     {source.Cubic(To(5, 3)), cubicUp, 1},
		"cubic down":   {ramp(7, 5).Cubic(To(3, 2)), cubicDown, 1},
		"one pixel up": {ramp(1, 1).Linear(To(2, 2)), []uint8{0, 37, 74, 0, 37, 74, 0, 37, 74, 0, 37, 74}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			same := func(a, b uint8) bool { return math.Abs(float64(a)-float64(b)) <= c.apart }
			if !slices.EqualFunc(c.got.Pixels, c.want, same) {
				t.Errorf("got %v, want %v to %v", c.got.Pixels, c.want, c.apart)
			}
		})
	}
}

func TestSameSize(t *testing.T) {
	p := ramp(3, 2)
	if got := p.Linear(To(3, 2)); &got.Pixels[0] != &p.Pixels[0] {
		t.Error("a picture of the same size is copied")
	}
}

func BenchmarkLinear(b *testing.B) {
	p := ramp(1920, 1080)
	for b.Loop() {
		p.Linear(To(640, 640))
	}
}

var (
	linearUp   = []uint8{0, 37, 74, 69, 106, 143, 152, 94, 130, 222, 3, 40, 39, 76, 113, 108, 145, 102, 143, 132, 89, 133, 42, 79, 77, 114, 151, 146, 183, 60, 133, 170, 47, 43, 80, 117}
	linearHalf = []uint8{86, 123, 96, 116, 89, 126}
	cubicUp    = []uint8{0, 20, 54, 27, 84, 131, 104, 141, 200, 194, 61, 108, 250, 0, 17, 28, 65, 114, 83, 129, 107, 150, 186, 96, 147, 106, 84, 131, 28, 77, 73, 110, 174, 139, 174, 83, 195, 232, 0, 100, 151, 60, 11, 73, 136}
	cubicDown  = []uint8{70, 135, 172, 83, 120, 157, 68, 105, 170, 100, 159, 196, 107, 144, 181, 92, 135, 176}
)

// Each interpolation keeps a picture of one colour as it is, and all sizes are made.
func TestOneColour(t *testing.T) {
	for _, from := range [][2]int{{1, 1}, {1, 9}, {9, 1}, {7, 5}, {12, 8}} {
		p := New(from[0], from[1])
		for i := range p.Pixels {
			p.Pixels[i] = 201
		}
		for _, to := range [][2]int{{1, 1}, {2, 3}, {4, 4}, {3, 17}, {24, 1}, {30, 31}} {
			for name, got := range map[string]Picture{
				"nearest": p.Nearest(To(to[0], to[1])), "linear": p.Linear(To(to[0], to[1])), "area": p.Area(To(to[0], to[1])),
				"cubic": p.Cubic(To(to[0], to[1])), "lanczos4": p.Lanczos4(To(to[0], to[1])),
			} {
				if got.Width != to[0] || got.Height != to[1] || slices.Min(got.Pixels) < 200 || slices.Max(got.Pixels) > 202 {
					t.Errorf("%s, %v to %v: %d × %d, %d to %d", name, from, to, got.Width, got.Height, slices.Min(got.Pixels), slices.Max(got.Pixels))
				}
			}
		}
	}
}
