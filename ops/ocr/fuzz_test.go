package ocr

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/sampanml/sampan"
)

// floats reads numbers as they lie in memory.
func floats(data []byte) []float32 {
	var out []float32
	for ; len(data) >= 4; data = data[4:] {
		out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return out
}

// bits has a map of a bit a pixel.
func bits(data []byte) []float32 {
	var out []float32
	for _, b := range data {
		for i := range 8 {
			out = append(out, float32(b>>i&1))
		}
	}
	return out
}

func FuzzBoxes(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0x81, 0x81, 0xff, 0xff}, uint8(8), true, 1.0)
	f.Add(binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN()))), uint8(1), false, 0.5)
	f.Fuzz(func(t *testing.T, data []byte, width uint8, binary bool, ratio float64) {
		values := floats(data)
		if binary {
			values = bits(data)
		}
		if width == 0 || !(ratio > 1e-3 && ratio < 1e3) {
			return
		}
		height := len(values) / int(width)
		p, err := sampan.Of(sampan.Shape{1, 1, int64(height), int64(width)}, values[:height*int(width)])
		if err != nil {
			t.Fatal(err)
		}
		boxes, err := DBPostProcess{BoxThreshold: 0.01}.Boxes(p, []Ratio{{ratio, ratio}})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range boxes[0] {
			for _, c := range b {
				if !(c.X >= 0 && float64(c.X) <= float64(width)/ratio*1.001 && c.Y >= 0 && float64(c.Y) <= float64(height)/ratio*1.001) {
					t.Errorf("box %v of a map of %d × %d with ratio %v", b, width, height, ratio)
				}
			}
		}
	})
}

func FuzzCrop(f *testing.F) {
	f.Add([]byte("000000000000000000000000000000000"), uint8(3), uint8(3), true)
	f.Fuzz(func(t *testing.T, data []byte, width, height uint8, cubic bool) {
		var box Box
		values := floats(data)
		if len(values) < 8 || width == 0 || height == 0 {
			return
		}
		for i := range box {
			box[i] = Point{values[2*i], values[2*i+1]}
		}
		picture := tensor[uint8](t, sampan.Shape{int64(height), int64(width), 3}, nil)
		got, err := GetRotateCropImage{Cubic: cubic}.Crop(picture, box)
		if err == nil {
			err = got.Validate()
		} else if sampan.CodeOf(err) == sampan.InvalidArgument {
			return
		}
		if err != nil {
			t.Error(err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("0000000000000000"), uint8(3), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, characters, texts uint8) {
		values := floats(data)
		classes := int(characters) + 2
		steps := len(values) / classes / max(int(texts), 1)
		p, err := sampan.Of(sampan.Shape{int64(texts), int64(steps), int64(classes)}, values[:steps*classes*int(texts)])
		if err != nil {
			t.Fatal(err)
		}
		got, err := CTC{make(Dictionary, characters)}.Decode(p)
		if steps == 0 {
			if err == nil {
				t.Error("texts without steps are read")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range got {
			if text.Score != text.Score {
				t.Errorf("score of %q is NaN", text.Text)
			}
		}
	})
}
