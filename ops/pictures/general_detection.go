package pictures

import (
	"context"
	"errors"
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/ops/ocr"
	"github.com/sampanml/sampan/ops/vision"
)

// GeneralDetection is the type of the op that finds lines of text in a picture and gives
// them to the recogniser behind it.
//
// It takes "image", the picture in base64, and runs a detector whose only output is a
// map of probabilities. It gives "x", float32 of shape [n 3 H W]: the n lines in reading
// order, as high as the graph's last model takes them, or 32. A picture without text is
// NotFound.
const GeneralDetection = "GeneralDetectionOp"

func init() { ops.Register(GeneralDetection, newDetection) }

// detection finds with the settings of the original: maps are dilated, and boxes need a
// mean probability of 0.5.
type detection struct {
	model     ops.Model
	lines     ocr.Recognition
	signature engine.Signature
}

var (
	detector = ocr.Detection{}
	regions  = ocr.DBPostProcess{BoxThreshold: 0.5, Dilate: true}
	filter   = ocr.FilterBoxes{Width: 3, Height: 3}
	order    = ocr.SortedBoxes{Thorough: true}
	cropper  = ocr.GetRotateCropImage{Cubic: true}
)

func newDetection(c ops.Config) (ops.Op, error) {
	if c.Model == nil {
		return nil, errors.New("a " + GeneralDetection + " needs a text detector, and there is no model for it")
	}
	s := c.Model.Signature()
	if len(s.Inputs) != 1 || len(s.Outputs) != 1 || s.Inputs[0].DType != sampan.Float32 || s.Outputs[0].DType != sampan.Float32 {
		return nil, fmt.Errorf("a %s runs a model from one float32 picture to one float32 map; this one takes %s and gives %s",
			GeneralDetection, engine.Aliases(s.Inputs), engine.Aliases(s.Outputs))
	}
	d := &detection{model: c.Model, lines: ocr.Recognition{Height: height(c.Last)}}
	d.signature = engine.Signature{
		Inputs:  []engine.Field{{Name: "image", Alias: "image", DType: sampan.String, Shape: sampan.Shape{1}}},
		Outputs: []engine.Field{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 3, int64(d.lines.Height), -1}}},
	}
	return d, nil
}

// height is that of the lines that a recogniser takes.
func height(recogniser ops.Model) int {
	const usual = 32
	if recogniser == nil || len(recogniser.Signature().Inputs) != 1 {
		return usual
	}
	shape := recogniser.Signature().Inputs[0].Shape
	if len(shape) != 4 || shape[2] < 1 {
		return usual
	}
	return int(shape[2])
}

// Signature implements [ops.Signed].
func (d *detection) Signature() *engine.Signature { return &d.signature }

// Run implements [ops.Op].
func (d *detection) Run(ctx context.Context, f *ops.Frame) error {
	image, err := f.Inputs[0].Tensor("image")
	if err != nil {
		return err
	}
	picture, err := decode(image)
	if err != nil {
		return sampan.Errorf(sampan.InvalidArgument, "input \"image\": %w", err)
	}
	x, ratio, err := detector.Preprocess(picture)
	if err != nil {
		return err
	}
	maps, err := d.model.Run(ctx, []sampan.Tensor{x})
	if err != nil {
		return err
	}
	found, err := regions.Boxes(maps[0], []ocr.Ratio{ratio})
	if err != nil {
		return err
	}
	boxes := order.Sort(filter.Filter(found[0], int(picture.Shape[0]), int(picture.Shape[1])))
	if len(boxes) == 0 {
		return sampan.Errorf(sampan.NotFound, "input \"image\": there is no text in the picture")
	}
	crops := make([]sampan.Tensor, len(boxes))
	for i, box := range boxes {
		if crops[i], err = cropper.Crop(picture, box); err != nil {
			return err
		}
	}
	lines, err := d.lines.Lines(crops...)
	if err != nil {
		return err
	}
	f.Output.Tensors = []sampan.Named{{Name: "x", Tensor: lines}}
	return nil
}

// decode reads the picture of a request: base64, or a file's bytes.
func decode(image sampan.Tensor) (sampan.Tensor, error) {
	if image.DType == sampan.Uint8 {
		return vision.Decoder{}.Bytes(image.Data)
	}
	texts, err := image.Strings()
	if err != nil {
		return sampan.Tensor{}, err
	}
	if len(texts) != 1 {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "got %d texts, want one picture in base64", len(texts))
	}
	return vision.Decoder{}.Base64(texts[0])
}
