package detection

import (
	"image/jpeg"
	"image/png"
	"io"

	"github.com/sampanml/sampan"
)

// EncodePNG writes a picture, uint8 of shape [H W 3] and channels B G R.
func EncodePNG(w io.Writer, picture sampan.Tensor) error {
	pixels, height, width, err := pixelsOf(picture)
	if err != nil {
		return err
	}
	return png.Encode(w, &canvas{pixels, width, height})
}

// EncodeJPEG writes a picture as EncodePNG does, with a quality of 1 to 100; Paddle
// Serving's is 95.
func EncodeJPEG(w io.Writer, picture sampan.Tensor, quality int) error {
	pixels, height, width, err := pixelsOf(picture)
	if err != nil {
		return err
	}
	if quality < 1 || quality > 100 {
		return sampan.Errorf(sampan.InvalidArgument, "quality is %d, want 1 to 100", quality)
	}
	return jpeg.Encode(w, &canvas{pixels, width, height}, &jpeg.Options{Quality: quality})
}
