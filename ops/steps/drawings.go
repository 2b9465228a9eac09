package steps

import (
	"bytes"
	"context"
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/detection"
)

func init() {
	register("draw", func() Step { return &draw{} })
}

// draw puts boxes or lines of text on a picture. It takes the picture and what was found in
// it, and gives a file's bytes: uint8 of shape [n].
type draw struct {
	// Format is "png" or "jpeg".
	Format string `yaml:"format"`
	// Quality of a JPEG, 1 to 100; 0 means 95.
	Quality int `yaml:"quality"`
}

// Validate refuses formats that are not written.
func (s *draw) Validate() error {
	if s.Format != "" && s.Format != "png" && s.Format != "jpeg" {
		return fmt.Errorf("format: got %q, want png or jpeg", s.Format)
	}
	if s.Quality < 0 || s.Quality > 100 {
		return fmt.Errorf("quality: got %d, want 1 to 100", s.Quality)
	}
	return nil
}

func (s *draw) Apply(_ context.Context, in []any) (any, error) {
	picture, found, err := two[sampan.Tensor, any](in, "the picture", "what was found in it")
	if err != nil {
		return nil, err
	}
	marks, err := marksOf(found)
	if err != nil {
		return nil, err
	}
	drawn, err := detection.Draw(picture, marks...)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if s.Format == "jpeg" {
		quality := s.Quality
		if quality == 0 {
			quality = 95
		}
		err = detection.EncodeJPEG(&file, drawn, quality)
	} else {
		err = detection.EncodePNG(&file, drawn)
	}
	if err != nil {
		return nil, err
	}
	return sampan.Of(sampan.Shape{int64(file.Len())}, file.Bytes())
}

// marksOf are what is drawn for boxes, or for lines.
func marksOf(found any) (marks []detection.Mark, err error) {
	switch found := found.(type) {
	case []detection.Box:
		for _, b := range found {
			marks = append(marks, b.Mark())
		}
	case []line:
		for i, l := range found {
			m := detection.Mark{Label: l.Text, Class: 1 + i}
			for _, p := range l.Box {
				m.Points = append(m.Points, [2]float32{p.X, p.Y})
			}
			marks = append(marks, m)
		}
	default:
		return nil, sampan.Errorf(sampan.InvalidArgument, "got %s, want boxes or lines of text", Kind(found))
	}
	return marks, nil
}
