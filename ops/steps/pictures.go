package steps

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/detection"
	"github.com/sampanml/sampan/ops/vision"
)

func init() {
	register("image", func() Step { return &decoded{} })
	for name, make := range map[string]func() vision.Transform{
		"resize":              func() vision.Transform { return &vision.Resize{} },
		"resize_by_factor":    func() vision.Transform { return &vision.ResizeByFactor{} },
		"center_crop":         func() vision.Transform { return &vision.CenterCrop{} },
		"bgr2rgb":             func() vision.Transform { return &vision.BGR2RGB{} },
		"rgb2bgr":             func() vision.Transform { return &vision.BGR2RGB{} },
		"div":                 func() vision.Transform { return &vision.Div{By: 255} },
		"normalize":           func() vision.Transform { return &vision.Normalize{} },
		"transpose":           func() vision.Transform { return &vision.Transpose{} },
		"pad_stride":          func() vision.Transform { return &vision.PadStride{} },
		"detection_resize":    func() vision.Transform { return &vision.DetectionResize{} },
		"detection_normalize": func() vision.Transform { return &vision.DetectionNormalize{} },
		"image_reader":        func() vision.Transform { return &vision.ImageReader{} },
	} {
		register(name, func() Step { return &transform{make()} })
	}
	register("batch", func() Step { return &batch{} })
	register("boxes", func() Step { return &boxes{Threshold: 0.5} })
	register("image_shape", func() Step { return &imageShape{} })
	register("scale_factor", func() Step { return &scaleFactor{} })
}

// decoded reads a picture from what a client sends: base64, or a file's bytes in an array
// of uint8. A JSON list of base64 texts, and a list of values, is a list of pictures, which
// are bounded in pixels together.
type decoded struct {
	vision.Decoder `yaml:",inline"`
}

// Whole implements [Whole].
func (*decoded) Whole() {}

func (s *decoded) Apply(_ context.Context, in []any) (any, error) {
	sent, err := one[any](in, "a picture")
	if err != nil {
		return nil, err
	}
	if text, ok := sent.(string); ok && strings.HasPrefix(text, "[") {
		var texts []string
		if err := json.Unmarshal([]byte(text), &texts); err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "the list of pictures is not a JSON list of texts: %w", err)
		}
		list := make(List, len(texts))
		for i, t := range texts {
			list[i] = t
		}
		sent = list
	}
	list, ok := sent.(List)
	if !ok {
		return decode(s.Decoder, sent)
	}
	if len(list) > maxPictures {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d pictures, want %d at most", len(list), maxPictures)
	}
	pictures, left := make(List, len(list)), cmp.Or(s.MaxPixels, vision.MaxPixels)
	for i, v := range list {
		if left < 1 {
			return nil, sampan.Errorf(sampan.InvalidArgument, "picture %d: those before it have %d pixels, the most for all", i, cmp.Or(s.MaxPixels, vision.MaxPixels))
		}
		picture, err := decode(vision.Decoder{MaxPixels: left}, v)
		if err != nil {
			return nil, fmt.Errorf("picture %d: %w", i, err)
		}
		pictures[i] = picture
		left -= int(picture.Shape[0] * picture.Shape[1])
	}
	return pictures, nil
}

// maxPictures bounds the pictures of one call.
const maxPictures = 256

func decode(d vision.Decoder, sent any) (sampan.Tensor, error) {
	if t, ok := sent.(sampan.Tensor); ok && t.DType == sampan.Uint8 {
		return d.Bytes(t.Data)
	}
	text, err := as[string](sent, "a picture in base64")
	if err != nil {
		return sampan.Tensor{}, err
	}
	return d.Base64(text)
}

// transform is one of ops/vision.
type transform struct{ vision.Transform }

// Settings are the transform's own.
func (s *transform) Settings() any { return s.Transform }

func (s *transform) Apply(_ context.Context, in []any) (any, error) {
	t, err := one[sampan.Tensor](in, "a picture")
	if err != nil {
		return nil, err
	}
	return s.Transform.Apply(t)
}

// batch puts the batch axis in front of an array: [C H W] becomes [1 C H W].
type batch struct{}

func (*batch) Apply(_ context.Context, in []any) (any, error) {
	t, err := one[sampan.Tensor](in, "an array")
	if err != nil {
		return nil, err
	}
	t.Shape = append(sampan.Shape{1}, t.Shape...)
	return t, nil
}

// sides are a picture's height and width.
func sides(v any) ([2]float32, error) {
	t, err := as[sampan.Tensor](v, "a picture")
	if err != nil {
		return [2]float32{}, err
	}
	if len(t.Shape) != 3 || t.Shape[0] < 1 || t.Shape[1] < 1 {
		return [2]float32{}, sampan.Errorf(sampan.InvalidArgument, "got shape %v, want a picture of [H W 3]", t.Shape)
	}
	return [2]float32{float32(t.Shape[0]), float32(t.Shape[1])}, nil
}

// imageShape is a picture's height and width, float32 of shape [1 2].
type imageShape struct{}

func (*imageShape) Apply(_ context.Context, in []any) (any, error) {
	picture, err := one[any](in, "a picture")
	if err != nil {
		return nil, err
	}
	s, err := sides(picture)
	if err != nil {
		return nil, err
	}
	return sampan.Of(sampan.Shape{1, 2}, s[:])
}

// scaleFactor is how much larger a second picture is than a first, float32 of shape [1 2]:
// height, width.
type scaleFactor struct{}

func (*scaleFactor) Apply(_ context.Context, in []any) (any, error) {
	first, second, err := two[any, any](in, "a picture", "what was made of it")
	if err != nil {
		return nil, err
	}
	from, err := sides(first)
	if err != nil {
		return nil, err
	}
	to, err := sides(second)
	if err != nil {
		return nil, err
	}
	return sampan.Of(sampan.Shape{1, 2}, []float32{to[0] / from[0], to[1] / from[1]})
}

// boxes are the objects that a detector found. It takes the rows and, if the model gives
// it, how many there are, and if the caller gives one, the threshold as a text.
type boxes struct {
	// Labels is a file with a label a line.
	Labels string `yaml:"labels"`
	// Threshold is the score that a box must have.
	Threshold float32 `yaml:"threshold"`

	labels detection.Labels
}

// Open reads the labels.
func (s *boxes) Open(path func(string) string) (err error) {
	if s.Labels != "" {
		s.labels, err = detection.LoadLabels(path(s.Labels))
	}
	return err
}

func (s *boxes) Apply(_ context.Context, in []any) (any, error) {
	if len(in) < 1 || len(in) > 3 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d values, want the rows, their number and the threshold", len(in))
	}
	rows, err := as[sampan.Tensor](in[0], "rows of boxes")
	if err != nil {
		return nil, err
	}
	counts, err := sampan.Of(sampan.Shape{1}, []int64{rows.Rows()})
	if err != nil {
		return nil, err
	}
	if len(in) > 1 && in[1] != nil {
		if counts, err = as[sampan.Tensor](in[1], "the number of rows"); err != nil {
			return nil, err
		}
	}
	threshold := s.Threshold
	if len(in) > 2 && in[2] != nil {
		if threshold, err = score(in[2]); err != nil {
			return nil, err
		}
	}
	found, err := detection.Boxes{Labels: s.labels, Threshold: threshold}.Decode(rows, counts)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "boxes of %d pictures, want those of one", len(found))
	}
	// Not nil, which JSON has no list for.
	return append([]detection.Box{}, found[0]...), nil
}

// score reads a caller's threshold.
func score(v any) (float32, error) {
	text, err := as[string](v, "a threshold from 0 to 1")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 32)
	if err != nil || !(n >= 0 && n <= 1) {
		return 0, sampan.Errorf(sampan.InvalidArgument, "threshold: got %.40q, want a number from 0 to 1", text)
	}
	return float32(n), nil
}
