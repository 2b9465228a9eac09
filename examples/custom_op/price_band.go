package customop

import (
	"context"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
)

// PriceBand is the type of an op behind a model that gives "price", float32 of shape
// [-1 1] in thousands of dollars. It gives three tensors of that shape: "price" as it
// came; "dollars", float32; and "band", int64, 0 below [Low], 2 from [High] on, 1 between.
const PriceBand = "PriceBandOp"

// Low and High part the bands, in thousands of dollars. They are the quartiles of the
// Boston housing data.
const (
	Low  = 17
	High = 25
)

func init() {
	ops.Register(PriceBand, func(ops.Config) (ops.Op, error) { return priceBand{}, nil })
}

type priceBand struct{}

var signature = engine.Signature{
	Inputs: []engine.Field{column("price", sampan.Float32)},
	Outputs: []engine.Field{
		column("price", sampan.Float32),
		column("dollars", sampan.Float32),
		column("band", sampan.Int64),
	},
}

func column(name string, d sampan.DType) engine.Field {
	return engine.Field{Name: name, Alias: name, DType: d, Shape: sampan.Shape{-1, 1}}
}

// Signature lets the graph check at load that the model gives prices, and refuse
// unknown outputs before the model runs.
func (priceBand) Signature() *engine.Signature { return &signature }

// Run implements [ops.Op].
func (priceBand) Run(_ context.Context, f *ops.Frame) error {
	price, err := f.Inputs[0].Tensor("price")
	if err != nil {
		return err
	}
	dollars, err := inDollars(price)
	if err != nil {
		return err
	}
	band, err := bands(price)
	if err != nil {
		return err
	}
	f.Output.Tensors = []sampan.Named{
		{Name: "price", Tensor: price},
		{Name: "dollars", Tensor: dollars},
		{Name: "band", Tensor: band},
	}
	return nil
}

// inDollars computes with the tensor as a gorgonia array, which shares its memory. The
// product is a new array: what comes in a frame is read-only.
func inDollars(price sampan.Tensor) (sampan.Tensor, error) {
	d, err := ops.Dense(price)
	if err != nil {
		return sampan.Tensor{}, err
	}
	product, err := d.MulScalar(float32(1000), true)
	if err != nil {
		return sampan.Tensor{}, err
	}
	return ops.FromDense(product)
}

// bands computes with the tensor's elements as a slice.
func bands(price sampan.Tensor) (sampan.Tensor, error) {
	prices, err := sampan.View[float32](price)
	if err != nil {
		return sampan.Tensor{}, err
	}
	out := make([]int64, len(prices))
	for i, p := range prices {
		switch {
		case p >= High:
			out[i] = 2
		case p >= Low:
			out[i] = 1
		}
	}
	return sampan.Of(price.Shape, out)
}
