package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// scorer takes two inputs and gives two outputs; size is not fixed in the middle.
func scorer() Signature {
	ids := Field{Name: "ids", Alias: "ids", DType: sampan.Int64, Shape: sampan.Shape{-1, -1, 2}, Dims: []string{"batch", "length", ""}}
	return Signature{
		Inputs:  []Field{field("x", -1, 13), ids},
		Outputs: []Field{field("score", -1, 1), field("label", -1, 7, 3)},
	}
}

const (
	feedX      = `feed_var { name: "x" alias_name: "x" feed_type: 1 shape: 13 } `
	feedIDs    = `feed_var { name: "ids" alias_name: "words" feed_type: 0 shape: 2 } `
	fetchScore = `fetch_var { name: "score" alias_name: "price" fetch_type: 1 shape: 1 } `
	fetchLabel = `fetch_var { name: "label" fetch_type: 1 shape: 7 shape: 3 is_lod_tensor: true } `
)

func TestSignatureFile(t *testing.T) {
	m := load(t, &fake{signature: scorer()}, feedIDs+feedX+fetchLabel+fetchScore, Options{})
	want := Signature{
		Inputs: []Field{
			{Name: "ids", Alias: "words", DType: sampan.Int64, Shape: sampan.Shape{-1, -1, 2}, Dims: []string{"batch", "length", ""}},
			field("x", -1, 13),
		},
		Outputs: []Field{
			{Name: "label", Alias: "label", DType: sampan.Float32, Shape: sampan.Shape{-1, 7, 3}, LoD: true},
			{Name: "score", Alias: "price", DType: sampan.Float32, Shape: sampan.Shape{-1, 1}},
		},
	}
	if diff := cmp.Diff(want, *m.Signature()); diff != "" {
		t.Error(diff)
	}
}

func TestSignatureFileMayNameSomeOutputs(t *testing.T) {
	f := &fake{signature: scorer()}
	f.run = func(_ context.Context, _, outputs []sampan.Tensor) error {
		if len(outputs) != 2 {
			t.Errorf("the session is run for %d outputs, want its own 2", len(outputs))
		}
		outputs[0], outputs[1] = rows(t, 1, 10), rows(t, 1, 11)
		return nil
	}
	for conf, want := range map[string]float32{feedX + feedIDs + fetchScore: 10, feedX + feedIDs + fetchLabel: 11} {
		m := load(t, f, conf, Options{})
		x, _ := sampan.New(sampan.Float32, sampan.Shape{1, 13})
		ids, _ := sampan.New(sampan.Int64, sampan.Shape{1, 5, 2})
		got, err := m.Run(context.Background(), []sampan.Tensor{x, ids})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]float32{want}, values(t, got)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestOrder runs a model whose signature file turns both lists round: what the caller
// gives and gets is in the file's order, what the session sees in the model's.
func TestOrder(t *testing.T) {
	f := &fake{signature: Signature{
		Inputs:  []Field{field("a", -1, 1), field("b", -1, 1), field("c", -1, 1)},
		Outputs: []Field{field("p", -1, 1), field("q", -1, 1), field("r", -1, 1)},
	}}
	var seen []float32
	f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
		seen = values(t, inputs)
		outputs[0], outputs[1], outputs[2] = rows(t, 1, 'p'), rows(t, 1, 'q'), rows(t, 1, 'r')
		return nil
	}
	conf := ""
	for _, name := range []string{"b", "c", "a"} {
		conf += `feed_var { name: "` + name + `" feed_type: 1 shape: 1 } `
	}
	for _, name := range []string{"r", "p", "q"} {
		conf += `fetch_var { name: "` + name + `" fetch_type: 1 shape: 1 } `
	}
	given := []sampan.Tensor{rows(t, 1, 'b'), rows(t, 1, 'c'), rows(t, 1, 'a')}
	got, err := load(t, f, conf, Options{}).Run(context.Background(), given)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{'a', 'b', 'c'}, seen); diff != "" {
		t.Errorf("the session saw\n%s", diff)
	}
	if diff := cmp.Diff([]float32{'r', 'p', 'q'}, values(t, got)); diff != "" {
		t.Errorf("the caller got\n%s", diff)
	}
	if diff := cmp.Diff([]float32{'b', 'c', 'a'}, values(t, given)); diff != "" {
		t.Errorf("the caller's list changed\n%s", diff)
	}
}

func TestSignatureFileFaults(t *testing.T) {
	const contradicts = "the signature file contradicts the model: "
	edit := func(conf, old, new string) string {
		if !strings.Contains(conf, old) {
			t.Fatalf("%q is not in %q", old, conf)
		}
		return strings.Replace(conf, old, new, 1)
	}
	good := feedX + feedIDs + fetchScore + fetchLabel
	for _, c := range []struct{ name, conf, want string }{
		{"unknown feed", edit(good, `name: "x"`, `name: "X"`), contradicts + `feed_var "X" is not in the model, which has "x", "ids"`},
		{"unknown fetch", edit(good, `name: "label"`, `name: "lable"`), contradicts + `fetch_var "lable" is not in the model, which has "score", "label"`},
		{"feed dtype", edit(good, "feed_type: 1", "feed_type: 0"), contradicts + `feed_var "x": feed_type says int64, the model has float32`},
		{"fetch dtype", edit(good, "fetch_type: 1", "fetch_type: 2"), contradicts + `fetch_var "score": fetch_type says int32, the model has float32`},
		{"size", edit(good, "shape: 13", "shape: 12"), contradicts + `feed_var "x": shape [12] without the batch, the model has [-1 13]`},
		{"rank", edit(good, "shape: 13", "shape: 13 shape: 1"), contradicts + `feed_var "x": shape [13 1] without the batch, the model has [-1 13]`},
		{"fetch size", edit(good, "shape: 1 }", "shape: 5 }"), contradicts + `fetch_var "score": shape [5] without the batch, the model has [-1 1]`},
		{"missing input", edit(good, feedIDs, ""), contradicts + `the model's input "ids" has no feed_var`},
		{"input twice", edit(good, feedX, feedX+edit(feedX, `alias_name: "x"`, `alias_name: "z"`)), contradicts + `3 feed_var, the model has 2 inputs`},
		{"input in the place of another", edit(good, feedIDs, edit(feedX, `alias_name: "x"`, `alias_name: "z"`)), contradicts + `the model's input "ids" has no feed_var`},
		{"all at once", edit(edit(edit(good, "feed_type: 1", "feed_type: 0"), feedIDs, ""), "shape: 1 }", "shape: 5 }"), contradicts +
			`feed_var "x": feed_type says int64, the model has float32` + "\n" +
			`fetch_var "score": shape [5] without the batch, the model has [-1 1]` + "\n" +
			`the model's input "ids" has no feed_var`},
		{"unknown field", edit(good, "feed_type", "feed_typ"), `line 1:38: unknown field "feed_typ"; did you mean "feed_type"?`},
		{"no fetch", feedX, "1 feed_var and 0 fetch_var, want at least one of each"},
		{"type that is not known", edit(good, "feed_type: 1", "feed_type: 99"), `feed_var "x": feed_type 99 is not known`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := directory(t, map[string]string{"model.onnx": "", "serving_server_conf.prototxt": c.conf})
			f := &fake{signature: scorer()}
			_, err := Open(context.Background(), dir, Options{Name: "m", Backend: f})
			fails(t, err, sampan.InvalidArgument, `load model "m": `+dir+"/serving_server_conf.prototxt: "+c.want)
			if f.closes != f.loads {
				t.Errorf("%d sessions were made and %d closed", f.loads, f.closes)
			}
		})
	}
}

// TestShapes has shapes of signature files that agree with the model's, and some that
// do not. Paddle Serving's converter drops the batch and leaves out every size that is
// not fixed; people write -1.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		file, model sampan.Shape
		want        bool
	}{
		{sampan.Shape{13}, sampan.Shape{-1, 13}, true},
		{sampan.Shape{12}, sampan.Shape{-1, 13}, false},
		{sampan.Shape{3, 224, 224}, sampan.Shape{-1, 3, 224, 224}, true},
		{sampan.Shape{3, 640, 640}, sampan.Shape{-1, 3, -1, -1}, true},
		{sampan.Shape{3, -1, -1}, sampan.Shape{-1, 3, -1, -1}, true},
		{sampan.Shape{3, -1, -1}, sampan.Shape{-1, 3, 224, 224}, true},
		{sampan.Shape{4, -1, -1}, sampan.Shape{-1, 3, -1, -1}, false},
		{sampan.Shape{3}, sampan.Shape{-1, 3, -1, -1}, true},
		{sampan.Shape{4}, sampan.Shape{-1, 3, -1, -1}, false},
		{sampan.Shape{}, sampan.Shape{-1, -1}, true},
		{nil, sampan.Shape{-1}, true},
		{sampan.Shape{1}, sampan.Shape{-1}, true},
		{sampan.Shape{6625}, sampan.Shape{-1, -1, 6625}, true},
		{sampan.Shape{1, 3, 224}, sampan.Shape{1, 3, 224}, true},
		{sampan.Shape{1, 3}, sampan.Shape{1, 3, -1}, true},
		{sampan.Shape{5, 7}, sampan.Shape{5, 7, -1}, true},
		{sampan.Shape{5, 8}, sampan.Shape{5, 7, -1}, false},
		{nil, nil, true},
		{sampan.Shape{2}, nil, false},
	} {
		if got := agrees(c.file, c.model); got != c.want {
			t.Errorf("file %v, model %v: %v, want %v", c.file, c.model, got, c.want)
		}
	}
}

// Of [-1 -1 97] the converter leaves 97, and the runtime may know that it is [-1 80 97].
func TestOutputShapes(t *testing.T) {
	for _, c := range []struct {
		file, model sampan.Shape
		want        bool
	}{
		{sampan.Shape{97}, sampan.Shape{-1, 80, 97}, true},
		{sampan.Shape{2, 5}, sampan.Shape{-1, 2, 80, 5}, true},
		{sampan.Shape{-1, 97}, sampan.Shape{-1, 80, 97}, true},
		{sampan.Shape{96}, sampan.Shape{-1, 80, 97}, false},
		{sampan.Shape{97, 80}, sampan.Shape{-1, 80, 97}, false},
		{sampan.Shape{97, 97}, sampan.Shape{-1, 80, 97}, false},
		{nil, sampan.Shape{80, 97}, true},
		{sampan.Shape{1}, nil, false},
	} {
		if got := agreesOutput(c.file, c.model); got != c.want {
			t.Errorf("file %v, model %v: %v, want %v", c.file, c.model, got, c.want)
		}
	}
	if agrees(sampan.Shape{97}, sampan.Shape{-1, 80, 97}) {
		t.Error("an input may have more fixed sizes than the file says")
	}
}

// The outputs of a translated model keep their dtype; its inputs have to be as the file
// says.
func TestDTypesOfATranslatedModel(t *testing.T) {
	signature := Signature{Inputs: []Field{field("x", -1, 1)}, Outputs: []Field{field("y", -1, 1)}}
	open := func(feed, fetch string) (*Model, error) {
		conf := `feed_var { name: "x" shape: 1 feed_type: ` + feed + ` } fetch_var { name: "y" shape: 1 fetch_type: ` + fetch + ` }`
		dir := directory(t, map[string]string{"program": "", "serving_server_conf.prototxt": conf})
		return Open(context.Background(), dir, Options{Name: "m", Backend: &fake{signature: signature}, Translators: []Translator{format{}}})
	}
	m, err := open("1", "2")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if got := m.Signature().Outputs[0].DType; got != sampan.Float32 {
		t.Errorf("the output is %s, want the model's float32", got)
	}
	if _, err := open("2", "1"); err == nil || !strings.Contains(err.Error(), `feed_var "x": feed_type says int32, the model has float32`) {
		t.Error(err)
	}
}

func TestLoDFeedHasNoShape(t *testing.T) {
	signature := Signature{Inputs: []Field{field("x", -1, 13)}, Outputs: []Field{field("y", -1, 1)}}
	conf := `feed_var { name: "x" feed_type: 1 shape: 7 is_lod_tensor: true } fetch_var { name: "y" fetch_type: 1 shape: 1 }`
	in := load(t, &fake{signature: signature}, conf, Options{}).Signature().Inputs[0]
	if !in.LoD || !in.Shape.Equal(sampan.Shape{-1, 13}) {
		t.Errorf("got %+v, want LoD and the model's shape", in)
	}
}

// binaryConf is `feed_var { name: "x" feed_type: 1 } fetch_var { name: "y" alias_name:
// "price" fetch_type: 1 }` in protobuf's binary form.
const binaryConf = "\x0a\x05\x0a\x01x\x20\x01\x12\x0c\x0a\x01y\x12\x05price\x20\x01"

func TestBinarySignatureFile(t *testing.T) {
	f := &fake{signature: Signature{Inputs: []Field{field("x", -1)}, Outputs: []Field{field("y", -1)}}}
	dir := directory(t, map[string]string{"model.onnx": "", "serving_server_conf.stream.prototxt": binaryConf})
	m, err := Open(context.Background(), dir, Options{Name: "m", Backend: f})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if got := m.Signature().Outputs[0].Alias; got != "price" {
		t.Errorf("alias %q, want \"price\"", got)
	}
	dir = directory(t, map[string]string{"model.onnx": "", "serving_server_conf.stream.prototxt": binaryConf[:7]})
	_, err = Open(context.Background(), dir, Options{Name: "m", Backend: f})
	fails(t, err, sampan.InvalidArgument, `load model "m": `+dir+"/serving_server_conf.stream.prototxt: 1 feed_var and 0 fetch_var, want at least one of each")
	dir = directory(t, map[string]string{"model.onnx": "", "serving_server_conf.stream.prototxt": binaryConf[:9]})
	_, err = Open(context.Background(), dir, Options{Name: "m", Backend: f})
	fails(t, err, sampan.InvalidArgument, `load model "m": `+dir+"/serving_server_conf.stream.prototxt: the file is not a binary model config")
}

func TestOtherSignatureFile(t *testing.T) {
	f := &fake{signature: scorer()}
	dir := directory(t, map[string]string{"model.onnx": "", "serving_server_conf.prototxt": "not read",
		"other.prototxt": feedX + feedIDs + fetchScore})
	other := filepath.Join(dir, "other.prototxt")
	m, err := Open(context.Background(), dir, Options{Name: "m", Backend: f, Conf: other})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if got := m.Signature().Outputs[0].Alias; got != "price" {
		t.Errorf("alias %q, want \"price\"", got)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), dir, Options{Name: "m", Backend: f, Conf: other})
	fails(t, err, sampan.InvalidArgument, `load model "m": open `+other+": no such file or directory")
}
