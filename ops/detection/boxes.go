package detection

import (
	"cmp"
	"math"
	"slices"

	"github.com/sampanml/sampan"
)

// Box is an object in a picture.
type Box struct {
	Class int     `json:"class"`
	Label string  `json:"label"`
	Score float32 `json:"score"`
	// The corners at the top left and at the bottom right, in pixels.
	X1 float32 `json:"x1"`
	Y1 float32 `json:"y1"`
	X2 float32 `json:"x2"`
	Y2 float32 `json:"y2"`
}

// Boxes reads the rows that PaddleDetection's models with their own suppression of
// overlaps compute, such as PicoDet's and YOLO's.
type Boxes struct {
	// Labels name the classes; without them labels are the classes' numbers.
	Labels Labels `yaml:"labels"`
	// Threshold is the score that a box must have.
	Threshold float32 `yaml:"threshold"`
}

// rowSize is class, score, and two corners.
const rowSize = 6

// Decode gives the boxes of each picture of a batch, in the model's order. Rows are
// float32 of shape [N 6]: class, score, x1, y1, x2, y2. Counts, int32 or int64 of shape
// [B], says how many of them belong to each picture. Rows with a negative class, which
// fill up for nothing found, and rows with NaN are left out.
func (b Boxes) Decode(rows, counts sampan.Tensor) ([][]Box, error) {
	values, n, err := rowsOf(rows)
	if err != nil {
		return nil, err
	}
	perPicture, err := integers(counts)
	if err != nil {
		return nil, err
	}
	out := make([][]Box, len(perPicture))
	for i, count := range perPicture {
		if count < 0 || count > int64(n) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "picture %d has %d boxes of %d left", i, count, n)
		}
		for range count {
			if box, ok := b.box(values); ok {
				out[i] = append(out[i], box)
			}
			values = values[rowSize:]
		}
		n -= int(count)
	}
	if n > 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d boxes are of no picture", n)
	}
	return out, nil
}

func (b Boxes) box(row []float32) (Box, bool) {
	class, known := classOf(row[0])
	if !known || !(row[1] >= b.Threshold) {
		return Box{}, false
	}
	for _, v := range row[2:rowSize] {
		if v != v {
			return Box{}, false
		}
	}
	return Box{class, b.Labels.Name(class), row[1], row[2], row[3], row[4], row[5]}, true
}

// classOf gives a class that a model computed as a float.
func classOf(v float32) (int, bool) {
	if !(v >= 0 && v <= math.MaxInt32) {
		return 0, false
	}
	return int(v), true
}

// rowsOf checks a detector's rows and counts them. A single number is what old models
// compute for nothing found.
func rowsOf(rows sampan.Tensor) ([]float32, int, error) {
	values, err := sampan.View[float32](rows)
	if err != nil {
		return nil, 0, err
	}
	s := rows.Shape
	if len(s) == 2 && s[0] == 1 && s[1] == 1 {
		return nil, 0, nil
	}
	if len(s) != 2 || s[1] != rowSize {
		return nil, 0, sampan.Errorf(sampan.InvalidArgument, "boxes have shape %v, want [N 6]", s)
	}
	return values, int(s[0]), nil
}

// integers reads a list of int32 or int64.
func integers(t sampan.Tensor) ([]int64, error) {
	if len(t.Shape) != 1 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "numbers of boxes have shape %v, want [B]", t.Shape)
	}
	if t.DType != sampan.Int32 {
		return sampan.View[int64](t)
	}
	values, err := sampan.View[int32](t)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(values))
	for i, v := range values {
		out[i] = int64(v)
	}
	return out, nil
}

// Best gives the n boxes with the highest scores, the best first; GeneralPicodetOp
// takes 5.
func Best(boxes []Box, n int) []Box {
	out := slices.Clone(boxes)
	slices.SortStableFunc(out, func(a, b Box) int { return cmp.Compare(b.Score, a.Score) })
	return out[:max(0, min(n, len(out)))]
}

// Crop copies the pixels of a box out of a picture: from the whole part of the top left
// corner to before that of the bottom right. A box that has no pixel of the picture is
// InvalidArgument.
func (b Box) Crop(picture sampan.Tensor) (sampan.Tensor, error) {
	pixels, height, width, err := pixelsOf(picture)
	if err != nil {
		return sampan.Tensor{}, err
	}
	left, right := whole(b.X1, width), whole(b.X2, width)
	top, bottom := whole(b.Y1, height), whole(b.Y2, height)
	if left >= right || top >= bottom {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument,
			"box from (%v, %v) to (%v, %v) has no pixel of a picture of %d × %d", b.X1, b.Y1, b.X2, b.Y2, width, height)
	}
	out := make([]uint8, 0, 3*(right-left)*(bottom-top))
	for y := top; y < bottom; y++ {
		out = append(out, pixels[3*(y*width+left):3*(y*width+right)]...)
	}
	return sampan.Of(sampan.Shape{int64(bottom - top), int64(right - left), 3}, out)
}

// whole cuts v off to a whole number from 0 to top.
func whole(v float32, top int) int {
	if v != v {
		return 0
	}
	return int(max(0, min(v, float32(top))))
}

// pixelsOf checks a picture.
func pixelsOf(picture sampan.Tensor) (pixels []uint8, height, width int, err error) {
	if pixels, err = sampan.View[uint8](picture); err != nil {
		return nil, 0, 0, err
	}
	s := picture.Shape
	if len(s) != 3 || s[2] != 3 || s[0] < 1 || s[1] < 1 {
		return nil, 0, 0, sampan.Errorf(sampan.InvalidArgument, "picture has shape %v, want [H W 3] with at least one pixel", s)
	}
	return pixels, int(s[0]), int(s[1]), nil
}
