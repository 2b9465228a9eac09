package paddle

import (
	"bytes"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// foreign is a program with operators that nobody can translate, one of them in a
// block of its own, and with its feeds and fetches out of order.
func foreign(t testing.TB) fstest.MapFS {
	t.Helper()
	words := tensor("words", -1, 1)
	words.Type.LodTensor.LodLevel = proto.Int32(2)
	words.Type.LodTensor.Tensor.DataType = paddle.VarType_INT64.Enum()
	list := tensor("list")
	list.Type = &paddle.VarType{Type: paddle.VarType_DENSE_TENSOR_ARRAY.Enum()}
	return fstest.MapFS{"net.pdmodel": {Data: write(t, &paddle.ProgramDesc{
		Version: &paddle.Version{Version: proto.Int64(1_008_004)},
		Blocks: []*paddle.BlockDesc{{
			Idx: proto.Int32(0), ParentIdx: proto.Int32(-1),
			Vars: []*paddle.VarDesc{tensor("x", -1, 3), words, tensor("y", -1, 2), list, weight("w", 3, 2)},
			Ops: []*paddle.OpDesc{
				feedOp("words", 1), feedOp("x", 0),
				opDesc("no_such_operator", bindings{"X": {"x"}}, bindings{"Out": {"first"}}),
				opDesc("relu", bindings{"X": {"first"}}, bindings{"Out": {"second"}}),
				opDesc("no_such_operator", bindings{"X": {"second"}}, bindings{"Out": {"y"}}),
				opDesc("no_such_loop", bindings{"X": {"second"}}, nil),
				fetchOp("list", 1), fetchOp("y", 0),
			},
		}, {
			Idx: proto.Int32(1), ParentIdx: proto.Int32(0),
			Ops: []*paddle.OpDesc{opDesc("relu", bindings{"X": {"y"}}, bindings{"Out": {"inner"}})},
		}},
	})}}
}

func TestInspect(t *testing.T) {
	want := Summary{
		Program: "net.pdmodel",
		Writer:  "Paddle program of version 1.8.4",
		Feeds: []Variable{
			{Name: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 3}},
			{Name: "words", DType: sampan.Int64, Shape: sampan.Shape{-1, 1}, LoDLevel: 2},
		},
		Fetches: []Variable{{Name: "y", DType: sampan.Float32, Shape: sampan.Shape{-1, 2}}, {Name: "list"}},
		Operators: []Operator{
			{Name: "no_such_operator", Count: 2, Output: "first"},
			{Name: "relu", Count: 2, Output: "second", Supported: true},
			{Name: "no_such_loop", Count: 1},
		},
		Parameters: 1,
	}
	got, err := Format{}.inspect(foreign(t))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The real model of Paddle 3 has its operators under their own names.
func TestInspectPIR(t *testing.T) {
	got, err := Format{}.Inspect(fixture.Shared(t, "paddle", "kserve_cat_dog_pir"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Writer != "Paddle 3 program of PIR version 1" || got.Program != "cat_dog.json" || got.Params != "cat_dog.pdiparams" || got.Parameters != 28 {
		t.Errorf("%+v", got)
	}
	if d := cmp.Diff([]Variable{{Name: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 3, 224, 224}}}, got.Feeds); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Variable{{Name: "fetch_name_0", DType: sampan.Float32, Shape: sampan.Shape{-1, 2}}}, got.Fetches); d != "" {
		t.Error(d)
	}
	if !slices.ContainsFunc(got.Operators, func(o Operator) bool { return o.Name == "pd_op.conv2d" && o.Count == 4 }) {
		t.Errorf("no four pd_op.conv2d in %+v", got.Operators)
	}
}

func TestInspectFaults(t *testing.T) {
	text := opDesc("feed", bindings{"X": {"feed"}}, bindings{"Out": {"x"}},
		&paddle.OpDesc_Attr{Name: proto.String("col"), Type: paddle.AttrType_STRING.Enum(), S: proto.String("0")})
	vars := []*paddle.VarDesc{tensor("x"), tensor("y")}
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"nothing", fstest.MapFS{}, "there is no Paddle program; want __model__, *.pdmodel, model or *.json"},
		{"damaged", fstest.MapFS{"model": {Data: []byte{8, 1}}}, "model is not a Paddle program, or it is damaged"},
		{"no column", fstest.MapFS{"model": {Data: net(t, vars, text)}}, `model: feed: attribute "col" is STRING, want INT or LONG`},
		{"one place for two", fstest.MapFS{"model": {Data: net(t, vars, feedOp("x", 0), feedOp("y", 0))}}, `model: "x" and "y" are both feed 0`},
		{"twice in one place", fstest.MapFS{"model": {Data: net(t, vars, fetchOp("x", 3), fetchOp("y", 3))}}, `model: "x" and "y" are both fetch 3`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := (Format{}).inspect(c.fsys); err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestCombine(t *testing.T) {
	separate := linear(t)
	wantProgram := separate["__model__"].Data
	wantParams := bytes.Join([][]byte{separate["b"].Data, separate["w"].Data}, nil)
	combined := fstest.MapFS{"net": {Data: wantProgram}, "weights": {Data: wantParams}}
	for _, c := range []struct {
		format Format
		fsys   fstest.MapFS
	}{
		{Format{}, separate},
		{Format{Program: "net", Params: "weights"}, combined},
	} {
		program, params, err := c.format.combine(c.fsys)
		if err != nil || !bytes.Equal(program, wantProgram) || !bytes.Equal(params, wantParams) {
			t.Errorf("%+v: other files (%v)", c.format, err)
		}
	}
	if _, params, err := (Format{}).combine(fstest.MapFS{"model": {Data: net(t, nil)}}); err != nil || params != nil {
		t.Errorf("no parameters: %v, %v", params, err)
	}
}

// The parameters have to be those of the program; nothing outside is read.
func TestCombineFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		change func(fstest.MapFS)
		want   string
	}{
		{"a parameter is missing", Format{}, func(m fstest.MapFS) { delete(m, "w") },
			"parameter files are missing: w (nor is there a *.pdiparams, __params__ or params with all)"},
		{"of another model", Format{}, func(m fstest.MapFS) { m["w"] = m["b"] },
			"read w: shape [2], the program declares [3 2]"},
		{"the program as parameters", Format{Params: "__model__"}, func(fstest.MapFS) {},
			"read __model__: parameter b: "},
		{"no such file", Format{Params: "weights"}, func(fstest.MapFS) {}, "read weights: file does not exist"},
		{"outside", Format{Params: "../weights"}, func(fstest.MapFS) {}, `params "../weights" is not a file of the directory`},
		{"a program outside", Format{Program: "../net"}, func(fstest.MapFS) {}, `program "../net" is not a file of the directory`},
		{"a parameter outside", Format{}, func(m fstest.MapFS) {
			m["__model__"] = &fstest.MapFile{Data: net(t, []*paddle.VarDesc{weight("../../etc/passwd", 1)})}
		}, `parameter "../../etc/passwd" cannot be a file's name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := linear(t)
			c.change(fsys)
			_, _, err := c.format.combine(fsys)
			if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(c.want)) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
