package customop

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
)

// model gives the feature back as the price.
type model struct{ output string }

func (m model) Signature() *engine.Signature {
	return &engine.Signature{
		Inputs:  []engine.Field{column("x", sampan.Float32)},
		Outputs: []engine.Field{{Name: "fc_0.tmp_1", Alias: m.output, DType: sampan.Float32, Shape: sampan.Shape{-1, 1}}},
	}
}

func (m model) Run(_ context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	return inputs, nil
}

// spec is what `sampan serve --op GeneralInferOp --op PriceBandOp:0` makes of a model.
func spec(m ops.Model) graph.Spec {
	return graph.Default([]ops.Model{m}, []string{ops.GeneralInfer, PriceBand + ":0"})
}

func prices(p ...float32) *sampan.Request {
	x, _ := sampan.Of(sampan.Shape{int64(len(p)), 1}, p)
	return &sampan.Request{Inputs: []sampan.Named{{Name: "x", Tensor: x}}}
}

func TestPriceBand(t *testing.T) {
	plan, err := graph.Compile(spec(model{"price"}))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := plan.Run(t.Context(), prices(16.99, 17, 24.5, 25))
	if err != nil {
		t.Fatal(err)
	}
	shape := sampan.Shape{4, 1}
	want := sampan.Output{Engine: "PriceBandOp_0", Tensors: []sampan.Named{
		{Name: "price", Alias: "price", Tensor: tensor(t, shape, []float32{16.99, 17, 24.5, 25})},
		{Name: "dollars", Alias: "dollars", Tensor: tensor(t, shape, []float32{16990, 17000, 24500, 25000})},
		{Name: "band", Alias: "band", Tensor: tensor(t, shape, []int64{0, 1, 1, 2})},
	}}
	if d := cmp.Diff([]sampan.Output{want}, reply.Outputs); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func tensor[T sampan.Element](t *testing.T, shape sampan.Shape, data []T) sampan.Tensor {
	t.Helper()
	out, err := sampan.Of(shape, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAtLoad(t *testing.T) {
	_, err := graph.Compile(spec(model{"cost"}))
	const want = `graph "default": node "PriceBandOp_0": input "price" is not among what "GeneralInferOp_0" gives: "cost"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestUnknownOutput(t *testing.T) {
	plan, err := graph.Compile(spec(model{"price"}))
	if err != nil {
		t.Fatal(err)
	}
	req := prices(20)
	req.Outputs = []string{"euros"}
	_, err = plan.Run(t.Context(), req)
	const want = `output "euros" is not known; the model gives "price", "dollars", "band"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func Example() {
	plan, err := graph.Compile(graph.Default([]ops.Model{model{"price"}}, []string{ops.GeneralInfer, PriceBand + ":0"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	reply, err := plan.Run(context.Background(), prices(18.9, 31))
	if err != nil {
		fmt.Println(err)
		return
	}
	band, _ := sampan.View[int64](reply.Outputs[0].Tensors[2].Tensor)
	fmt.Println(band)
	// Output: [1 2]
}
