package vision_test

import (
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/vision"
)

// Each byte of pictures of any length goes to its place.
func TestBGR2RGB(t *testing.T) {
	for width := range 40 {
		pixels := make([]uint8, 3*width)
		for i := range pixels {
			pixels[i] = uint8(i)
		}
		in, err := sampan.Of(sampan.Shape{1, int64(width), 3}, pixels)
		if err != nil {
			t.Fatal(err)
		}
		out, err := vision.BGR2RGB{}.Apply(in)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range out.Data {
			if want := uint8(i/3*3 + 2 - i%3); v != want {
				t.Fatalf("%d pixels: byte %d is %d, want %d", width, i, v, want)
			}
		}
	}
}
