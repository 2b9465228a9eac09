package steps

import (
	"context"
	"encoding/json"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/ocr"
)

func init() {
	register("ocr_picture", func() Step { return &ocrPicture{} })
	register("ocr_boxes", func() Step { return &ocrBoxes{} })
	register("ocr_crops", func() Step { return &ocrCrops{} })
	register("ocr_line", func() Step { return &ocrLine{} })
	register("ocr_text", func() Step { return &ocrText{} })
	register("json", func() Step { return &toJSON{} })
}

// ocrPicture makes a text detector's input of a picture: [1 3 H W].
type ocrPicture struct {
	ocr.Detection `yaml:",inline"`
}

func (s *ocrPicture) Apply(_ context.Context, in []any) (any, error) {
	picture, err := one[sampan.Tensor](in, "a picture")
	if err != nil {
		return nil, err
	}
	out, _, err := s.Preprocess(picture)
	return out, err
}

// ocrBoxes are the boxes of a text detector's map, in reading order. It takes the map and
// the picture.
type ocrBoxes struct {
	ocr.DBPostProcess `yaml:",inline"`
	// MinSide is what a box must have more of, in pixels.
	MinSide int `yaml:"min_side"`
}

func (s *ocrBoxes) Apply(_ context.Context, in []any) (any, error) {
	probability, picture, err := two[sampan.Tensor, sampan.Tensor](in, "the detector's map", "the picture")
	if err != nil {
		return nil, err
	}
	if len(picture.Shape) != 3 || len(probability.Shape) != 4 || picture.Shape[0] < 1 || picture.Shape[1] < 1 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "shapes %v and %v, want a map of [1 1 H W] and a picture of [H W 3]", probability.Shape, picture.Shape)
	}
	height, width := int(picture.Shape[0]), int(picture.Shape[1])
	found, err := s.Boxes(probability, []ocr.Ratio{{H: float64(probability.Shape[2]) / float64(height), W: float64(probability.Shape[3]) / float64(width)}})
	if err != nil {
		return nil, err
	}
	boxes := ocr.FilterBoxes{Width: s.MinSide, Height: s.MinSide}.Filter(found[0], height, width)
	return ocr.SortedBoxes{Thorough: true}.Sort(boxes), nil
}

// ocrCrops cuts the boxes out of a picture: a list. It takes the picture and the boxes.
type ocrCrops struct {
	ocr.GetRotateCropImage `yaml:",inline"`
}

func (s *ocrCrops) Apply(_ context.Context, in []any) (any, error) {
	picture, boxes, err := two[sampan.Tensor, []ocr.Box](in, "the picture", "boxes")
	if err != nil {
		return nil, err
	}
	crops := make(List, len(boxes))
	for i, box := range boxes {
		if crops[i], err = s.Crop(picture, box); err != nil {
			return nil, err
		}
	}
	return crops, nil
}

// ocrLine makes a text recogniser's input of a crop: [1 3 H W].
type ocrLine struct {
	ocr.Recognition `yaml:",inline"`
}

func (s *ocrLine) Apply(_ context.Context, in []any) (any, error) {
	crop, err := one[sampan.Tensor](in, "a crop")
	if err != nil {
		return nil, err
	}
	batches, err := s.Batches([]sampan.Tensor{crop})
	if err != nil {
		return nil, err
	}
	return batches[0].Lines, nil
}

// ocrText reads a recogniser's answer.
type ocrText struct {
	// Dictionary is a file with a character a line.
	Dictionary string `yaml:"dictionary"`

	ctc ocr.CTC
}

// Open reads the dictionary.
func (s *ocrText) Open(path func(string) string) (err error) {
	s.ctc.Dictionary, err = ocr.LoadDictionary(path(s.Dictionary))
	return err
}

func (s *ocrText) Apply(_ context.Context, in []any) (any, error) {
	probabilities, err := one[sampan.Tensor](in, "the recogniser's probabilities")
	if err != nil {
		return nil, err
	}
	texts, err := s.ctc.Decode(probabilities)
	if err != nil {
		return nil, err
	}
	if len(texts) != 1 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d texts, want one", len(texts))
	}
	return texts[0].Text, nil
}

// toJSON is a value as JSON: a list of texts, boxes, numbers.
type toJSON struct{}

// Whole implements [Whole].
func (*toJSON) Whole() {}

func (*toJSON) Apply(_ context.Context, in []any) (any, error) {
	v, err := one[any](in, "a value")
	if err != nil {
		return nil, err
	}
	return asJSON(v)
}

func asJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", sampan.Errorf(sampan.InvalidArgument, "%s has no JSON: %w", Kind(v), err)
	}
	return string(text), nil
}
