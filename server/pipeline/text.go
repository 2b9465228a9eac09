package pipeline

import (
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/numpytext"
)

// Rows reads numbers as Paddle Serving's examples send them: "0.1, 0.2; 0.3, 0.4" is a
// float32 array of shape [2 2].
func Rows(text string) (sampan.Tensor, error) {
	lines := strings.Split(strings.TrimSpace(text), ";")
	var numbers []float32
	columns := -1
	for i, line := range lines {
		words := strings.Split(line, ",")
		if columns >= 0 && len(words) != columns {
			return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "row %d has %d numbers, the first has %d", i, len(words), columns)
		}
		columns = len(words)
		for _, word := range words {
			word = strings.TrimSpace(word)
			number, err := strconv.ParseFloat(word, 32)
			if err != nil && number == 0 {
				return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "could not convert string to float: %.100s", word)
			}
			numbers = append(numbers, float32(number))
		}
	}
	return sampan.Of(sampan.Shape{int64(len(lines)), int64(columns)}, numbers)
}

// Str is an array's text as Python's str gives it, [[18.901152]]: above a thousand
// elements only the first and the last of each dimension. An array that has no such text
// is an error.
func Str(t sampan.Tensor) (string, error) {
	text, err := numpytext.AppendStr(nil, t)
	return string(text), err
}
