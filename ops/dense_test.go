package ops_test

import (
	"fmt"
	"testing"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

func TestDenseRefuses(t *testing.T) {
	half, _ := sampan.Of(sampan.Shape{1}, []sampan.F16{0x3c00})
	if _, err := ops.Dense(half); sampan.CodeOf(err) != sampan.Unimplemented {
		t.Errorf("float16: %v, want Unimplemented", err)
	}
	if _, err := ops.FromDense(nil); sampan.CodeOf(err) != sampan.InvalidArgument {
		t.Errorf("nil: %v, want InvalidArgument", err)
	}
}

// An op of one's own scales its input by way of gorgonia.
func ExampleDense() {
	in, _ := sampan.Of(sampan.Shape{2, 2}, []float32{1, 2, 3, 4})
	d, err := ops.Dense(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	scaled, err := tensor.Mul(d, float32(10))
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := ops.FromDense(scaled.(*tensor.Dense))
	if err != nil {
		fmt.Println(err)
		return
	}
	values, _ := sampan.View[float32](out)
	fmt.Println(out.DType, out.Shape, values)
	// Output: float32 [2 2] [10 20 30 40]
}
