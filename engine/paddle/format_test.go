package paddle

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

func floatValue(name string, dims ...*onnx.TensorShapeProto_Dimension) *onnx.ValueInfoProto {
	return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{Value: &onnx.TypeProto_TensorType{
		TensorType: &onnx.TypeProto_Tensor{ElemType: 1, Shape: &onnx.TensorShapeProto{Dim: dims}},
	}}}
}

func TestTranslatedGraph(t *testing.T) {
	dir := fixture.Repo("examples", "fit_a_line", "uci_housing_model")
	model, err := Format{}.Translate(dir)
	if err != nil {
		t.Fatal(err)
	}
	weights := func(name string, size int) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data[len(data)-size:]
	}
	want := &onnx.ModelProto{
		IrVersion:    8,
		ProducerName: "sampan",
		OpsetImport:  []*onnx.OperatorSetIdProto{{Version: 17}},
		Graph: &onnx.GraphProto{
			Name: "paddle",
			Node: []*onnx.NodeProto{
				{Name: "mul.1", OpType: "MatMul", Input: []string{"x", "fc_0.w_0"}, Output: []string{"fc_0.tmp_0"}},
				{Name: "elementwise_add.2", OpType: "Add", Input: []string{"fc_0.tmp_0", "fc_0.b_0"}, Output: []string{"fc_0.tmp_1"}},
			},
			Initializer: []*onnx.TensorProto{
				{Name: "fc_0.w_0", DataType: 1, Dims: []int64{13, 1}, RawData: weights("fc_0.w_0", 52)},
				{Name: "fc_0.b_0", DataType: 1, Dims: []int64{1}, RawData: weights("fc_0.b_0", 4)},
			},
			Input:  []*onnx.ValueInfoProto{floatValue("x", dimension(-1, "batch"), dimension(13, ""))},
			Output: []*onnx.ValueInfoProto{floatValue("fc_0.tmp_1", dimension(-1, "batch"), dimension(1, ""))},
		},
	}
	if diff := cmp.Diff(want, checkModel(t, model), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestCombinedEqualsSeparate(t *testing.T) {
	separate := linear(t)
	want, err := translate(separate)
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.Join([][]byte{separate["b"].Data, separate["w"].Data}, nil)
	for _, names := range [][2]string{
		{"net.pdmodel", "net.pdiparams"}, {"net.pdmodel", "other.pdiparams"}, {"__model__", "__params__"}, {"model", "params"},
	} {
		combined := fstest.MapFS{names[0]: separate["__model__"], names[1]: {Data: all}}
		if got, err := translate(combined); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v: another model (%v)", names, err)
		}
	}
}

// Sizes that are not fixed: the inputs share the batch, everything else has a name of
// its own; the rows of sequences are no batch.
func TestDimensions(t *testing.T) {
	words := tensor("words", -1, -1)
	words.Type.LodTensor.LodLevel = proto.Int32(1)
	vars := []*paddle.VarDesc{tensor("a", -1, 3, -1), words, tensor("c", 4, -1), tensor("y", -1, -1, 3), tensor("z", -1, 2), tensor("n")}
	ops := []*paddle.OpDesc{feedOp("c", 2), feedOp("words", 1), feedOp("a", 0)}
	for i, name := range []string{"y", "z", "n"} {
		from := []string{"a", "words", "c"}[i]
		ops = append(ops, opDesc("relu", bindings{"X": {from}}, bindings{"Out": {name}}))
	}
	ops = append(ops, fetchOp("n", 2), fetchOp("z", 1), fetchOp("y", 0))
	model, err := translate(fstest.MapFS{"__model__": {Data: net(t, vars, ops...)}})
	if err != nil {
		t.Fatal(err)
	}
	m := checkModel(t, model)
	scalar := floatValue("n")
	scalar.Type.GetTensorType().Shape = nil
	want := &onnx.GraphProto{
		Input: []*onnx.ValueInfoProto{
			floatValue("a", dimension(-1, "batch"), dimension(3, ""), dimension(-1, "a_2")),
			floatValue("words", dimension(-1, "words_0"), dimension(-1, "words_1")),
			lodInfo("words@lod0", "words@lod0_0"),
			floatValue("c", dimension(4, ""), dimension(-1, "c_1")),
		},
		Output: []*onnx.ValueInfoProto{
			floatValue("y", dimension(-1, "batch"), dimension(-1, ""), dimension(3, "")),
			floatValue("z", dimension(-1, "batch"), dimension(2, "")),
			scalar,
		},
	}
	if diff := cmp.Diff(want, &onnx.GraphProto{Input: m.Graph.Input, Output: m.Graph.Output}, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestFind(t *testing.T) {
	separate := linear(t)
	program, empty := separate["__model__"], &fstest.MapFile{}
	pir := &fstest.MapFile{Data: []byte(`{"base_code":{"magic":"pir","version":1},"program":{}}`)}
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want []string
	}{
		{"nothing", fstest.MapFS{"model.onnx": empty, "golden.json": {Data: []byte(`{"name": 1}`)}, "w": empty}, nil},
		{"a directory", fstest.MapFS{"__model__/x": empty}, nil},
		{"separate", separate, []string{"__model__", "b", "w"}},
		{"one missing", fstest.MapFS{"__model__": program, "w": empty}, []string{"__model__", "w"}},
		{"combined", fstest.MapFS{"net.pdmodel": program, "net.pdiparams": empty, "other.pdiparams": empty, "pir.json": pir}, []string{"net.pdmodel", "net.pdiparams"}},
		{"other name", fstest.MapFS{"model.pdmodel": program, "params.pdiparams": empty}, []string{"model.pdmodel", "params.pdiparams"}},
		{"preferred", fstest.MapFS{"a.pdmodel": program, "inference.pdmodel": program, "inference.pdiparams": empty}, []string{"inference.pdmodel", "inference.pdiparams"}},
		{"plain names", fstest.MapFS{"model": program, "params": empty}, []string{"model", "params"}},
		{"damaged", fstest.MapFS{"__model__": empty}, []string{"__model__"}},
		{"several", fstest.MapFS{"a.pdmodel": program, "b.pdmodel": program}, []string{"a.pdmodel", "b.pdmodel"}},
		{"pir", fstest.MapFS{"net.json": pir, "config.json": {Data: []byte(`{}`)}, "net.pdiparams": empty}, []string{"net.json", "net.pdiparams"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, c.fsys); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, name := range c.want {
				want = append(want, filepath.Join(dir, name))
			}
			got, ok := Format{}.Find(dir)
			if diff := cmp.Diff(want, got); diff != "" || ok != (want != nil) {
				t.Error(ok, diff)
			}
		})
	}
	if files, ok := (Format{}).Find(filepath.Join(t.TempDir(), "none")); ok || files != nil {
		t.Errorf("a directory that is not there: %v, %t", files, ok)
	}
}

func TestNamedFiles(t *testing.T) {
	m := linear(t)
	params := append(m["b"].Data, m["w"].Data...)
	pir := &fstest.MapFile{Data: []byte(pirText(pirData("x", 1, "f32[-1,3]"), pirOpText("1.relu", "1 > 2 f32[-1,3]", ""), pirFetch("y", 2)))}
	fsys := fstest.MapFS{
		"sub/net.bin": m["__model__"], "sub/weights.bin": {Data: params}, "net.pdmodel": {Data: []byte("x")}, "three.json": pir,
	}
	for _, c := range []struct {
		format Format
		want   string
	}{
		{Format{Program: "sub/net.bin", Params: "sub/weights.bin"}, ""},
		{Format{Program: "three.json"}, ""},
		{Format{Program: "three.json", Params: "sub/weights.bin"}, ""},
		{Format{Program: "sub/net.bin"}, "parameter files are missing: b, w (nor is there a *.pdiparams, __params__ or params with all)"},
		{Format{Program: "sub/net.bin", Params: "none"}, "read none: file does not exist"},
		{Format{Program: "none.json"}, "read none.json: file does not exist"},
		{Format{Program: "../net"}, `program "../net" is not a file of the directory`},
		{Format{Program: "three.json", Params: "/w"}, `params "/w" is not a file of the directory`},
	} {
		_, err := c.format.translate(fsys)
		if got := fmt.Sprint(err); err == nil && c.want != "" || err != nil && got != c.want {
			t.Errorf("%+v: got %v\nwant %s", c.format, err, c.want)
		}
	}
}
