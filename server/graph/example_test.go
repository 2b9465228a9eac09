package graph_test

import (
	"context"
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
)

// double stands in for an *engine.Model.
type double struct{}

func (double) Signature() *engine.Signature {
	return &engine.Signature{
		Inputs:  []engine.Field{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 1}}},
		Outputs: []engine.Field{{Name: "y", Alias: "price", DType: sampan.Float32, Shape: sampan.Shape{-1, 1}}},
	}
}

func (double) Run(_ context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	x, err := sampan.View[float32](inputs[0])
	if err != nil {
		return nil, err
	}
	y := make([]float32, len(x))
	for i := range x {
		y[i] = 2 * x[i]
	}
	out, err := sampan.Of(inputs[0].Shape, y)
	return []sampan.Tensor{out}, err
}

// The graph that a server has when it is given one model.
func ExampleDefault() {
	plan, err := graph.Compile(graph.Default([]ops.Model{double{}}, nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	x, _ := sampan.Of(sampan.Shape{2, 1}, []float32{9, 12})
	reply, err := plan.Run(context.Background(), &sampan.Request{Inputs: []sampan.Named{{Name: "x", Tensor: x}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	price, _ := sampan.View[float32](reply.Outputs[0].Tensors[0].Tensor)
	fmt.Println(reply.Outputs[0].Engine, reply.Outputs[0].Tensors[0].Alias, price)
	// Output: GeneralInferOp_0 price [18 24]
}

// Everything that is wrong with a graph is said at once.
func ExampleCompile() {
	_, err := graph.Compile(graph.Spec{Name: "vote", Nodes: []graph.NodeSpec{
		{Name: "reader", Type: ops.GeneralReader},
		{Name: "cnn", Type: ops.GeneralInfer, Depends: []string{"reader", "bow"}},
		{Name: "bow", Type: ops.GeneralInfer, Depends: []string{"cnn"}},
		{Name: "response", Type: ops.GeneralResponse, Depends: []string{"bwo"}},
	}})
	fmt.Println(err)
	// Output:
	// graph "vote": node "response" depends on "bwo", which is not there
	// cycle: cnn -> bow -> cnn
}
