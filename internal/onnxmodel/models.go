// Package onnxmodel makes small ONNX models that do what tests need of a model: take long,
// give much, or fail for some inputs.
package onnxmodel

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/proto"

	onnx "github.com/sampanml/sampan/kitex_gen/onnx"
)

// Filler gives zeros of the shape that its input says: int64 shape [rank] to float32
// zeros [a b].
func Filler() []byte {
	return model(&onnx.GraphProto{
		Input:  []*onnx.ValueInfoProto{value("shape", onnx.TensorProto_INT64, named("rank"))},
		Output: []*onnx.ValueInfoProto{value("zeros", onnx.TensorProto_FLOAT, named("a"), named("b"))},
		Node:   []*onnx.NodeProto{{Input: []string{"shape"}, Output: []string{"zeros"}, OpType: "ConstantOfShape"}},
	})
}

// Lookup gives the squares of numbers from 0 to size-1, and fails for every other: int64 n
// [-1 1] to float32 square [-1 1].
func Lookup(size int) []byte {
	table := &onnx.TensorProto{Name: "table", DataType: int32(onnx.TensorProto_INT64), Dims: []int64{int64(size)}}
	for i := range uint64(size) {
		table.RawData = binary.LittleEndian.AppendUint64(table.RawData, i*i)
	}
	return model(&onnx.GraphProto{
		Input:       []*onnx.ValueInfoProto{value("n", onnx.TensorProto_INT64, named("batch"), fixed(1))},
		Output:      []*onnx.ValueInfoProto{value("square", onnx.TensorProto_FLOAT, named("batch"), fixed(1))},
		Initializer: []*onnx.TensorProto{table},
		Node: []*onnx.NodeProto{
			{Input: []string{"table", "n"}, Output: []string{"found"}, OpType: "Gather"},
			{Input: []string{"found"}, Output: []string{"square"}, OpType: "Cast", Attribute: []*onnx.AttributeProto{
				{Name: "to", Type: onnx.AttributeProto_INT, I: int64(onnx.TensorProto_FLOAT)},
			}},
		},
	})
}

// Slow multiplies square matrices of a size so many times over: float32 x [size size] to
// float32 y [size size].
func Slow(size, times int64) []byte {
	square := func(name string) *onnx.ValueInfoProto {
		return value(name, onnx.TensorProto_FLOAT, fixed(size), fixed(size))
	}
	body := &onnx.GraphProto{
		Name:   "body",
		Input:  []*onnx.ValueInfoProto{value("i", onnx.TensorProto_INT64), value("go", onnx.TensorProto_BOOL), square("state")},
		Output: []*onnx.ValueInfoProto{value("on", onnx.TensorProto_BOOL), square("next")},
		Node: []*onnx.NodeProto{
			{Input: []string{"go"}, Output: []string{"on"}, OpType: "Identity"},
			{Input: []string{"state", "x"}, Output: []string{"next"}, OpType: "MatMul"},
		},
	}
	return model(&onnx.GraphProto{
		Input:  []*onnx.ValueInfoProto{square("x")},
		Output: []*onnx.ValueInfoProto{square("y")},
		Initializer: []*onnx.TensorProto{
			{Name: "times", DataType: int32(onnx.TensorProto_INT64), RawData: binary.LittleEndian.AppendUint64(nil, uint64(times))},
			{Name: "yes", DataType: int32(onnx.TensorProto_BOOL), RawData: []byte{1}},
		},
		Node: []*onnx.NodeProto{{
			Input: []string{"times", "yes", "x"}, Output: []string{"y"}, OpType: "Loop",
			Attribute: []*onnx.AttributeProto{{Name: "body", Type: onnx.AttributeProto_GRAPH, G: body}},
		}},
	})
}

func model(g *onnx.GraphProto) []byte {
	g.Name = "graph"
	data, err := proto.Marshal(&onnx.ModelProto{IrVersion: 8, OpsetImport: []*onnx.OperatorSetIdProto{{Version: 17}}, Graph: g})
	if err != nil {
		// Every text above is UTF-8, and nothing else can be wrong.
		panic(fmt.Sprintf("onnxmodel: %v", err))
	}
	return data
}

func value(name string, elem onnx.TensorProto_DataType, dims ...*onnx.TensorShapeProto_Dimension) *onnx.ValueInfoProto {
	return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{Value: &onnx.TypeProto_TensorType{
		TensorType: &onnx.TypeProto_Tensor{ElemType: int32(elem), Shape: &onnx.TensorShapeProto{Dim: dims}}}}}
}

func named(name string) *onnx.TensorShapeProto_Dimension {
	return &onnx.TensorShapeProto_Dimension{Value: &onnx.TensorShapeProto_Dimension_DimParam{DimParam: name}}
}

func fixed(size int64) *onnx.TensorShapeProto_Dimension {
	return &onnx.TensorShapeProto_Dimension{Value: &onnx.TensorShapeProto_Dimension_DimValue{DimValue: size}}
}
