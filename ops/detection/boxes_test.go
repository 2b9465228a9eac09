package detection

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

func tensor[T sampan.Element](t testing.TB, shape sampan.Shape, data ...T) sampan.Tensor {
	t.Helper()
	if data == nil {
		n, _ := shape.Elements()
		data = make([]T, n)
	}
	out, err := sampan.Of(shape, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused checks for InvalidArgument with a text.
func refused(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || sampan.CodeOf(err) != sampan.InvalidArgument || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want InvalidArgument with %q", err, text)
	}
}

func TestDecodeSplitsAndFilters(t *testing.T) {
	nan := float32(math.NaN())
	rows := tensor(t, sampan.Shape{7, 6},
		1, .9, 1, 2, 3, 4,
		0, .2, 1, 2, 3, 4, // below the threshold
		-1, -1, -1, -1, -1, -1, // nothing found
		5, .8, 5, 6, 7, 8, // without a label
		0, nan, 1, 2, 3, 4,
		nan, .9, 1, 2, 3, 4,
		0, .9, 1, nan, 3, 4,
	)
	want := [][]Box{{{1, "dog", .9, 1, 2, 3, 4}}, nil, {{5, "5", .8, 5, 6, 7, 8}}}
	b := Boxes{Labels: Labels{"cat", "dog"}, Threshold: .25}
	for _, counts := range []sampan.Tensor{
		tensor[int32](t, sampan.Shape{3}, 3, 0, 4),
		tensor[int64](t, sampan.Shape{3}, 3, 0, 4),
	} {
		got, err := b.Decode(rows, counts)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("boxes %v, want %v", got, want)
		}
	}
}

func TestDecodeFaults(t *testing.T) {
	two := tensor[float32](t, sampan.Shape{2, 6})
	for name, c := range map[string]struct {
		rows, counts sampan.Tensor
		text         string
	}{
		"dtype":         {tensor[float64](t, sampan.Shape{2, 6}), tensor[int32](t, sampan.Shape{1}, 2), "float64"},
		"five columns":  {tensor[float32](t, sampan.Shape{2, 5}), tensor[int32](t, sampan.Shape{1}, 2), "want [N 6]"},
		"counts' dtype": {two, tensor[float32](t, sampan.Shape{1}, 2), "float32"},
		"counts' shape": {two, tensor[int32](t, sampan.Shape{1, 1}, 2), "want [B]"},
		"negative":      {two, tensor[int32](t, sampan.Shape{1}, -1), "picture 0 has -1 boxes"},
		"too many":      {two, tensor[int32](t, sampan.Shape{2}, 1, 2), "picture 1 has 2 boxes of 1 left"},
		"huge":          {two, tensor[int64](t, sampan.Shape{1}, math.MaxInt64), "of 2 left"},
		"too few":       {two, tensor[int32](t, sampan.Shape{1}, 1), "1 boxes are of no picture"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Boxes{}.Decode(c.rows, c.counts)
			refused(t, err, c.text)
		})
	}
}

func TestNothingFound(t *testing.T) {
	if got, err := (Boxes{}).Decode(tensor[float32](t, sampan.Shape{0, 6}), tensor[int32](t, sampan.Shape{2})); err != nil || len(got) != 2 {
		t.Errorf("boxes %v, %v", got, err)
	}
	got, err := RCNNPostprocess{}.Results(tensor[float32](t, sampan.Shape{1, 1}, -1))
	if err != nil || got == nil || len(got) != 0 {
		t.Errorf("results %v, %v", got, err)
	}
	if text, err := JSON(got); err != nil || string(text) != "[]" {
		t.Errorf("JSON %s, %v", text, err)
	}
}

func TestBestAndCrop(t *testing.T) {
	boxes := []Box{{Score: .1}, {Score: .9, X1: -5, Y1: 1, X2: 2.9, Y2: 99}, {Score: .5}}
	best := Best(boxes, 2)
	if len(best) != 2 || best[0].Score != .9 || best[1].Score != .5 || len(Best(boxes, -1)) != 0 || len(Best(nil, 5)) != 0 {
		t.Errorf("best %v", best)
	}
	picture := tensor[uint8](t, sampan.Shape{3, 3, 3},
		0, 1, 2, 3, 4, 5, 6, 7, 8,
		9, 10, 11, 12, 13, 14, 15, 16, 17,
		18, 19, 20, 21, 22, 23, 24, 25, 26)
	got, err := best[0].Crop(picture)
	if err != nil || !slices.Equal(got.Shape, sampan.Shape{2, 2, 3}) || !slices.Equal(got.Data, []byte{9, 10, 11, 12, 13, 14, 18, 19, 20, 21, 22, 23}) {
		t.Errorf("crop %v of shape %v, %v", got.Data, got.Shape, err)
	}
	nan := float32(math.NaN())
	for _, b := range []Box{{}, {X1: 5, X2: 9, Y2: 3}, {X1: 2, X2: 1, Y2: 3}, {X2: nan, Y2: nan}} {
		_, err := b.Crop(picture)
		refused(t, err, "has no pixel")
	}
}

func TestLoadLabels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labels.txt")
	if err := os.WriteFile(path, []byte("cat \r\n\ndog"), 0o600); err != nil {
		t.Fatal(err)
	}
	labels, err := LoadLabels(path)
	if err != nil || labels.Name(0) != "cat" || labels.Name(1) != "1" || labels.Name(2) != "dog" || labels.Name(-1) != "-1" {
		t.Errorf("labels %q, %v", labels, err)
	}
	if _, err := LoadLabels(path + "x"); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("error %v, want NotFound", err)
	}
}

func TestSegFaults(t *testing.T) {
	s := SegPostprocess{ClassNum: 3, Size: 2}
	_, err := s.Result(tensor[int64](t, sampan.Shape{2, 2}, 0, 1, 2, 3), 2, 2)
	refused(t, err, "pixel 3 has class 3 of 3")
	_, err = s.Result(tensor(t, sampan.Shape{2, 2}, float32(math.NaN()), 0, 0, 0), 2, 2)
	refused(t, err, "pixel 0 has class NaN")
	_, err = s.Result(tensor[int64](t, sampan.Shape{2}), 2, 2)
	refused(t, err, "want 2 × 2 classes")
	_, err = s.Result(tensor[int64](t, sampan.Shape{2, 2}), 0, 1<<40)
	refused(t, err, "want sides of 1 to")
	_, err = s.Result(tensor[float64](t, sampan.Shape{2, 2}), 2, 2)
	refused(t, err, "float64")
	_, err = SegPostprocess{}.Mask(tensor[int64](t, sampan.Shape{2, 2}))
	refused(t, err, "class_num is 0")
}

func TestDraw(t *testing.T) {
	picture := tensor[uint8](t, sampan.Shape{40, 60, 3})
	inf := float32(math.Inf(1))
	marks := []Mark{
		Box{Class: 1, Label: "dog", Score: .875, X1: 10, Y1: 20, X2: 40, Y2: 30}.Mark(),
		{Points: [][2]float32{{-inf, -5}, {inf, 50}, {float32(math.NaN()), 1e30}}, Label: "正品", Class: 2},
		{},
	}
	if marks[0].Label != "dog 0.88" {
		t.Errorf("label %q", marks[0].Label)
	}
	got, err := Draw(picture, marks...)
	if err != nil {
		t.Fatal(err)
	}
	at := func(x, y int) [3]byte { return [3]byte(got.Data[3*(60*y+x):]) }
	if red := [3]byte{0, 0, 128}; at(10, 20) != red || at(40, 22) != red || at(25, 31) != red {
		t.Errorf("sides have colours %v, %v, %v in B G R", at(10, 20), at(40, 22), at(25, 31))
	}
	if at(25, 25) != [3]byte{} && at(26, 25) != [3]byte{} {
		t.Error("the inside is filled")
	}
	if !bytes.Contains(got.Data, []byte{255, 255, 255}) {
		t.Error("no label is drawn")
	}
	if slices.Max(picture.Data) != 0 {
		t.Error("the picture itself is drawn on")
	}
	_, err = Draw(tensor[uint8](t, sampan.Shape{40, 60}))
	refused(t, err, "want [H W 3]")
}

func TestMarks(t *testing.T) {
	r := RCNNPostprocess{Labels: Labels{"cat"}, ResizeShape: []int{10, 20}}
	got, err := r.Marks([]Result{{0, [4]float64{1, 2, 3, 4}, .5}, {0, [4]float64{}, .49}}, 40, 30)
	if err != nil || len(got) != 1 || got[0].Label != "cat 0.50" || got[0].Points[2] != [2]float32{12, 12} {
		t.Errorf("marks %v, %v", got, err)
	}
	_, err = RCNNPostprocess{ResizeShape: []int{0, 1}}.Marks(nil, 1, 1)
	refused(t, err, "resize_shape is [0 1]")
}

func TestEncode(t *testing.T) {
	picture := tensor[uint8](t, sampan.Shape{1, 2, 3}, 1, 2, 3, 4, 5, 6)
	var file bytes.Buffer
	if err := EncodePNG(&file, picture); err != nil {
		t.Fatal(err)
	}
	decoded, _, err := image.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := decoded.At(1, 0).RGBA(); r>>8 != 6 || g>>8 != 5 || b>>8 != 4 {
		t.Errorf("pixel is %d %d %d, want 6 5 4", r>>8, g>>8, b>>8)
	}
	if err := EncodeJPEG(&file, picture, 95); err != nil {
		t.Error(err)
	}
	refused(t, EncodeJPEG(&file, picture, 0), "quality is 0")
	refused(t, EncodePNG(&file, tensor[uint8](t, sampan.Shape{0, 2, 3})), "at least one pixel")
}

func FuzzDecode(f *testing.F) {
	f.Add(make([]byte, 48), int64(1), int64(1))
	f.Fuzz(func(t *testing.T, data []byte, first, second int64) {
		var values []float32
		for ; len(data) >= 4; data = data[4:] {
			values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(data)))
		}
		n := len(values) / rowSize
		if n == 0 {
			return
		}
		rows := tensor(t, sampan.Shape{int64(n), rowSize}, values[:n*rowSize]...)
		got, err := Boxes{Threshold: .5}.Decode(rows, tensor(t, sampan.Shape{2}, first, second))
		if (err == nil) != (first >= 0 && second >= 0 && first <= int64(n) && second == int64(n)-first) {
			t.Fatalf("%d and %d of %d boxes: %v", first, second, n, err)
		}
		picture := tensor[uint8](t, sampan.Shape{9, 7, 3})
		for _, b := range slices.Concat(got...) {
			if !(b.Score >= .5) || b.Class < 0 {
				t.Errorf("box %v", b)
			}
			if _, err := Draw(picture, b.Mark()); err != nil {
				t.Error(err)
			}
		}
	})
}
