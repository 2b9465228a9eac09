package detection

import (
	"encoding/json"
	"math"

	"github.com/sampanml/sampan"
)

// Result is an object as bbox.json has it, in COCO's format.
type Result struct {
	CategoryID int `json:"category_id"`
	// BBox is the top left corner, width and height, in pixels.
	BBox  [4]float64 `json:"bbox"`
	Score float64    `json:"score"`
}

// RCNNPostprocess reads the rows of detectors whose boxes are in pixels.
type RCNNPostprocess struct {
	// Labels name the classes of [RCNNPostprocess.Marks].
	Labels Labels `yaml:"labels"`
	// ResizeShape is the width and height of the picture that the model saw, where that
	// is not the one that is drawn on; empty for the same.
	ResizeShape []int `yaml:"resize_shape"`
}

// drawnScore is the score from which a result is drawn.
const drawnScore = 0.5

// Results reads rows, float32 of shape [N 6]: class, score, x1, y1, x2, y2, or of shape
// [1 1] for nothing found. Width and height count both edges. Classes that are negative
// or no numbers, and NaN, are left out.
func (r RCNNPostprocess) Results(rows sampan.Tensor) ([]Result, error) {
	return results(rows, func(x1, y1, x2, y2 float64) [4]float64 {
		return [4]float64{x1, y1, x2 - x1 + 1, y2 - y1 + 1}
	})
}

// BlazeFacePostprocess reads the rows of face detectors whose boxes are parts of the
// picture, from 0 to 1.
type BlazeFacePostprocess struct{ RCNNPostprocess }

// Results reads rows as [RCNNPostprocess.Results], of a picture of height × width
// pixels.
func (b BlazeFacePostprocess) Results(rows sampan.Tensor, height, width int) ([]Result, error) {
	return results(rows, func(x1, y1, x2, y2 float64) [4]float64 {
		x1, y1, x2, y2 = part(x1), part(y1), part(x2), part(y2)
		w, h := float64(width), float64(height)
		return [4]float64{x1 * w, y1 * h, (x2 - x1) * w, (y2 - y1) * h}
	})
}

func part(v float64) float64 { return max(0, min(v, 1)) }

func results(rows sampan.Tensor, box func(x1, y1, x2, y2 float64) [4]float64) ([]Result, error) {
	values, n, err := rowsOf(rows)
	if err != nil {
		return nil, err
	}
	out := []Result{}
	for range n {
		row := values[:rowSize]
		values = values[rowSize:]
		b, ok := Boxes{Threshold: float32(math.Inf(-1))}.box(row)
		if !ok {
			continue
		}
		out = append(out, Result{b.Class, box(float64(b.X1), float64(b.Y1), float64(b.X2), float64(b.Y2)), float64(b.Score)})
	}
	return out, nil
}

// JSON is the text of bbox.json. Infinite numbers cannot be written and are
// InvalidArgument.
func JSON(results []Result) ([]byte, error) {
	out, err := json.MarshalIndent(results, "", "    ")
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "write results: %w", err)
	}
	return out, nil
}

// Marks are what is drawn for results with a score of at least 0.5, on a picture of
// height × width pixels.
func (r RCNNPostprocess) Marks(results []Result, height, width int) ([]Mark, error) {
	across, down := 1.0, 1.0
	if s := r.ResizeShape; len(s) > 0 {
		if len(s) != 2 || s[0] < 1 || s[1] < 1 {
			return nil, sampan.Errorf(sampan.InvalidArgument, "resize_shape is %v, want a width and a height", s)
		}
		across, down = float64(width)/float64(s[0]), float64(height)/float64(s[1])
	}
	var out []Mark
	for _, result := range results {
		if result.Score < drawnScore {
			continue
		}
		b := result.BBox
		box := Box{
			Class: result.CategoryID, Label: r.Labels.Name(result.CategoryID), Score: float32(result.Score),
			X1: float32(b[0] * across), Y1: float32(b[1] * down),
			X2: float32((b[0] + b[2]) * across), Y2: float32((b[1] + b[3]) * down),
		}
		out = append(out, box.Mark())
	}
	return out, nil
}
