package paddle

import (
	"encoding/binary"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// translate translates the model in a directory.
func translate(fsys fs.FS) ([]byte, error) { return Format{}.translate(fsys) }

// locate finds the model's files in a directory.
func locate(fsys fs.FS) (layout, error) { return Format{}.locate(fsys) }

// net writes a program of one block.
func net(t testing.TB, vars []*paddle.VarDesc, ops ...*paddle.OpDesc) []byte {
	t.Helper()
	return write(t, &paddle.ProgramDesc{
		Version: &paddle.Version{Version: proto.Int64(2_006_002)},
		Blocks:  []*paddle.BlockDesc{{Idx: proto.Int32(0), ParentIdx: proto.Int32(-1), Vars: vars, Ops: ops}},
	})
}

func write(t testing.TB, m proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tensor declares a float32 variable.
func tensor(name string, dims ...int64) *paddle.VarDesc {
	return &paddle.VarDesc{Name: &name, Type: &paddle.VarType{
		Type: paddle.VarType_DENSE_TENSOR.Enum(),
		LodTensor: &paddle.VarType_LoDTensorDesc{
			Tensor: &paddle.VarType_TensorDesc{DataType: paddle.VarType_FP32.Enum(), Dims: dims},
		},
	}}
}

// weight declares a float32 parameter.
func weight(name string, dims ...int64) *paddle.VarDesc {
	v := tensor(name, dims...)
	v.Persistable = proto.Bool(true)
	return v
}

type bindings map[string][]string

func (b bindings) proto() (out []*paddle.OpDesc_Var) {
	for _, parameter := range slices.Sorted(maps.Keys(b)) {
		out = append(out, &paddle.OpDesc_Var{Parameter: &parameter, Arguments: b[parameter]})
	}
	return out
}

func opDesc(kind string, in, out bindings, attrs ...*paddle.OpDesc_Attr) *paddle.OpDesc {
	return &paddle.OpDesc{Type: &kind, Inputs: in.proto(), Outputs: out.proto(), Attrs: attrs}
}

func intAttr(name string, v int32) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_INT.Enum(), I: &v}
}

func intsAttr(name string, v ...int32) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_INTS.Enum(), Ints: v}
}

func floatAttr(name string, v float32) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_FLOAT.Enum(), F: &v}
}

func textAttr(name, v string) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_STRING.Enum(), S: &v}
}

func boolAttr(name string, v bool) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_BOOLEAN.Enum(), B: &v}
}

func feedOp(name string, column int32) *paddle.OpDesc {
	return opDesc("feed", bindings{"X": {"feed"}}, bindings{"Out": {name}}, intAttr("col", column))
}

func fetchOp(name string, column int32) *paddle.OpDesc {
	return opDesc("fetch", bindings{"X": {name}}, bindings{"Out": {"fetch"}}, intAttr("col", column))
}

// record writes a parameter as Paddle does.
func record(t testing.TB, kind paddle.VarType_Type, dims []int64, data []byte) []byte {
	t.Helper()
	desc := write(t, &paddle.VarType_TensorDesc{DataType: &kind, Dims: dims})
	out := binary.LittleEndian.AppendUint32(make([]byte, 16), uint32(len(desc)))
	return slices.Concat(out, desc, data)
}

// linear is a model with x[-1 3]·w[3 2] + b[2], its parameters in a file each.
func linear(t testing.TB) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		"__model__": {Data: net(t,
			[]*paddle.VarDesc{tensor("x", -1, 3), weight("w", 3, 2), weight("b", 2), tensor("p", -1, 2), tensor("y", -1, 2)},
			feedOp("x", 0),
			opDesc("mul", bindings{"X": {"x"}, "Y": {"w"}}, bindings{"Out": {"p"}}),
			opDesc("elementwise_add", bindings{"X": {"p"}, "Y": {"b"}}, bindings{"Out": {"y"}}, intAttr("axis", 1)),
			fetchOp("y", 0),
		)},
		"w": {Data: record(t, paddle.VarType_FP32, []int64{3, 2}, []byte("0123456789abcdefghijklmn"))},
		"b": {Data: record(t, paddle.VarType_FP32, []int64{2}, []byte("ABCDEFGH"))},
	}
}

// one is a model of a single operator between the feeds and y.
func one(t testing.TB, op *paddle.OpDesc, vars ...*paddle.VarDesc) fstest.MapFS {
	t.Helper()
	var ops []*paddle.OpDesc
	for i, v := range vars {
		if v.GetName() != "y" {
			ops = append(ops, feedOp(v.GetName(), int32(i)))
		}
	}
	return fstest.MapFS{"__model__": {Data: net(t, vars, append(ops, op, fetchOp("y", 0))...)}}
}
