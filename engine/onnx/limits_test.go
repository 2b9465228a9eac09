package onnx_test

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	pb "github.com/sampanml/sampan/kitex_gen/onnx"
)

// graph makes a model of nodes with one input and one output, whose sizes have names.
func graph(t testing.TB, in, out *pb.ValueInfoProto, initializers []*pb.TensorProto, nodes ...*pb.NodeProto) []byte {
	t.Helper()
	data, err := proto.Marshal(&pb.ModelProto{IrVersion: 8, OpsetImport: []*pb.OperatorSetIdProto{{Version: 17}}, Graph: &pb.GraphProto{
		Name: "test", Node: nodes, Initializer: initializers, Input: []*pb.ValueInfoProto{in}, Output: []*pb.ValueInfoProto{out},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func value(name string, elem pb.TensorProto_DataType, dims ...*pb.TensorShapeProto_Dimension) *pb.ValueInfoProto {
	return &pb.ValueInfoProto{Name: name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{
		TensorType: &pb.TypeProto_Tensor{ElemType: int32(elem), Shape: &pb.TensorShapeProto{Dim: dims}}}}}
}

// filler makes a tensor of the shape that its input says.
func filler(t testing.TB) []byte {
	return graph(t, value("shape", pb.TensorProto_INT64, param("rank")), value("zeros", pb.TensorProto_FLOAT, param("a"), param("b")), nil,
		&pb.NodeProto{Input: []string{"shape"}, Output: []string{"zeros"}, OpType: "ConstantOfShape"})
}

func TestOutputsAreBoundedByMemory(t *testing.T) {
	const limit = 64 << 20
	memory := engine.NewMemory(limit)
	unknown := load(t, engine.Artifact{Bytes: filler(t), Runtime: engine.Runtime{NoArena: true}, Memory: memory.Share("unknown")})
	known := load(t, engine.Artifact{Bytes: identity(t, pb.TensorProto_FLOAT, param("n")), Memory: memory.Share("known")})
	for range 2 {
		// A gigabyte, which the runtime makes before anybody knows.
		out := make([]sampan.Tensor, 1)
		err := unknown.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, int64(1<<14), 1<<14)}, out)
		want := `output "zeros": 1073741824 bytes are wanted, requests under way use 0, the limit is 67108864 (--memory_limit)`
		if sampan.CodeOf(err) != sampan.ResourceExhausted || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		// One whose size is known before it is made.
		large, err := sampan.New(sampan.Float32, sampan.Shape{limit/4 + 1})
		if err != nil {
			t.Fatal(err)
		}
		out[0] = sampan.Tensor{}
		if err := known.Run(context.Background(), []sampan.Tensor{large}, out); sampan.CodeOf(err) != sampan.ResourceExhausted {
			t.Errorf("got %v, want ResourceExhausted", err)
		}
		out[0] = sampan.Tensor{}
		if err := unknown.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, int64(3), 4)}, out); err != nil {
			t.Errorf("the next request: %v", err)
		} else if !out[0].Shape.Equal(sampan.Shape{3, 4}) {
			t.Errorf("the next request: shape %v", out[0].Shape)
		}
		if n := memory.InUse(); n != 0 {
			t.Errorf("%d bytes are in use at the end", n)
		}
	}
	// Shapes whose bytes are no int64.
	out := make([]sampan.Tensor, 1)
	if err := unknown.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, int64(1<<40), 1<<40)}, out); err == nil {
		t.Error("a shape that overflows: no error")
	}
}

func TestProviders(t *testing.T) {
	b := backend(t)
	known, err := onnx.Providers()
	if err != nil || !slices.Contains(known, "CPU") {
		t.Fatalf("%q %v", known, err)
	}
	bytes := identity(t, pb.TensorProto_FLOAT, param("n"))
	load(t, engine.Artifact{Bytes: bytes, Runtime: engine.Runtime{
		Optimisation: "basic", InterThreads: 2, NoArena: true, Providers: []engine.Provider{{Name: "cpu"}}}})
	for _, c := range []struct {
		runtime engine.Runtime
		code    sampan.Code
		want    string
	}{
		{engine.Runtime{Providers: []engine.Provider{{Name: "Abacus"}}}, sampan.FailedPrecondition, `execution provider "Abacus" is not in onnxruntime 1.`},
		{engine.Runtime{Optimisation: "most"}, sampan.InvalidArgument, `optimisation "most", want none, basic, extended or all`},
	} {
		_, err := b.Load(context.Background(), engine.Artifact{Bytes: bytes, Runtime: c.runtime})
		if sampan.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if slices.Contains(known, "CUDA") {
		return
	}
	_, err = b.Load(context.Background(), engine.Artifact{Bytes: bytes, Runtime: engine.Runtime{Providers: []engine.Provider{engine.CUDA("0")}}})
	if sampan.CodeOf(err) != sampan.FailedPrecondition || !strings.Contains(err.Error(), "which has CPU") {
		t.Errorf("CUDA without CUDA: %v", err)
	}
}

// slow multiplies matrices again and again, for minutes.
func slow(t testing.TB) []byte {
	const size, times = 512, 20_000
	square := func(name string) *pb.ValueInfoProto {
		dim := &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: size}}
		return value(name, pb.TensorProto_FLOAT, dim, dim)
	}
	scalar := func(name string, elem pb.TensorProto_DataType) *pb.ValueInfoProto { return value(name, elem) }
	number := &pb.TensorProto{Name: "times", DataType: int32(pb.TensorProto_INT64), RawData: binary.LittleEndian.AppendUint64(nil, times)}
	yes := &pb.TensorProto{Name: "yes", DataType: int32(pb.TensorProto_BOOL), RawData: []byte{1}}
	body := &pb.GraphProto{
		Name:   "body",
		Input:  []*pb.ValueInfoProto{scalar("i", pb.TensorProto_INT64), scalar("go", pb.TensorProto_BOOL), square("state")},
		Output: []*pb.ValueInfoProto{scalar("on", pb.TensorProto_BOOL), square("next")},
		Node: []*pb.NodeProto{
			{Input: []string{"go"}, Output: []string{"on"}, OpType: "Identity"},
			{Input: []string{"state", "x"}, Output: []string{"next"}, OpType: "MatMul"},
		},
	}
	return graph(t, square("x"), square("y"), []*pb.TensorProto{number, yes}, &pb.NodeProto{
		Input: []string{"times", "yes", "x"}, Output: []string{"y"}, OpType: "Loop",
		Attribute: []*pb.AttributeProto{{Name: "body", Type: pb.AttributeProto_GRAPH, G: body}},
	})
}

// A run of minutes ends soon after its deadline, and the session is free again.
func TestLongRunIsStopped(t *testing.T) {
	s := load(t, engine.Artifact{Bytes: slow(t)})
	x, err := sampan.New(sampan.Float32, sampan.Shape{512, 512})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err := s.Run(ctx, []sampan.Tensor{x}, make([]sampan.Tensor, 1))
		cancel()
		took := time.Since(start)
		if sampan.CodeOf(err) != sampan.DeadlineExceeded {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		// Far from the run's own time, whatever else the machine does.
		if took > 10*time.Second {
			t.Errorf("it came back after %v", took)
		}
		t.Logf("a deadline of 100ms: back after %v", took.Round(time.Millisecond))
	}
}
