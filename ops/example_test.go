package ops_test

import (
	"context"
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

func init() {
	ops.Register("DoubleOp", func(ops.Config) (ops.Op, error) { return doubleOp{}, nil })
}

// doubleOp gives its predecessor's "price", doubled.
type doubleOp struct{}

func (doubleOp) Run(_ context.Context, f *ops.Frame) error {
	price, err := f.Inputs[0].Tensor("price")
	if err != nil {
		return err
	}
	d, err := ops.Dense(price)
	if err != nil {
		return err
	}
	if d, err = d.MulScalar(float32(2), true); err != nil {
		return err
	}
	price, err = ops.FromDense(d)
	f.Output.Tensors = []sampan.Named{{Name: "price", Tensor: price}}
	return err
}

// An op of one's own is registered once, in an init function, and then named in a workflow file, or with
// `sampan serve --op GeneralInferOp --op DoubleOp:0`.
func ExampleRegister() {
	op, err := ops.New("DoubleOp", ops.Config{Node: "DoubleOp_0", Depends: []string{"GeneralInferOp_0"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	price, _ := sampan.Of(sampan.Shape{2, 1}, []float32{18.5, 24})
	f := &ops.Frame{Node: "DoubleOp_0", Inputs: []*ops.Output{
		{Node: "GeneralInferOp_0", Tensors: []sampan.Named{{Name: "price", Tensor: price}}},
	}}
	if err := op.Run(context.Background(), f); err != nil {
		fmt.Println(err)
		return
	}
	doubled, _ := sampan.View[float32](f.Output.Tensors[0].Tensor)
	fmt.Println(doubled)
	// Output: [37 48]
}
