package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/numpytext"
)

func init() {
	register("rows", func() Step { return &rows{} })
	register("array", func() Step { return &array{} })
	register("str", func() Step { return &str{} })
	register("repr", func() Step { return &repr{} })
	register("reshape", func() Step { return &reshape{} })
	register("mean", func() Step { return &mean{} })
	register("top", func() Step { return &top{K: 1} })
	register("join", func() Step { return &join{Separator: ", "} })
	register("json", func() Step { return &toJSON{} })
}

// rows reads numbers as Paddle Serving's examples send them: "0.1, 0.2; 0.3, 0.4" is a
// float32 array of shape [2 2]. An array passes as it is.
type rows struct{}

func (*rows) Apply(_ context.Context, in []any) (any, error) {
	if len(in) == 1 {
		if t, ok := in[0].(sampan.Tensor); ok {
			return t, nil
		}
	}
	text, err := one[string](in, "a text of numbers")
	if err != nil {
		return nil, err
	}
	return Rows(text)
}

// Rows reads numbers with commas between them, and semicolons between rows, into a float32
// array of two dimensions.
func Rows(text string) (sampan.Tensor, error) {
	numbers := make([]float32, 0, 1+strings.Count(text, ",")+strings.Count(text, ";"))
	rows, columns := 0, 0
	for rest, more := strings.TrimSpace(text), true; more; rows++ {
		var line string
		line, rest, more = strings.Cut(rest, ";")
		before := len(numbers)
		for others := true; others; {
			var word string
			word, line, others = strings.Cut(line, ",")
			word = strings.TrimSpace(word)
			number, err := strconv.ParseFloat(word, 32)
			if err != nil && number == 0 {
				return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "could not convert string to float: %.100s", word)
			}
			numbers = append(numbers, float32(number))
		}
		if n := len(numbers) - before; rows == 0 {
			columns = n
		} else if n != columns {
			return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "row %d has %d numbers, the first has %d", rows, n, columns)
		}
	}
	return sampan.Of(sampan.Shape{int64(rows), int64(columns)}, numbers)
}

// array reads an array as numpy prints it: array([[1, 2]], dtype=float32).
type array struct{}

func (*array) Apply(_ context.Context, in []any) (any, error) {
	if len(in) == 1 {
		if t, ok := in[0].(sampan.Tensor); ok {
			return t, nil
		}
	}
	text, err := one[string](in, "a text")
	if err != nil {
		return nil, err
	}
	return numpytext.Parse([]byte(text))
}

// str is an array's text as Python's str gives it.
type str struct{}

func (*str) Apply(_ context.Context, in []any) (any, error) {
	t, err := one[sampan.Tensor](in, "an array")
	if err != nil {
		return nil, err
	}
	text, err := numpytext.AppendStr(nil, t)
	return string(text), err
}

// repr is an array's text as Python's repr gives it, whole.
type repr struct{}

func (*repr) Apply(_ context.Context, in []any) (any, error) {
	t, err := one[sampan.Tensor](in, "an array")
	if err != nil {
		return nil, err
	}
	text, err := numpytext.AppendRepr(nil, t)
	return string(text), err
}

// reshape gives an array another shape; one size may be -1.
type reshape struct {
	Shape []int64 `yaml:"shape"`
}

// Validate refuses shapes that no array has.
func (r *reshape) Validate() error {
	open := 0
	for _, d := range r.Shape {
		if d < -1 {
			return fmt.Errorf("shape %v: want sizes of 0 or more, and -1 once at most", r.Shape)
		}
		if d == -1 {
			open++
		}
	}
	if open > 1 {
		return fmt.Errorf("shape %v has -1 more than once", r.Shape)
	}
	return nil
}

func (r *reshape) Apply(_ context.Context, in []any) (any, error) {
	t, err := one[sampan.Tensor](in, "an array")
	if err != nil {
		return nil, err
	}
	n, _ := t.Shape.Elements()
	shape, known, open := append(sampan.Shape{}, r.Shape...), int64(1), -1
	for i, d := range shape {
		if d == -1 {
			open = i
			continue
		}
		known *= d
	}
	if open >= 0 && known > 0 {
		shape[open] = n / known
	}
	if got, ok := shape.Elements(); !ok || got != n {
		return nil, sampan.Errorf(sampan.InvalidArgument, "an array with shape %v does not take shape %v", t.Shape, r.Shape)
	}
	t.Shape, t.LoD = shape, nil
	return t, nil
}

// mean is the mean of float32 arrays of one shape, as ensembles combine their models.
type mean struct{}

func (*mean) Apply(_ context.Context, in []any) (any, error) {
	if len(in) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "no values, want arrays")
	}
	var shape sampan.Shape
	var sum []float32
	for i, v := range in {
		t, err := as[sampan.Tensor](v, "an array")
		if err != nil {
			return nil, err
		}
		values, err := sampan.View[float32](t)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			shape, sum = t.Shape, make([]float32, len(values))
		}
		if fmt.Sprint(t.Shape) != fmt.Sprint(shape) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "arrays of shapes %v and %v have no mean", shape, t.Shape)
		}
		for j, x := range values {
			sum[j] += x
		}
	}
	for j := range sum {
		sum[j] /= float32(len(in))
	}
	return sampan.Of(shape, sum)
}

// top names the largest scores of each row of a float32 array, with their labels: a line of
// "label: score" for each, largest first, or the label alone.
type top struct {
	// K is how many.
	K int `yaml:"k"`
	// Labels is a file with a label a line; without it the labels are numbers.
	Labels string `yaml:"labels"`
	// LabelsOnly leaves the scores out.
	LabelsOnly bool `yaml:"labels_only"`

	names []string
}

// Validate refuses what names nothing.
func (s *top) Validate() error {
	if s.K < 1 {
		return fmt.Errorf("k: got %d, want 1 or more", s.K)
	}
	return nil
}

// Open reads the labels.
func (s *top) Open(path func(string) string) (err error) {
	if s.Labels != "" {
		s.names, err = readLines(path(s.Labels))
	}
	return err
}

func (s *top) Apply(_ context.Context, in []any) (any, error) {
	t, err := one[sampan.Tensor](in, "an array of scores")
	if err != nil {
		return nil, err
	}
	scores, err := sampan.View[float32](t)
	if err != nil {
		return nil, err
	}
	if len(t.Shape) == 0 || len(scores) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "got %s, want rows of scores", Kind(t))
	}
	columns := int(t.Shape[len(t.Shape)-1])
	var lines []string
	for at := 0; at < len(scores); at += columns {
		for _, i := range largest(scores[at:at+columns], s.K) {
			line := s.label(i)
			if !s.LabelsOnly {
				line += fmt.Sprintf(": %v", scores[at+i])
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n"), nil
}

func (s *top) label(i int) string {
	if i < len(s.names) {
		return s.names[i]
	}
	return strconv.Itoa(i)
}

// largest are the positions of the k largest values, NaN last, equals in order.
func largest(values []float32, k int) []int {
	var best []int
	for i, v := range values {
		at := len(best)
		for at > 0 && above(v, values[best[at-1]]) {
			at--
		}
		if at < k {
			best = append(best, 0)
			copy(best[at+1:], best[at:])
			best[at] = i
			best = best[:min(k, len(best))]
		}
	}
	return best
}

func above(a, b float32) bool {
	return a > b || math.IsNaN(float64(b)) && !math.IsNaN(float64(a))
}

// join makes one text of a list of texts.
type join struct {
	Separator string `yaml:"separator"`
}

// Whole implements [Whole].
func (*join) Whole() {}

func (s *join) Apply(_ context.Context, in []any) (any, error) {
	if len(in) == 1 {
		if text, ok := in[0].(string); ok {
			return text, nil
		}
	}
	list, err := one[List](in, "a list of texts")
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i, v := range list {
		if texts[i], err = as[string](v, "a text"); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return strings.Join(texts, s.Separator), nil
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
