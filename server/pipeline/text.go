package pipeline

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/numpytext"
	"github.com/sampanml/sampan/ops/steps"
)

// Rows reads numbers as Paddle Serving's examples send them: "0.1, 0.2; 0.3, 0.4" is a
// float32 array of shape [2 2].
func Rows(text string) (sampan.Tensor, error) { return steps.Rows(text) }

// Str is an array's text as Python's str gives it, [[18.901152]]: above a thousand
// elements only the first and the last of each dimension. An array that has no such text
// is an error.
func Str(t sampan.Tensor) (string, error) {
	text, err := numpytext.AppendStr(nil, t)
	return string(text), err
}
