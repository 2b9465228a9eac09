package resample

import (
	_ "embed"
	"encoding/json"
	"hash/crc32"
	"testing"
)

// cv2Resize are checksums of OpenCV 4.6.0's pictures, by testdata/cv2_resize.py.
//
//go:embed testdata/cv2_resize.json
var cv2Resize []byte

// Sizes and factors give OpenCV's bytes, but for INTER_CUBIC, which Intel's library
// rounds in its own way.
func TestOpenCVsBytes(t *testing.T) {
	var cases []struct {
		From, To [2]int
		Factors  [2]float64
		Sums     map[string]uint32
	}
	if err := json.Unmarshal(cv2Resize, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		p := New(c.From[0], c.From[1])
		for i := range p.Pixels {
			p.Pixels[i] = uint8((i*i*7 + i*37) / 8)
		}
		to := Size{c.To[0], c.To[1], c.Factors[0], c.Factors[1]}
		for name, got := range map[string]Picture{"linear": p.Linear(to), "nearest": p.Nearest(to), "area": p.Area(to), "lanczos4": p.Lanczos4(to)} {
			if crc32.ChecksumIEEE(got.Pixels) != c.Sums[name] {
				t.Errorf("%s of %v to %v by %v differs", name, c.From, c.To, c.Factors)
			}
		}
	}
	if len(cases) < 50 {
		t.Errorf("%d cases", len(cases))
	}
}
