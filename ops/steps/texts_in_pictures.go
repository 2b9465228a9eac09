package steps

import (
	"context"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/ocr"
)

func init() {
	register("ocr_picture", func() Step { return &ocrPicture{} })
	register("ocr_boxes", func() Step { return &ocrBoxes{} })
	register("ocr_crops", func() Step { return &ocrCrops{} })
	register("ocr_line", func() Step { return &ocrLine{} })
	register("ocr_text", func() Step { return &ocrText{} })
	register("ocr_texts", func() Step { return &ocrTexts{} })
	register("ocr_angle", func() Step { return &ocrAngle{} })
	register("ocr_upright", func() Step { return &ocrUpright{} })
	register("ocr_lines", func() Step { return &ocrLines{} })
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

// ocrAngle makes an angle classifier's input of a crop: [1 3 48 192].
type ocrAngle struct{}

func (*ocrAngle) Apply(_ context.Context, in []any) (any, error) {
	crop, err := one[sampan.Tensor](in, "a crop")
	if err != nil {
		return nil, err
	}
	return ocr.Angle{}.Preprocess(crop)
}

// ocrUpright turns a crop that stands on its head. It takes the crop and what the angle
// classifier says of it.
type ocrUpright struct {
	ocr.Angle `yaml:",inline"`
}

func (s *ocrUpright) Apply(_ context.Context, in []any) (any, error) {
	crop, probabilities, err := two[sampan.Tensor, sampan.Tensor](in, "a crop", "the classifier's probabilities")
	if err != nil {
		return nil, err
	}
	crops, _, err := s.Turn([]sampan.Tensor{crop}, probabilities)
	if err != nil {
		return nil, err
	}
	return crops[0], nil
}

// ocrText reads a recogniser's answer: a text and its score.
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
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d texts, want one; ocr_texts reads several", len(texts))
	}
	return texts[0], nil
}

// ocrTexts reads a recogniser's answer to several lines: texts and their scores.
type ocrTexts struct{ ocrText }

// Settings are those of one line.
func (s *ocrTexts) Settings() any { return &s.ocrText }

func (s *ocrTexts) Apply(_ context.Context, in []any) (any, error) {
	probabilities, err := one[sampan.Tensor](in, "the recogniser's probabilities")
	if err != nil {
		return nil, err
	}
	texts, err := s.ctc.Decode(probabilities)
	if err != nil {
		return nil, err
	}
	list := make(List, len(texts))
	for i := range texts {
		list[i] = texts[i]
	}
	return list, nil
}

// line is what was read, and where.
type line struct {
	Text  string  `json:"text"`
	Score float64 `json:"score"`
	Box   ocr.Box `json:"box"`
}

// ocrLines puts texts and their boxes together, in the order of the boxes.
type ocrLines struct {
	// MinScore is the score that a text must have.
	MinScore float64 `yaml:"min_score"`
}

// Whole implements [Whole].
func (*ocrLines) Whole() {}

func (s *ocrLines) Apply(_ context.Context, in []any) (any, error) {
	boxes, texts, err := two[[]ocr.Box, List](in, "boxes", "their texts")
	if err != nil {
		return nil, err
	}
	if len(boxes) != len(texts) {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d boxes and %d texts", len(boxes), len(texts))
	}
	lines := make([]line, 0, len(boxes))
	for i, v := range texts {
		text, err := as[ocr.Text](v, "a text with its score")
		if err != nil {
			return nil, err
		}
		if text.Score >= s.MinScore {
			lines = append(lines, line{text.Text, text.Score, boxes[i]})
		}
	}
	return lines, nil
}
