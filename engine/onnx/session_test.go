package onnx_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	pb "github.com/sampanml/sampan/kitex_gen/onnx"
)

// sample is the tutorial's; the answer is the one that Paddle Serving publishes.
var sample = []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}

const price = 18.901151657104492

func backend(t testing.TB) *onnx.Backend {
	t.Helper()
	b, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func load(t testing.TB, a engine.Artifact) engine.Session {
	t.Helper()
	s, err := backend(t).Load(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func tensor[T sampan.Element](t testing.TB, shape sampan.Shape, data ...T) sampan.Tensor {
	t.Helper()
	out, err := sampan.Of(shape, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLinearModel(t *testing.T) {
	s := load(t, engine.Artifact{Path: fixture.Shared(t, "fit_a_line", "fit_a_line.onnx")})
	want := engine.Signature{
		Inputs:  []engine.Field{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 13}, Dims: []string{"batch", ""}}},
		Outputs: []engine.Field{{Name: "price", Alias: "price", DType: sampan.Float32, Shape: sampan.Shape{-1, 1}, Dims: []string{"batch", ""}}},
	}
	if diff := cmp.Diff(want, s.Signature()); diff != "" {
		t.Fatal(diff)
	}
	x := tensor(t, sampan.Shape{1, 13}, sample...)
	given := tensor(t, sampan.Shape{1, 1}, float32(0))
	for name, outputs := range map[string][]sampan.Tensor{"made": {{}}, "given": {given}} {
		if err := s.Run(context.Background(), []sampan.Tensor{x}, outputs); err != nil {
			t.Fatal(name, err)
		}
		if y, err := sampan.View[float32](outputs[0]); err != nil || len(y) != 1 || float64(y[0]) != price {
			t.Errorf("%s: got %v (%v), want %v", name, y, err, price)
		}
	}
	if y, _ := sampan.View[float32](given); float64(y[0]) != price {
		t.Errorf("the buffer that was handed in has %v, want %v", y, price)
	}
}

func TestConcurrentRuns(t *testing.T) {
	s := load(t, engine.Artifact{Path: fixture.Shared(t, "fit_a_line", "fit_a_line.onnx")})
	var wg sync.WaitGroup
	for rows := range int64(16) {
		wg.Go(func() {
			for range 50 {
				x, _ := sampan.New(sampan.Float32, sampan.Shape{rows, 13})
				out := make([]sampan.Tensor, 1)
				if err := s.Run(context.Background(), []sampan.Tensor{x}, out); err != nil {
					t.Error(err)
				} else if !out[0].Shape.Equal(sampan.Shape{rows, 1}) {
					t.Errorf("shape %v, want [%d 1]", out[0].Shape, rows)
				}
			}
		})
	}
	wg.Wait()
}

// identity is a model whose output is its input, of any type.
func identity(t testing.TB, elem pb.TensorProto_DataType, out ...*pb.TensorShapeProto_Dimension) []byte {
	t.Helper()
	value := func(name string, dims []*pb.TensorShapeProto_Dimension) *pb.ValueInfoProto {
		return &pb.ValueInfoProto{Name: name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{
			TensorType: &pb.TypeProto_Tensor{ElemType: int32(elem), Shape: &pb.TensorShapeProto{Dim: dims}}}}}
	}
	in := make([]*pb.TensorShapeProto_Dimension, len(out))
	for i := range in {
		in[i] = &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimParam{DimParam: "n"}}
	}
	m := &pb.ModelProto{IrVersion: 8, OpsetImport: []*pb.OperatorSetIdProto{{Version: 17}}, Graph: &pb.GraphProto{
		Name:  "identity",
		Node:  []*pb.NodeProto{{Input: []string{"a"}, Output: []string{"b"}, OpType: "Identity"}},
		Input: []*pb.ValueInfoProto{value("a", in)}, Output: []*pb.ValueInfoProto{value("b", out)},
	}}
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func param(name string) *pb.TensorShapeProto_Dimension {
	return &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimParam{DimParam: name}}
}

func TestEveryDType(t *testing.T) {
	text, err := sampan.OfStrings(sampan.Shape{3}, []string{"", "a\x00b", "Sampan 舢舨"})
	if err != nil {
		t.Fatal(err)
	}
	for elem, in := range map[pb.TensorProto_DataType]sampan.Tensor{
		pb.TensorProto_FLOAT:    tensor(t, sampan.Shape{2}, float32(1), 2),
		pb.TensorProto_DOUBLE:   tensor(t, sampan.Shape{2}, 1.0, 2),
		pb.TensorProto_INT8:     tensor(t, sampan.Shape{2}, int8(-1), 2),
		pb.TensorProto_INT16:    tensor(t, sampan.Shape{2}, int16(-1), 2),
		pb.TensorProto_INT32:    tensor(t, sampan.Shape{2}, int32(-1), 2),
		pb.TensorProto_INT64:    tensor(t, sampan.Shape{2}, int64(-1), 2),
		pb.TensorProto_UINT8:    tensor(t, sampan.Shape{2}, uint8(1), 2),
		pb.TensorProto_UINT16:   tensor(t, sampan.Shape{2}, uint16(1), 2),
		pb.TensorProto_UINT32:   tensor(t, sampan.Shape{2}, uint32(1), 2),
		pb.TensorProto_UINT64:   tensor(t, sampan.Shape{2}, uint64(1), 2),
		pb.TensorProto_BOOL:     tensor(t, sampan.Shape{2}, true, false),
		pb.TensorProto_FLOAT16:  tensor(t, sampan.Shape{2}, sampan.ToF16(1), sampan.ToF16(-2)),
		pb.TensorProto_BFLOAT16: tensor(t, sampan.Shape{2}, sampan.ToBF16(1), sampan.ToBF16(-2)),
		pb.TensorProto_STRING:   text,
	} {
		for _, dim := range []string{"n", "unknown"} {
			s := load(t, engine.Artifact{Bytes: identity(t, elem, param(dim))})
			out := make([]sampan.Tensor, 1)
			if err := s.Run(context.Background(), []sampan.Tensor{in}, out); err != nil {
				t.Errorf("%s: %v", elem, err)
			} else if diff := cmp.Diff(in, out[0]); diff != "" {
				t.Errorf("%s, output size %q:\n%s", elem, dim, diff)
			}
			none := sampan.Tensor{DType: in.DType, Shape: sampan.Shape{0}, Data: []byte{}}
			out[0] = sampan.Tensor{}
			if err := s.Run(context.Background(), []sampan.Tensor{none}, out); err != nil {
				t.Errorf("%s without elements: %v", elem, err)
			} else if diff := cmp.Diff(none, out[0]); diff != "" {
				t.Errorf("%s without elements:\n%s", elem, diff)
			}
		}
	}
}

func TestScalar(t *testing.T) {
	s := load(t, engine.Artifact{Bytes: identity(t, pb.TensorProto_FLOAT)})
	in, out := tensor(t, sampan.Shape{}, float32(7)), make([]sampan.Tensor, 1)
	if err := s.Run(context.Background(), []sampan.Tensor{in}, out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out[0]); diff != "" {
		t.Error(diff)
	}
}

// TestSizes goes over the border between tensors that are copied to C and those that
// stay in Go's memory, with values that would show another run's.
func TestSizes(t *testing.T) {
	for _, dim := range []string{"n", "unknown"} {
		s := load(t, engine.Artifact{Bytes: identity(t, pb.TensorProto_FLOAT, param(dim))})
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for i := range 200 {
					n := []int64{0, 1, 1023, 1024, 1025, 1, 5000, 0, 1024}[(i+worker)%9]
					in, _ := sampan.New(sampan.Float32, sampan.Shape{n})
					x, _ := sampan.View[float32](in)
					for j := range x {
						x[j] = float32(worker*1e6 + i*1e3 + j)
					}
					out := make([]sampan.Tensor, 1)
					if err := s.Run(context.Background(), []sampan.Tensor{in}, out); err != nil {
						t.Error(err)
					} else if !cmp.Equal(in, out[0]) {
						t.Errorf("%d elements, run %d of worker %d: the output differs", n, i, worker)
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestDeclaredShapeIsWrong(t *testing.T) {
	wrong := &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: 5}}
	s := load(t, engine.Artifact{Bytes: identity(t, pb.TensorProto_FLOAT, wrong)})
	for range 2 {
		in, out := tensor(t, sampan.Shape{2}, float32(1), 2), make([]sampan.Tensor, 1)
		if err := s.Run(context.Background(), []sampan.Tensor{in}, out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, out[0]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCancelStopsTheRun(t *testing.T) {
	s := load(t, engine.Artifact{Path: fixture.Shared(t, "detection", "picodet_xs_416_coco_nms.onnx")})
	inputs := make([]sampan.Tensor, len(s.Signature().Inputs))
	for i, f := range s.Signature().Inputs {
		inputs[i], _ = sampan.New(f.DType, f.Shape)
	}
	run := func(ctx context.Context) error {
		return s.Run(ctx, inputs, make([]sampan.Tensor, len(s.Signature().Outputs)))
	}
	if err := run(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := run(ctx); sampan.CodeOf(err) != sampan.DeadlineExceeded {
		t.Errorf("got %v, want DeadlineExceeded", err)
	}
	if err := run(context.Background()); err != nil {
		t.Errorf("the run after the stopped one: %v", err)
	}
}

func TestLoadFaults(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		a    engine.Artifact
		code sampan.Code
		text string
	}{
		"missing": {engine.Artifact{Path: filepath.Join(dir, "none.onnx")}, sampan.NotFound, "no such file"},
		"empty":   {engine.Artifact{Path: file("empty.onnx", "")}, sampan.InvalidArgument, "empty.onnx is empty, want an ONNX model"},
		"jpeg":    {engine.Artifact{Path: file("photo.onnx", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01")}, sampan.InvalidArgument, "photo.onnx: onnxruntime cannot load it"},
		"bytes":   {engine.Artifact{Bytes: []byte("not a model")}, sampan.InvalidArgument, "the translated model: onnxruntime cannot load it"},
		"nothing": {engine.Artifact{}, sampan.InvalidArgument, "the translated model is empty"},
	} {
		_, err := backend(t).Load(context.Background(), c.a)
		if sampan.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want %s with %q", name, err, c.code, c.text)
		}
		if strings.Contains(err.Error(), "onnxruntime/core") {
			t.Errorf("%s: the message shows the runtime's sources: %v", name, err)
		}
	}
	var e *sampan.Error
	if _, err := backend(t).Load(context.Background(), engine.Artifact{Path: dir + "/photo.onnx"}); !errors.As(err, &e) {
		t.Errorf("%T is not a sampan.Error", err)
	}
}

func TestOtherLibraryIsRefused(t *testing.T) {
	backend(t)
	if _, err := onnx.Open("/somewhere/else.so"); err == nil || !strings.Contains(err.Error(), "is in use already") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRun(b *testing.B) {
	s := load(b, engine.Artifact{Path: fixture.Shared(b, "fit_a_line", "fit_a_line.onnx")})
	in := []sampan.Tensor{tensor(b, sampan.Shape{1, 13}, sample...)}
	given := []sampan.Tensor{tensor(b, sampan.Shape{1, 1}, float32(0))}
	timeout, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		out  []sampan.Tensor
	}{{"given", context.Background(), given}, {"made", context.Background(), []sampan.Tensor{{}}}, {"deadline", timeout, given}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out := [1]sampan.Tensor{c.out[0]}
				if err := s.Run(c.ctx, in, out[:]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestMessagesArePlain(t *testing.T) {
	s := load(t, engine.Artifact{Bytes: identity(t, pb.TensorProto_FLOAT, param("n"))})
	given := tensor(t, sampan.Shape{3}, float32(1), 2, 3)
	err := s.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, float32(1), 2)}, []sampan.Tensor{given})
	if sampan.CodeOf(err) != sampan.Internal {
		t.Fatalf("got %v, want Internal", err)
	}
	for _, noise := range []string{"/onnxruntime/", "ONNXRuntimeError", "OpKernelContext"} {
		if strings.Contains(err.Error(), noise) {
			t.Errorf("the message has %q: %v", noise, err)
		}
	}
	t.Log(err)
	_, err = backend(t).Load(context.Background(), engine.Artifact{Bytes: []byte("not a model")})
	t.Log(err)
}
