package vision_test

import (
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/vision"
)

func TestResizeFaults(t *testing.T) {
	bytes, err := sampan.New(sampan.Uint8, sampan.Shape{4, 5, 3})
	if err != nil {
		t.Fatal(err)
	}
	floats, err := sampan.New(sampan.Float32, sampan.Shape{4, 5, 3})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		by   vision.Transform
		of   sampan.Tensor
		want string
	}{
		"unknown interpolation": {vision.Resize{Width: 2, Height: 2, Interpolation: "bilinear"}, bytes, `interpolation: got "bilinear", want linear, nearest`},
		"floats by cubic":       {vision.Resize{Width: 2, Height: 2, Interpolation: vision.Cubic}, floats, "resized by linear interpolation alone, not cubic"},
		"no size":               {vision.Resize{}, bytes, "a picture of 0 × 0 pixels cannot be made"},
		"a factor of 0":         {vision.DetectionResize{Width: 3}, bytes, "pixels cannot be made"},
		"too wide":              {vision.Resize{Width: 1<<16 + 1, Height: 1}, bytes, "a picture of 65537 × 1 pixels cannot be made"},
		"too many pixels":       {vision.Resize{Width: 1 << 15, Height: 1 << 15}, bytes, "a picture of 32768 × 32768 pixels cannot be made"},
	} {
		if _, err := c.by.Apply(c.of); sampan.CodeOf(err) != sampan.InvalidArgument || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// FuzzResize makes pictures of any size of others. What is neither sharpened nor
// overshoots stays between the least and the greatest byte.
func FuzzResize(f *testing.F) {
	for _, s := range [][4]uint16{{1, 1, 1, 1}, {3, 2, 5, 7}, {9, 1, 2, 300}, {64, 48, 31, 17}, {640, 2, 1, 1}} {
		for way := range uint8(5) {
			f.Add(s[0], s[1], s[2], s[3], way, way%2 == 0, uint8(100), uint8(7))
		}
	}
	ways := []vision.Interpolation{vision.Linear, vision.Nearest, vision.Area, vision.Cubic, vision.Lanczos4}
	f.Fuzz(func(t *testing.T, width, height, toWidth, toHeight uint16, way uint8, keep bool, base, spread uint8) {
		width, height, toWidth, toHeight = width%700, height%700, toWidth%700, toHeight%700
		in, err := sampan.New(sampan.Uint8, sampan.Shape{int64(height), int64(width), 3})
		if err != nil {
			t.Fatal(err)
		}
		low, high := uint8(255), uint8(0)
		for i := range in.Data {
			in.Data[i] = base + uint8(i*31)%max(spread, 1)
			low, high = min(low, in.Data[i]), max(high, in.Data[i])
		}
		by := ways[int(way)%len(ways)]
		var to vision.Transform = vision.Resize{Width: int(toWidth), Height: int(toHeight), Interpolation: by}
		if keep {
			to = vision.DetectionResize{Width: int(toWidth), Height: int(toHeight), Interpolation: by}
		}
		out, err := to.Apply(in)
		if err != nil {
			if sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Fatal(err)
			}
			return
		}
		if err := out.Validate(); err != nil {
			t.Fatal(err)
		}
		if !keep && (out.Shape[0] != int64(toHeight) || out.Shape[1] != int64(toWidth)) {
			t.Fatalf("shape %v", out.Shape)
		}
		if by == vision.Cubic || by == vision.Lanczos4 {
			return
		}
		for i, v := range out.Data {
			if v < low || v > high {
				t.Fatalf("byte %d is %d, of bytes from %d to %d", i, v, low, high)
			}
		}
	})
}
