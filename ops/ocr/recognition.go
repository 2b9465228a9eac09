package ocr

import (
	"cmp"
	"slices"

	"github.com/sampanml/sampan"
)

// Recognition makes the arrays of PP-OCRv3's and PP-OCRv4's text recognisers; [CTC]
// reads what they answer.
type Recognition struct {
	// Height of a line in pixels; 0 means 48.
	Height int `yaml:"height"`
	// Width is the least width of a batch; 0 means 320.
	Width int `yaml:"width"`
	// BatchSize is how many lines go into one array; 0 means 6.
	BatchSize int `yaml:"batch_size"`
}

// Batch is lines of similar width in one array.
type Batch struct {
	// Lines is float32 of shape [N 3 H W].
	Lines sampan.Tensor
	// Crops has the number of each line's crop, in the order that they were given.
	Crops []int
}

// Validate checks the fields.
func (r Recognition) Validate() error {
	switch {
	case r.Height < 0 || r.Height > 1024:
		return sampan.Errorf(sampan.InvalidArgument, "height is %d, want 0 to 1024", r.Height)
	case r.Width < 0 || r.Width > maxLineWidth:
		return sampan.Errorf(sampan.InvalidArgument, "width is %d, want 0 to %d", r.Width, maxLineWidth)
	case r.BatchSize < 0:
		return sampan.Errorf(sampan.InvalidArgument, "batch_size is %d, want at least 0", r.BatchSize)
	}
	return nil
}

func (r Recognition) withDefaults() Recognition {
	return Recognition{cmp.Or(r.Height, 48), cmp.Or(r.Width, 320), cmp.Or(r.BatchSize, 6)}
}

// Lines makes one array of all crops, uint8 of shape [h w 3], in their order, as wide as
// the widest line.
func (r Recognition) Lines(crops ...sampan.Tensor) (sampan.Tensor, error) {
	if err := r.Validate(); err != nil {
		return sampan.Tensor{}, err
	}
	r = r.withDefaults()
	widest := float64(r.Width) / float64(r.Height)
	for _, c := range crops {
		picture, err := rasterOf(c)
		if err != nil {
			return sampan.Tensor{}, err
		}
		widest = max(widest, picture.ratio())
	}
	return lines(crops, r.Height, lineWidth(float64(r.Height)*widest))
}

// Batches makes arrays of crops, uint8 of shape [h w 3], the narrowest first, each as
// wide as its widest line.
func (r Recognition) Batches(crops []sampan.Tensor) ([]Batch, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	r = r.withDefaults()
	ratios, order := make([]float64, len(crops)), make([]int, len(crops))
	for i, c := range crops {
		picture, err := rasterOf(c)
		if err != nil {
			return nil, err
		}
		ratios[i], order[i] = picture.ratio(), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ratios[a], ratios[b]) })
	var out []Batch
	for numbers := range slices.Chunk(order, r.BatchSize) {
		batch := make([]sampan.Tensor, len(numbers))
		for i, n := range numbers {
			batch[i] = crops[n]
		}
		widest := ratios[numbers[len(numbers)-1]]
		width := lineWidth(float64(r.Height) * max(widest, float64(r.Width)/float64(r.Height)))
		array, err := lines(batch, r.Height, width)
		if err != nil {
			return nil, err
		}
		out = append(out, Batch{array, numbers})
	}
	return out, nil
}
