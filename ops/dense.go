package ops

import (
	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/dense"
)

// Dense returns a gorgonia tensor that shares t's memory and has its shape; the LoD is
// not carried over. What t is lent for the Dense is lent for: a tensor that came in a
// [Frame] is read-only, so clone the Dense before a call that works in place.
//
// bool, the integers of 8 to 64 bits, float32, float64, complex64 and complex128 have a
// gorgonia type; float16, bfloat16, strings and the rest are Unimplemented. A tensor
// without elements, or one that contradicts itself, is InvalidArgument. It does not
// panic, but gorgonia's own calls do where shapes or types do not match.
func Dense(t sampan.Tensor) (*tensor.Dense, error) { return dense.From(t) }

// FromDense returns a tensor with d's shape and elements. It shares d's memory where
// that is row-major without gaps; of a transposed or column-major Dense, or a slice with
// gaps, it makes a row-major copy. d must not change while the tensor is in use.
//
// A Dense that is nil or masked is InvalidArgument; one of strings is Unimplemented.
func FromDense(d *tensor.Dense) (sampan.Tensor, error) { return dense.To(d) }
