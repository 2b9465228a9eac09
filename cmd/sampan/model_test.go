package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
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

// arrays writes the tutorial's sample, x.npy, its price, y.npy, and a slightly higher
// one, higher.npy, as numpy does; and the sample as float64, wide.npy.
func arrays(dir string) error {
	sample := []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}
	write := func(name, descr, shape string, elements []byte) error {
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
		data := slices.Concat([]byte("\x93NUMPY\x01\x00"), []byte{byte(len(header)), 0}, []byte(header), elements)
		return os.WriteFile(filepath.Join(dir, name), data, 0o600)
	}
	return errors.Join(
		write("x.npy", "<f4", "(1, 13)", sampan.Bytes(sample)),
		write("y.npy", "<f4", "(1, 1)", sampan.Bytes([]float32{18.901151657104492})),
		write("higher.npy", "<f4", "(1, 1)", sampan.Bytes([]float32{18.92})),
		write("wide.npy", "<f8", "(1, 13)", sampan.Bytes(make([]float64, 13))),
	)
}

// externalData are the fields of a TensorProto that say where its elements are; the
// generated messages do not have them.
func externalData(location string) []byte {
	entry := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "location")
	entry = protowire.AppendString(protowire.AppendTag(entry, 2, protowire.BytesType), location)
	out := protowire.AppendBytes(protowire.AppendTag(nil, 13, protowire.BytesType), entry)
	return protowire.AppendVarint(protowire.AppendTag(out, 14, protowire.VarintType), 1)
}
