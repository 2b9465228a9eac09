package vision

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"

	// The formats that are read.
	_ "image/gif"
	_ "image/png"
	"io"
	"os"
	"strings"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"

	"github.com/sampanml/sampan"
)

// Decoder reads pictures as cv2.imdecode with IMREAD_COLOR: grey ones get three channels,
// alpha is dropped, 16 bits become 8, and a JPEG or PNG is turned as its EXIF data says.
type Decoder struct {
	// MaxPixels bounds a picture before any memory is taken for it; 0 is [MaxPixels].
	MaxPixels int `yaml:"max_pixels"`
}

// maxFile bounds a file, in bytes.
const maxFile = 256 << 20

// File reads a file, as the original's File2Image.
func (d Decoder) File(path string) (sampan.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.NotFound, "%w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	if len(data) > maxFile {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%s is larger than %d bytes", path, maxFile)
	}
	return d.Bytes(data)
}

// Base64 reads what a client put into a text, as the original's Base64ToImage: with or
// without a "data:" prefix, line breaks and padding, in either alphabet.
func (d Decoder) Base64(text string) (sampan.Tensor, error) {
	if strings.HasPrefix(text, "data:") {
		_, rest, ok := strings.Cut(text, ",")
		if !ok {
			return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture's data: prefix has no comma")
		}
		text = rest
	}
	data := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; c {
		case '\n', '\r', ' ', '\t', '=':
		case '-':
			data = append(data, '+')
		case '_':
			data = append(data, '/')
		default:
			data = append(data, c)
		}
	}
	n, err := base64.RawStdEncoding.Decode(data, data)
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture is not base64: %w", err)
	}
	return d.Bytes(data[:n])
}

// Bytes reads a file's contents: PNG, JPEG, WebP, BMP, or the first frame of a GIF.
func (d Decoder) Bytes(data []byte) (sampan.Tensor, error) {
	if len(data) == 0 {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture is empty")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture is not PNG, JPEG, WebP, BMP or GIF: %w", err)
	}
	most := d.MaxPixels
	if most == 0 {
		most = MaxPixels
	}
	if config.Width < 1 || config.Height < 1 || config.Width > most/config.Height {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture has %d × %d pixels, the most is %d", config.Width, config.Height, most)
	}
	var img image.Image
	if format == "jpeg" {
		img, err = decodeJPEG(data)
	} else {
		img, _, err = image.Decode(bytes.NewReader(data))
	}
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the picture (%s) is damaged or cut short: %w", format, err)
	}
	pixels, width, height := bgr(img, format)
	pixels, width, height = turn(pixels, width, height, orientation(data, format))
	return sampan.Of(sampan.Shape{int64(height), int64(width), 3}, pixels)
}

// bgr are the picture's pixels without alpha.
func bgr(img image.Image, format string) (pixels []uint8, width, height int) {
	b := img.Bounds()
	width, height = b.Dx(), b.Dy()
	switch m := img.(type) {
	case *image.RGBA:
		// Opaque, as PNG without alpha.
		return ofFour(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, width, height), width, height
	case *image.NRGBA:
		return ofFour(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, width, height), width, height
	case *image.NYCbCrA:
		return bgr(&m.YCbCr, format)
	case *image.YCbCr:
		switch {
		case format == "webp":
			return ofWebP(m), width, height
		case interpolates(m):
			return smooth(m), width, height
		}
		return bgr(redrawn(img), format)
	}
	pixels = make([]uint8, 0, 3*width*height)
	switch m := img.(type) {
	case *image.Gray:
		for y := range height {
			row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range width {
				pixels = append(pixels, row[x], row[x], row[x])
			}
		}
	case *image.NRGBA64, *image.RGBA64, *image.Gray16, *image.Paletted:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c := color.NRGBA64Model.Convert(img.At(x, y)).(color.NRGBA64)
				pixels = append(pixels, uint8(c.B>>8), uint8(c.G>>8), uint8(c.R>>8))
			}
		}
	case *image.CMYK:
		for y := range height {
			for row := m.Pix[y*m.Stride:][:4*width]; len(row) > 0; row = row[4:] {
				// OpenCV's own conversion, which divides by 256.
				light := 255 - int(row[3])
				for _, ink := range []uint8{row[2], row[1], row[0]} {
					pixels = append(pixels, uint8(light-int(ink)*light>>8))
				}
			}
		}
	default:
		return bgr(redrawn(img), format)
	}
	return pixels, width, height
}

// ofFour are the pixels of a picture with four bytes for each, red first.
func ofFour(from []uint8, stride, width, height int) []uint8 {
	out := make([]uint8, 3*width*height)
	for y := range height {
		row, to := from[y*stride:][:4*width], out[3*y*width:][:3*width]
		for len(row) >= 4 && len(to) >= 3 {
			to[0], to[1], to[2] = row[2], row[1], row[0]
			row, to = row[4:], to[3:]
		}
	}
	return out
}

// redrawn is any picture as a plain one.
func redrawn(img image.Image) image.Image {
	b := img.Bounds()
	whole := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(whole, whole.Bounds(), img, b.Min, draw.Src)
	return whole
}
