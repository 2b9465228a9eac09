package ocr

import (
	"math"
	"testing"

	"github.com/sampanml/sampan"
)

// page is a map of lines of text: rows of boxes with blurred edges.
func page(b *testing.B, side int) sampan.Tensor {
	b.Helper()
	return tensor(b, sampan.Shape{1, 1, int64(side), int64(side)}, func(i int) float32 {
		x, y := float64(i%side), float64(i/side)
		return float32(math.Max(0, math.Sin(x/25)+0.6) * math.Max(0, math.Sin(y/7)) / 1.6)
	})
}

func BenchmarkDBPostProcess(b *testing.B) {
	p := page(b, 960)
	d := DBPostProcess{BoxThreshold: 0.5}
	b.ReportAllocs()
	for b.Loop() {
		if boxes, err := d.Boxes(p, []Ratio{{1, 1}}); err != nil || len(boxes[0]) < 100 {
			b.Fatal(len(boxes[0]), err)
		}
	}
}

func BenchmarkCrop(b *testing.B) {
	picture := tensor(b, sampan.Shape{720, 1280, 3}, func(i int) uint8 { return uint8(i * 7) })
	box := Box{{100, 200}, {700, 230}, {698, 270}, {98, 240}}
	for name, g := range map[string]GetRotateCropImage{"linear": {}, "cubic": {Cubic: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := g.Crop(picture, box); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	p := tensor(b, sampan.Shape{1, 40, 6625}, func(i int) float32 { return float32(i * 7919 % 6600) })
	c := CTC{make(Dictionary, 6623)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Decode(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDetection(b *testing.B) {
	picture := tensor(b, sampan.Shape{720, 1280, 3}, func(i int) uint8 { return uint8(i * 7) })
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := (Detection{}).Preprocess(picture); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOCRReader(b *testing.B) {
	crop := tensor(b, sampan.Shape{40, 600, 3}, func(i int) uint8 { return uint8(i * 7) })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (OCRReader{}).Preprocess(crop); err != nil {
			b.Fatal(err)
		}
	}
}
