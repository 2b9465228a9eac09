package vision_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/ops/vision"
)

// BenchmarkTransforms has the names of testdata/cv2_bench.py, which does the same with
// OpenCV on one thread.
func BenchmarkTransforms(b *testing.B) {
	pixels := make([]uint8, 1920*1080*3)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range pixels {
		pixels[i] = uint8(random.Uint32())
	}
	frame, err := sampan.Of(sampan.Shape{1080, 1920, 3}, pixels)
	if err != nil {
		b.Fatal(err)
	}
	mean, std := []float32{0.485, 0.456, 0.406}, []float32{0.229, 0.224, 0.225}
	small, err := vision.Resize{Width: 640, Height: 640}.Apply(frame)
	if err != nil {
		b.Fatal(err)
	}
	floats, err := vision.Div{By: 255}.Apply(small)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		of   sampan.Tensor
		by   vision.Transform
	}{
		{"linear_224", frame, vision.Resize{Width: 224, Height: 224}},
		{"linear_640", frame, vision.Resize{Width: 640, Height: 640}},
		{"nearest_224", frame, vision.Resize{Width: 224, Height: 224, Interpolation: vision.Nearest}},
		{"nearest_640", frame, vision.Resize{Width: 640, Height: 640, Interpolation: vision.Nearest}},
		{"area_224", frame, vision.Resize{Width: 224, Height: 224, Interpolation: vision.Area}},
		{"area_640", frame, vision.Resize{Width: 640, Height: 640, Interpolation: vision.Area}},
		{"cubic_224", frame, vision.Resize{Width: 224, Height: 224, Interpolation: vision.Cubic}},
		{"cubic_640", frame, vision.Resize{Width: 640, Height: 640, Interpolation: vision.Cubic}},
		{"lanczos4_224", frame, vision.Resize{Width: 224, Height: 224, Interpolation: vision.Lanczos4}},
		{"lanczos4_640", frame, vision.Resize{Width: 640, Height: 640, Interpolation: vision.Lanczos4}},
		{"linear_float_224", floats, vision.Resize{Width: 224, Height: 224}},
		{"bgr2rgb_1080", frame, vision.BGR2RGB{}},
		{"crop_1080", frame, vision.CenterCrop{Size: 640}},
		{"div_640", small, vision.Div{By: 255}},
		{"normalize_640", floats, vision.Normalize{Mean: mean, Std: std}},
		{"detection_normalize_640", small, vision.DetectionNormalize{Mean: mean, Std: std}},
		{"transpose_640", floats, vision.Transpose{}},
		{"imagenet_1080", frame, vision.ImageReader{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.by.Apply(c.of); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecode has the names of testdata/cv2_bench.py too.
func BenchmarkDecode(b *testing.B) {
	file := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	for name, data := range map[string][]byte{
		"jpeg": file(fixture.Shared(b, "images", "000000570688.jpg")),
		"png":  file(fixture.Repo("examples", "detection", "coffee.png")),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (vision.Decoder{}).Bytes(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
