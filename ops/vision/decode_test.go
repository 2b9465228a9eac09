package vision_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/vision"
)

func encoded(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// colours fills a picture of 2 × 1.
func colours(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, left, right color.Color) image.Image {
	m.Set(0, 0, left)
	m.Set(1, 0, right)
	return m
}

// TestKinds has what becomes of each kind of picture: blue, green, red, without alpha.
func TestKinds(t *testing.T) {
	r := image.Rect(0, 0, 2, 1)
	red, half := color.NRGBA{200, 100, 50, 255}, color.NRGBA{10, 20, 30, 128}
	palette := color.Palette{color.NRGBA{200, 100, 50, 255}, color.NRGBA{10, 20, 30, 255}}
	var asGIF, asBMP bytes.Buffer
	if err := gif.Encode(&asGIF, colours(image.NewPaletted(r, palette), palette[0], palette[1]), nil); err != nil {
		t.Fatal(err)
	}
	if err := bmp.Encode(&asBMP, colours(image.NewNRGBA(r), red, color.NRGBA{10, 20, 30, 255})); err != nil {
		t.Fatal(err)
	}
	whole := []uint8{50, 100, 200, 30, 20, 10}
	for name, c := range map[string]struct {
		data []byte
		want []uint8
	}{
		"alpha is dropped": {encoded(t, colours(image.NewNRGBA(r), red, half)), whole},
		"grey":             {encoded(t, colours(image.NewGray(r), color.Gray{7}, color.Gray{250})), []uint8{7, 7, 7, 250, 250, 250}},
		"grey of 16 bits":  {encoded(t, colours(image.NewGray16(r), color.Gray16{0x12ff}, color.Gray16{0xfe01})), []uint8{0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe}},
		"colours, 16 bits": {encoded(t, colours(image.NewNRGBA64(r), color.NRGBA64{0xc8ff, 0x64ff, 0x32ff, 0xffff}, color.NRGBA64{0x0aff, 0x14ff, 0x1eff, 0x8000})), whole},
		"palette":          {encoded(t, colours(image.NewPaletted(r, palette), palette[0], palette[1])), whole},
		"GIF, first frame": {asGIF.Bytes(), whole},
		"BMP":              {asBMP.Bytes(), whole},
		"opaque, no alpha": {encoded(t, colours(image.NewRGBA(r), red, color.NRGBA{10, 20, 30, 255})), whole},
	} {
		got, err := vision.Decoder{}.Bytes(c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(got.Data, c.want) || got.Shape[0] != 1 || got.Shape[1] != 2 || got.Shape[2] != 3 {
			t.Errorf("%s: %v %v, want %v", name, got.Shape, got.Data, c.want)
		}
	}
}

// exif is a JPEG's segment that says how the picture lies.
func exif(orientation uint16) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	tiff = binary.LittleEndian.AppendUint16(tiff, orientation)
	body := append([]byte("Exif\x00\x00"), append(tiff, 0, 0, 0, 0, 0, 0)...)
	return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)), body...)
}

// TestTurned has a JPEG of 16 × 8, dark on the left, in every position.
func TestTurned(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 16, 8))
	for y := range 8 {
		for x := 8; x < 16; x++ {
			m.SetGray(x, y, color.Gray{255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	for orientation, bright := range map[uint16][2]int{1: {0, 15}, 2: {0, 0}, 3: {0, 0}, 4: {0, 15}, 5: {15, 0}, 6: {15, 0}, 7: {0, 0}, 8: {0, 0}} {
		data := slices.Concat(b.Bytes()[:2], exif(orientation), b.Bytes()[2:])
		got, err := vision.Decoder{}.Bytes(data)
		if err != nil {
			t.Fatal(err)
		}
		height, width := int(got.Shape[0]), int(got.Shape[1])
		if tall := orientation >= 5; tall != (height == 16) {
			t.Errorf("%d: shape %v", orientation, got.Shape)
			continue
		}
		if at := 3 * (bright[0]*width + bright[1]); got.Data[at] < 200 || got.Data[len(got.Data)-3-at] > 50 {
			t.Errorf("%d: %d at row %d, column %d, and %d opposite", orientation, got.Data[at], bright[0], bright[1], got.Data[len(got.Data)-3-at])
		}
	}
}

// bomb is the beginning of a PNG that claims 50,000 × 50,000 pixels.
func bomb() []byte {
	header := binary.BigEndian.AppendUint32(nil, 50000)
	header = binary.BigEndian.AppendUint32(header, 50000)
	chunk := append([]byte("IHDR"), append(header, 8, 2, 0, 0, 0)...)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

func TestDecodeFaults(t *testing.T) {
	good := encoded(t, image.NewNRGBA(image.Rect(0, 0, 64, 64)))
	var asJPEG bytes.Buffer
	if err := jpeg.Encode(&asJPEG, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		d    vision.Decoder
		data []byte
		want string
	}{
		"nothing":        {vision.Decoder{}, nil, "the picture is empty"},
		"text":           {vision.Decoder{}, []byte("hello"), "is not PNG, JPEG, WebP, BMP or GIF"},
		"bomb":           {vision.Decoder{}, bomb(), "the picture has 50000 × 50000 pixels, the most is 100000000"},
		"truncated PNG":  {vision.Decoder{}, good[:len(good)-20], "the picture (png) is damaged or cut short"},
		"truncated JPEG": {vision.Decoder{}, asJPEG.Bytes()[:asJPEG.Len()-20], "the picture (jpeg) is damaged or cut short"},
		"above a bound":  {vision.Decoder{MaxPixels: 4095}, good, "the picture has 64 × 64 pixels, the most is 4095"},
	} {
		if _, err := c.d.Bytes(c.data); err == nil || !strings.Contains(err.Error(), c.want) || sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := (vision.Decoder{MaxPixels: 4096}).Bytes(good); err != nil {
		t.Errorf("as many pixels as may be: %v", err)
	}
	if _, err := (vision.Decoder{}).File("nowhere.png"); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("no file: %v", err)
	}
}

func TestBase64(t *testing.T) {
	good := encoded(t, colours(image.NewNRGBA(image.Rect(0, 0, 2, 1)), color.NRGBA{251, 255, 3, 255}, color.NRGBA{}))
	text := base64.StdEncoding.EncodeToString(good)
	for name, s := range map[string]string{
		"plain": text, "lines": text[:20] + "\r\n" + text[20:] + "\n", "prefix": "data:image/png;base64," + text,
		"no padding": strings.TrimRight(text, "="), "URL": base64.URLEncoding.EncodeToString(good),
	} {
		if got, err := (vision.Decoder{}).Base64(s); err != nil || len(got.Data) != 6 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range map[string]string{"nothing": "", "prefix alone": "data:image/png;base64", "not base64": "*!?", "cut": text[:9]} {
		if _, err := (vision.Decoder{}).Base64(s); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%s: %v, want InvalidArgument", name, err)
		}
	}
}

func TestTransformFaults(t *testing.T) {
	grey, _ := sampan.Of(sampan.Shape{2, 2}, []uint8{1, 2, 3, 4})
	small, _ := sampan.Of(sampan.Shape{1, 1, 3}, []uint8{1, 2, 3})
	none, _ := sampan.Of(sampan.Shape{0, 5, 3}, []uint8{})
	wide, _ := sampan.Of(sampan.Shape{1, 1, 3}, []int64{1, 2, 3})
	for _, transform := range []vision.Transform{
		vision.Resize{Short: 4}, vision.ResizeByFactor{}, vision.CenterCrop{Size: 1}, vision.DetectionResize{Height: 4, Width: 4},
		vision.Normalize{Mean: []float32{1}, Std: []float32{1}}, vision.Transpose{}, vision.PadStride{Stride: 32}, vision.ImageReader{},
	} {
		for _, in := range []sampan.Tensor{grey, wide, {}} {
			if _, err := transform.Apply(in); sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Errorf("%T of %s %v: %v, want InvalidArgument", transform, in.DType, in.Shape, err)
			}
		}
	}
	for _, transform := range []vision.Transform{
		vision.Resize{Short: 4}, vision.Resize{}, vision.Resize{Width: 1 << 30, Height: 2}, vision.ResizeByFactor{Factor: -1}, vision.CenterCrop{Size: 2},
		vision.CenterCrop{}, vision.DetectionResize{}, vision.Div{}, vision.PadStride{Stride: -1},
	} {
		in := small
		if _, is := transform.(vision.Resize); is && transform.(vision.Resize).Short > 0 {
			in = none
		}
		if _, err := transform.Apply(in); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%+v: %v, want InvalidArgument", transform, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, image.NewNRGBA(image.Rect(0, 0, 3, 2))))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(slices.Concat(b.Bytes()[:2], exif(6), b.Bytes()[2:]))
	f.Add(bomb())
	pictures, err := filepath.Glob("testdata/pictures/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range pictures {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := vision.Decoder{MaxPixels: 1 << 16}.Bytes(data)
		if err != nil {
			return
		}
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
		if _, err := (vision.Resize{Width: 7, Height: 5}).Apply(got); err != nil {
			t.Fatal(err)
		}
	})
}
