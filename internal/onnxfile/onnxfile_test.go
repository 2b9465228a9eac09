package onnxfile

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// external is a weight whose elements are in another file. The generated messages have
// no external_data.
func external(name, location string) *onnx.TensorProto {
	entry := func(key, value string) []byte {
		out := protowire.AppendTag(nil, 1, protowire.BytesType)
		out = protowire.AppendString(out, key)
		out = protowire.AppendTag(out, 2, protowire.BytesType)
		return protowire.AppendString(out, value)
	}
	var raw []byte
	for _, e := range [][]byte{entry("location", location), entry("offset", "0")} {
		raw = protowire.AppendTag(raw, 13, protowire.BytesType)
		raw = protowire.AppendBytes(raw, e)
	}
	t := &onnx.TensorProto{Name: name, DataType: 1, Dims: []int64{2}}
	t.ProtoReflect().SetUnknown(raw)
	return t
}

// nested is a model with an operator in a branch, one of another domain, and weights
// in and outside the file.
func nested(t testing.TB) []byte {
	t.Helper()
	branch := &onnx.GraphProto{Node: []*onnx.NodeProto{{OpType: "Relu"}}, Initializer: []*onnx.TensorProto{external("c", "b.bin")}}
	m := &onnx.ModelProto{
		IrVersion: 8, ProducerName: "sampan",
		OpsetImport: []*onnx.OperatorSetIdProto{{Version: 17}, {Domain: "com.example", Version: 1}},
		Graph: &onnx.GraphProto{
			Node: []*onnx.NodeProto{
				{OpType: "If", Attribute: []*onnx.AttributeProto{{Name: "then_branch", Type: onnx.AttributeProto_GRAPH, G: branch}}},
				{OpType: "Relu"}, {OpType: "Fancy", Domain: "com.example"}, {OpType: "Add", Domain: "ai.onnx"},
			},
			Initializer: []*onnx.TensorProto{
				{Name: "w", DataType: 1, Dims: []int64{1024}, RawData: make([]byte, 4096)}, external("a", "b.bin"), external("b", "a.bin"),
			},
		},
	}
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, nested(t), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &Summary{
		IRVersion: 8, Producer: "sampan",
		Opsets:    []Opset{{"", 17}, {"com.example", 1}},
		Operators: []Operator{{"Relu", 2}, {"Add", 1}, {"If", 1}, {"com.example.Fancy", 1}},
		External:  []string{"a.bin", "b.bin"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The walk counts what the whole message has, on models that others wrote.
func TestLoadsWhatOthersWrite(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixture.Shared(t), "*", "*.onnx"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, want more than 10 (%v)", len(files), err)
	}
	for _, path := range files {
		got, err := Load(path)
		if err != nil {
			t.Error(err)
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m onnx.ModelProto
		if err := proto.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		count(m.Graph, want)
		counts := map[string]int{}
		for _, o := range got.Operators {
			counts[o.Name[strings.LastIndex(o.Name, ".")+1:]] += o.Count
		}
		if d := cmp.Diff(want, counts); d != "" || got.IRVersion != m.IrVersion || len(got.Opsets) != len(m.OpsetImport) {
			t.Errorf("%s: %+v\n%s", path, got, d)
		}
	}
}

func count(g *onnx.GraphProto, out map[string]int) {
	for _, n := range g.Node {
		out[n.OpType]++
		for _, a := range n.Attribute {
			if a.G != nil {
				count(a.G, out)
			}
		}
	}
}

func TestLoadFaults(t *testing.T) {
	deep := []byte{}
	for range 200 {
		graph := protowire.AppendBytes(protowire.AppendTag(nil, 6, protowire.BytesType), deep)
		attribute := protowire.AppendBytes(protowire.AppendTag(nil, 5, protowire.BytesType), graph)
		deep = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), attribute)
	}
	deep = protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), deep)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"text", []byte("not a model"), "field 13 has wire type 6"},
		{"cut", nested(t)[:300], "field 7 is longer than its message"},
		{"a gigantic claim", []byte{0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, "field 7 is longer than its message"},
		{"a long name", append([]byte{0x12, 0x81, 0x80, 0x40}, make([]byte, 1<<20+1)...), "field 2 is no text of at most 1048576 bytes"},
		{"a number for a graph", []byte{0x38, 1}, "a number stands for a message"},
		{"field 0", []byte{0x00, 1}, "field 0 is not valid"},
		{"a tag that does not end", []byte{0x80}, "unexpected EOF"},
		{"deep", deep, "messages lie more than 100 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m.onnx")
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			want := path + " is not an ONNX model, or it is damaged: " + c.want
			if _, err := Load(path); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	if _, err := Load(t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), " is not a file") {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(nested(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := read(&walker{r: bufio.NewReader(bytes.NewReader(data))}, int64(len(data)))
		if err != nil {
			return
		}
		n := len(s.Opsets) + len(s.External)
		for _, o := range s.Operators {
			n += o.Count
		}
		if n > len(data) {
			t.Fatalf("%d things in %d bytes", n, len(data))
		}
	})
}
