package graph

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/ops"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// op is an op of a test.
type op func(ctx context.Context, f *ops.Frame) error

func (o op) Run(ctx context.Context, f *ops.Frame) error { return o(ctx, f) }

// work is what the FuncOps of the test's graph do, by node.
var work = map[string]op{}

func init() {
	ops.Register("FuncOp", func(c ops.Config) (ops.Op, error) { return work[c.Node], nil })
}

// does is a node that runs a function.
func does(name string, f op, depends ...string) NodeSpec {
	work[name] = f
	return NodeSpec{Name: name, Type: "FuncOp", Depends: depends}
}

// model is a fake that answers with run, or with a zeroed tensor for each output.
type model struct {
	signature engine.Signature
	run       func(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error)
	outputs   []sampan.Tensor
}

func (m *model) Signature() *engine.Signature { return &m.signature }

func (m *model) Run(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	if m.run != nil {
		return m.run(ctx, inputs)
	}
	return m.outputs, nil
}

// field is "name" or "name:alias", a float32 tensor of shape [-1 1].
func field(name string) engine.Field {
	name, alias, _ := strings.Cut(name, ":")
	if alias == "" {
		alias = name
	}
	return engine.Field{Name: name, Alias: alias, DType: sampan.Float32, Shape: sampan.Shape{-1, 1}}
}

// newModel has the inputs left of the arrow and the outputs right of it: "a b -> p:price".
func newModel(signature string) *model {
	left, right, _ := strings.Cut(signature, "->")
	m := &model{}
	for _, name := range strings.Fields(left) {
		m.signature.Inputs = append(m.signature.Inputs, field(name))
	}
	for _, name := range strings.Fields(right) {
		m.signature.Outputs = append(m.signature.Outputs, field(name))
		m.outputs = append(m.outputs, scalar(0))
	}
	return m
}

// scalar is a float32 tensor of shape [1 1].
func scalar(v float32) sampan.Tensor {
	t, _ := sampan.Of(sampan.Shape{1, 1}, []float32{v})
	return t
}

// value reads a scalar.
func value(t *testing.T, tensor sampan.Tensor) float32 {
	t.Helper()
	v, err := sampan.View[float32](tensor)
	if err != nil {
		t.Fatal(err)
	}
	return v[0]
}

// infer is a node with a model.
func infer(name string, m ops.Model, depends ...string) NodeSpec {
	return NodeSpec{Name: name, Type: ops.GeneralInfer, Depends: depends, Model: m}
}

func reader(name string) NodeSpec { return NodeSpec{Name: name, Type: ops.GeneralReader} }

func response(depends ...string) NodeSpec {
	return NodeSpec{Name: "response", Type: ops.GeneralResponse, Depends: depends}
}

func mustCompile(t testing.TB, s Spec) *Plan {
	t.Helper()
	p, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func request(names ...string) *sampan.Request {
	r := &sampan.Request{}
	for i, n := range names {
		r.Inputs = append(r.Inputs, sampan.Named{Name: n, Tensor: scalar(float32(i + 1))})
	}
	return r
}

// text is an error's, or nothing.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
