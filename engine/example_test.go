package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// doubler stands in for a runtime, such as the one of package engine/onnx: its models
// double their input.
type doubler struct{}

func (doubler) Load(context.Context, engine.Artifact) (engine.Session, error) { return doubler{}, nil }

func (doubler) Signature() engine.Signature {
	return engine.Signature{
		Inputs:  []engine.Field{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 2}}},
		Outputs: []engine.Field{{Name: "tmp_1", Alias: "tmp_1", DType: sampan.Float32, Shape: sampan.Shape{-1, 2}}},
	}
}

func (doubler) Run(_ context.Context, inputs, outputs []sampan.Tensor) error {
	in, err := sampan.View[float32](inputs[0])
	if err != nil {
		return err
	}
	twice := make([]float32, len(in))
	for i, v := range in {
		twice[i] = 2 * v
	}
	outputs[0], err = sampan.Of(inputs[0].Shape, twice)
	return err
}

func (doubler) Close() error { return nil }

// A model directory is opened: the signature file gives the output a public name.
func Example() {
	dir, err := os.MkdirTemp("", "sampan")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for name, content := range map[string]string{
		"model.onnx": "",
		"serving_server_conf.prototxt": `
			feed_var { name: "x" alias_name: "x" feed_type: 1 shape: 2 }
			fetch_var { name: "tmp_1" alias_name: "twice" fetch_type: 1 shape: 2 }`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}

	ctx := context.Background()
	m, err := engine.Open(ctx, dir, engine.Options{Name: "doubler", Backend: doubler{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()

	x, err := sampan.Of(sampan.Shape{1, 2}, []float32{1.5, -2})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := m.Run(ctx, []sampan.Tensor{x})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := sampan.View[float32](out[0])
	fmt.Println(m.Signature().Outputs[0].Alias, out[0].Shape, y, err)

	wrong, err := sampan.Of(sampan.Shape{1, 3}, []float32{1, 2, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = m.Run(ctx, []sampan.Tensor{wrong})
	fmt.Println(sampan.CodeOf(err), err)
	// Output:
	// twice [1 2] [3 -4] <nil>
	// InvalidArgument input "x": shape [1 3], want [-1 2]
}
