package ocr

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

// array of zeros, or of what fill gives.
func tensor[T sampan.Element](t testing.TB, shape sampan.Shape, fill func(i int) T) sampan.Tensor {
	t.Helper()
	n, ok := shape.Elements()
	if !ok {
		t.Fatalf("shape %v", shape)
	}
	values := make([]T, n)
	for i := range values {
		if fill != nil {
			values[i] = fill(i)
		}
	}
	out, err := sampan.Of(shape, values)
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

func TestBoxesFaults(t *testing.T) {
	one := []Ratio{{1, 1}}
	zeros := tensor[float32](t, sampan.Shape{1, 1, 8, 8}, nil)
	for name, c := range map[string]struct {
		d      DBPostProcess
		in     sampan.Tensor
		ratios []Ratio
		text   string
	}{
		"dtype":          {in: tensor[float64](t, sampan.Shape{1, 1, 8, 8}, nil), ratios: one, text: "tensor has float64 elements"},
		"three sides":    {in: tensor[float32](t, sampan.Shape{1, 8, 8}, nil), ratios: one, text: "want [N 1 H W]"},
		"two channels":   {in: tensor[float32](t, sampan.Shape{1, 2, 8, 8}, nil), ratios: one, text: "want [N 1 H W]"},
		"too wide":       {in: tensor[float32](t, sampan.Shape{1, 1, 1, 1<<15 + 1}, nil), ratios: one, text: "sides of at most 32768"},
		"no ratio":       {in: zeros, text: "0 ratios for 1 probability maps"},
		"zero ratio":     {in: zeros, ratios: []Ratio{{1, 0}}, text: "ratio 0 is {1 0}"},
		"NaN ratio":      {in: zeros, ratios: []Ratio{{math.NaN(), 1}}, text: "ratio 0 is {NaN 1}"},
		"infinite ratio": {in: zeros, ratios: []Ratio{{1, math.Inf(1)}}, text: "ratio 0 is {1 +Inf}"},
		"thresh":         {d: DBPostProcess{Threshold: 2}, in: zeros, ratios: one, text: "thresh is 2"},
		"box_thresh":     {d: DBPostProcess{BoxThreshold: math.NaN()}, in: zeros, ratios: one, text: "box_thresh is NaN"},
		"max_candidates": {d: DBPostProcess{MaxCandidates: -1}, in: zeros, ratios: one, text: "max_candidates is -1"},
		"unclip_ratio":   {d: DBPostProcess{UnclipRatio: -1}, in: zeros, ratios: one, text: "unclip_ratio is -1"},
		"min_size":       {d: DBPostProcess{MinSize: -1}, in: zeros, ratios: one, text: "min_size is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.d.Boxes(c.in, c.ratios)
			refused(t, err, c.text)
		})
	}
}

// TestStrangeMaps has what no model should compute, but may.
func TestStrangeMaps(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		shape sampan.Shape
		fill  func(i int) float32
		want  int
	}{
		"no pixels":  {shape: sampan.Shape{1, 1, 0, 0}},
		"no rows":    {shape: sampan.Shape{1, 1, 0, 40}},
		"no text":    {shape: sampan.Shape{1, 1, 40, 40}},
		"one pixel":  {sampan.Shape{1, 1, 1, 1}, func(int) float32 { return 1 }, 0},
		"all text":   {sampan.Shape{1, 1, 40, 40}, func(int) float32 { return 1 }, 1},
		"negative":   {sampan.Shape{1, 1, 40, 40}, func(int) float32 { return -1 }, 0},
		"all NaN":    {sampan.Shape{1, 1, 40, 40}, func(int) float32 { return nan }, 0},
		"infinite":   {sampan.Shape{1, 1, 40, 40}, func(int) float32 { return inf }, 1},
		"half NaN":   {sampan.Shape{1, 1, 40, 40}, func(i int) float32 { return []float32{1, nan}[i/820] }, 0},
		"both signs": {sampan.Shape{1, 1, 40, 40}, func(i int) float32 { return []float32{inf, -inf}[i%2] }, 0},
		"thin line":  {sampan.Shape{1, 1, 40, 40}, func(i int) float32 { return []float32{1, 0}[min(i/40, 1)] }, 0},
		"wide holes": {sampan.Shape{1, 1, 40, 40}, func(i int) float32 { return float32((i/5 + i/200) % 2) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DBPostProcess{}.Boxes(tensor(t, c.shape, c.fill), []Ratio{{1, 1}})
			if err != nil {
				t.Fatal(err)
			}
			if len(got[0]) != c.want {
				t.Errorf("boxes %v, want %d", got[0], c.want)
			}
		})
	}
}

func TestCropFaults(t *testing.T) {
	picture := tensor[uint8](t, sampan.Shape{20, 30, 3}, nil)
	square := Box{{2, 2}, {12, 2}, {12, 12}, {2, 12}}
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		picture sampan.Tensor
		box     Box
		text    string
	}{
		"dtype":     {tensor[float32](t, sampan.Shape{20, 30, 3}, nil), square, "float32"},
		"grey":      {tensor[uint8](t, sampan.Shape{20, 30}, nil), square, "want [H W 3]"},
		"alpha":     {tensor[uint8](t, sampan.Shape{20, 30, 4}, nil), square, "want [H W 3]"},
		"no pixels": {tensor[uint8](t, sampan.Shape{0, 30, 3}, nil), square, "want [H W 3]"},
		"too wide":  {tensor[uint8](t, sampan.Shape{1, 1 << 15, 3}, nil), square, "sides of 1 to 32767"},
		"a point":   {picture, Box{{5, 5}, {5, 5}, {5, 5}, {5, 5}}, "box has 0 × 0 pixels"},
		"thin":      {picture, Box{{2, 2}, {12, 2}, {12, 2.5}, {2, 2.5}}, "box has 10 × 0 pixels"},
		"NaN":       {picture, Box{{nan, 2}, {12, 2}, {12, 12}, {2, 12}}, "corner (NaN, 2)"},
		"far":       {picture, Box{{2, 2}, {1e9, 2}, {1e9, 12}, {2, 12}}, "corner (1e+09, 2)"},
		"infinite":  {picture, Box{{2, float32(math.Inf(-1))}, {12, 2}, {12, 12}, {2, 12}}, "corner (2, -Inf)"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, cubic := range []bool{false, true} {
				_, err := GetRotateCropImage{Cubic: cubic}.Crop(c.picture, c.box)
				refused(t, err, c.text)
			}
		})
	}
}

// TestStrangeBoxes has boxes that no rectangle gives; they have a crop of some kind.
func TestStrangeBoxes(t *testing.T) {
	picture := tensor(t, sampan.Shape{20, 30, 3}, func(i int) uint8 { return uint8(i) })
	for name, box := range map[string]Box{
		"one line":        {{0, 0}, {10, 0}, {20, 0}, {5, 0}},
		"three in a line": {{0, 0}, {10, 0}, {20, 0}, {0, 10}},
		"crossed":         {{2, 2}, {12, 12}, {12, 2}, {2, 12}},
		"mirrored":        {{12, 2}, {2, 2}, {2, 12}, {12, 12}},
		"outside":         {{-30, -20}, {-10, -20}, {-10, -5}, {-30, -5}},
		"beyond":          {{40, 30}, {60, 30}, {60, 40}, {40, 40}},
		"around":          {{-30, -20}, {60, -20}, {60, 40}, {-30, 40}},
		"two corners":     {{2, 2}, {12, 2}, {2, 2}, {12, 12}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, cubic := range []bool{false, true} {
				got, err := GetRotateCropImage{Cubic: cubic}.Crop(picture, box)
				if err != nil {
					t.Fatal(err)
				}
				if err := got.Validate(); err != nil || got.Rows() == 0 {
					t.Errorf("crop of shape %v: %v", got.Shape, err)
				}
			}
		})
	}
}

func TestLinesFaults(t *testing.T) {
	thin := tensor[uint8](t, sampan.Shape{1, 30000, 3}, nil)
	_, err := OCRReader{}.Preprocess()
	refused(t, err, "0 crops")
	_, err = OCRReader{}.Preprocess(tensor[uint8](t, sampan.Shape{0, 4, 3}, nil))
	refused(t, err, "want [H W 3]")
	_, err = OCRReader{ImageShape: []int{1, 32, 320}}.Preprocess(thin)
	refused(t, err, "image_shape is [1 32 320]")
	_, err = OCRReader{}.ResizeNorm(1e300, make([]sampan.Tensor, 1000)...)
	refused(t, err, "1000 crops of 16384 × 32 pixels")
	if got, err := (OCRReader{}).Preprocess(thin); err != nil || got.Shape[3] != maxLineWidth {
		t.Errorf("a thin line has shape %v, %v; want it squeezed to %d", got.Shape, err, maxLineWidth)
	}
	if got, err := (OCRReader{}).ResizeNorm(math.NaN(), thin); err != nil || got.Shape[3] != 1 {
		t.Errorf("ratio NaN gives shape %v, %v", got.Shape, err)
	}
	_, err = Recognition{Height: -1}.Batches([]sampan.Tensor{thin})
	refused(t, err, "height is -1")
	_, err = Recognition{}.Batches([]sampan.Tensor{{}})
	refused(t, err, "invalid elements")
	_, _, err = Detection{LimitType: "mean"}.Preprocess(thin)
	refused(t, err, `limit_type is "mean"`)
	_, _, err = Detection{}.Preprocess(tensor[uint8](t, sampan.Shape{4, 4}, nil))
	refused(t, err, "want [H W 3]")
	_, _, err = Angle{}.Turn([]sampan.Tensor{thin}, tensor[float32](t, sampan.Shape{2, 2}, nil))
	refused(t, err, "want [1 2]")
}

func TestDecodeFaults(t *testing.T) {
	c := CTC{Dictionary{"a", "b"}}
	for name, in := range map[string]sampan.Tensor{
		"two dimensions":    tensor[float32](t, sampan.Shape{1, 4}, nil),
		"too few classes":   tensor[float32](t, sampan.Shape{1, 2, 2}, nil),
		"too many classes":  tensor[float32](t, sampan.Shape{1, 2, 5}, nil),
		"texts, no classes": tensor[float32](t, sampan.Shape{1 << 40, 0, 4}, nil),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Decode(in)
			refused(t, err, "want [N T 4]")
		})
	}
	got, err := c.Decode(tensor(t, sampan.Shape{1, 3, 4}, func(int) float32 { return float32(math.NaN()) }))
	if err != nil || got[0] != (Text{}) {
		t.Errorf("NaN is read as %v, %v; want nothing", got, err)
	}

	sequences := func(in sampan.Tensor, lod ...int64) sampan.Tensor {
		in.LoD = sampan.LoD{lod}
		return in
	}
	softmax := sequences(tensor[float32](t, sampan.Shape{2, 3}, nil), 0, 2)
	for name, c := range map[string]struct {
		ids, softmax sampan.Tensor
		text         string
	}{
		"too large": {sequences(tensor(t, sampan.Shape{1, 1}, func(int) int64 { return 3 }), 0, 1), softmax, "id 3 is not in the dictionary of 2"},
		"negative":  {sequences(tensor(t, sampan.Shape{1, 1}, func(int) int64 { return -1 }), 0, 1), softmax, "id -1"},
		"no LoD":    {tensor[int64](t, sampan.Shape{1, 1}, nil), softmax, "want one level"},
		"more":      {sequences(tensor[int64](t, sampan.Shape{1, 1}, nil), 0, 1, 1), softmax, "as many sequences"},
		"flat":      {sequences(tensor[int64](t, sampan.Shape{1}, nil), 0, 1), softmax, "want [M 1]"},
		"softmax":   {sequences(tensor[int64](t, sampan.Shape{1, 1}, nil), 0, 1), sequences(tensor[float32](t, sampan.Shape{2}, nil), 0, 2), "want [L C]"},
		"beyond":    {sequences(tensor[int64](t, sampan.Shape{1, 1}, nil), 0, 9), softmax, "lod level 0 ends at 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := CTC{Dictionary{"a", "b"}}.DecodeSequences(c.ids, c.softmax)
			refused(t, err, c.text)
		})
	}
}

func TestDictionaryFaults(t *testing.T) {
	for name, c := range map[string]struct{ file, text string }{
		"empty":     {"", "no characters"},
		"no lines":  {"\n\r\n", "no characters"},
		"not UTF-8": {"a\n\xff\n", "line 2 is not UTF-8"},
		"too large": {strings.Repeat("a", maxDictionaryBytes+1), "more than 16777216 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadDictionary(strings.NewReader(c.file))
			refused(t, err, c.text)
		})
	}
	if _, err := LoadDictionary("testdata/none.txt"); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("error %v, want NotFound", err)
	}
	if d, err := ReadDictionary(bytes.NewReader([]byte("a\r\n \n字"))); err != nil || len(d) != 3 || d[1] != " " {
		t.Errorf("dictionary %q, %v", d, err)
	}
}
