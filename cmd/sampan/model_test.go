package main

import (
	"errors"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	program "github.com/sampanml/sampan/kitex_gen/paddle"
)

// foreign makes a directory with a Paddle program whose operators nobody knows: words
// with LoD go in, y comes out.
func foreign(dir string) error {
	variable := func(name string, dtype program.VarType_Type, lod int32, dims ...int64) *program.VarDesc {
		return &program.VarDesc{Name: &name, Type: &program.VarType{
			Type: program.VarType_DENSE_TENSOR.Enum(),
			LodTensor: &program.VarType_LoDTensorDesc{
				Tensor: &program.VarType_TensorDesc{DataType: &dtype, Dims: dims}, LodLevel: &lod,
			},
		}}
	}
	operator := func(kind, in, out string) *program.OpDesc {
		return &program.OpDesc{
			Type:    &kind,
			Inputs:  []*program.OpDesc_Var{{Parameter: proto.String("X"), Arguments: []string{in}}},
			Outputs: []*program.OpDesc_Var{{Parameter: proto.String("Out"), Arguments: []string{out}}},
		}
	}
	data, err := proto.Marshal(&program.ProgramDesc{
		Version: &program.Version{Version: proto.Int64(2_006_002)},
		Blocks: []*program.BlockDesc{{
			Idx: proto.Int32(0), ParentIdx: proto.Int32(-1),
			Vars: []*program.VarDesc{
				variable("words", program.VarType_INT64, 1, -1, 1), variable("y", program.VarType_FP32, 0, -1, 2),
			},
			Ops: []*program.OpDesc{
				operator("feed", "feed", "words"), operator("guess", "words", "first"), operator("relu", "first", "second"),
				operator("guess", "second", "third"), operator("divine", "third", "y"), operator("fetch", "y", "fetch"),
			},
		}},
	})
	return errors.Join(err, os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "model.pdmodel"), data, 0o600))
}

// external makes a directory with the tutorial's model in ONNX, its weights in files
// of their own; and one with a model whose weights are said to be elsewhere.
func external(dir string) error {
	translated, err := paddle.Format{}.Translate(fixture.Repo("examples", "fit_a_line", "uci_housing_model"))
	if err != nil {
		return err
	}
	errs := []error{os.Mkdir(dir, 0o755), os.Mkdir(dir+"-escaping", 0o755)}
	write := func(path string, location func(string) string) {
		var m onnx.ModelProto
		errs = append(errs, proto.Unmarshal(translated, &m))
		for _, t := range m.Graph.Initializer {
			place := location(t.Name)
			if filepath.IsLocal(place) {
				errs = append(errs, os.WriteFile(filepath.Join(filepath.Dir(path), place), t.RawData, 0o600))
			}
			t.RawData = nil
			t.ProtoReflect().SetUnknown(externalData(place))
		}
		data, err := proto.Marshal(&m)
		errs = append(errs, err, os.WriteFile(path, data, 0o600))
	}
	write(filepath.Join(dir, "linear.onnx"), func(name string) string { return name + ".bin" })
	write(filepath.Join(dir+"-escaping", "linear.onnx"), func(string) string { return "../../secret" })
	return errors.Join(errs...)
}

// externalData are the fields of a TensorProto that say where its elements are; the
// generated messages do not have them.
func externalData(location string) []byte {
	entry := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "location")
	entry = protowire.AppendString(protowire.AppendTag(entry, 2, protowire.BytesType), location)
	out := protowire.AppendBytes(protowire.AppendTag(nil, 13, protowire.BytesType), entry)
	return protowire.AppendVarint(protowire.AppendTag(out, 14, protowire.VarintType), 1)
}
