package numpytext_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/numpytext"
)

type golden struct {
	DType string
	Shape sampan.Shape
	Data  json.RawMessage
	Repr  string
	Str   string
}

func (g golden) tensor(t *testing.T) sampan.Tensor {
	t.Helper()
	if g.DType == "string" {
		var elements []string
		if err := json.Unmarshal(g.Data, &elements); err != nil {
			t.Fatal(err)
		}
		out, err := sampan.OfStrings(g.Shape, elements)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var text string
	if err := json.Unmarshal(g.Data, &text); err != nil {
		t.Fatal(err)
	}
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for d := sampan.DType(0); d < 64; d++ {
		if d.String() == g.DType {
			return sampan.Tensor{DType: d, Shape: g.Shape, Data: append(make([]byte, 0, len(data)+8), data...)}
		}
	}
	t.Fatalf("dtype %q", g.DType)
	return sampan.Tensor{}
}

// goldens were printed by numpy 1.26.4: testdata/goldens.py.
func goldens(t *testing.T) []golden {
	t.Helper()
	f, err := os.Open("testdata/goldens.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Arrays []golden }
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all.Arrays
}

func TestGoldens(t *testing.T) {
	for i, g := range goldens(t) {
		in := g.tensor(t)
		repr, err := numpytext.AppendRepr([]byte("before"), in)
		if want := "before" + g.Repr; err != nil || string(repr) != want {
			t.Errorf("%d: %s %v: repr, %v\n%s\nwant\n%s", i, g.DType, g.Shape, err, repr, want)
		}
		str, err := numpytext.AppendStr(nil, in)
		if err != nil || string(str) != g.Str {
			t.Errorf("%d: %s %v: str, %v\n%s\nwant\n%s", i, g.DType, g.Shape, err, str, g.Str)
		}
		back, err := numpytext.Parse([]byte(g.Repr))
		if err != nil {
			t.Errorf("%d: Parse(%s): %v", i, g.Repr, err)
			continue
		}
		if fmt.Sprint(back.Shape) != fmt.Sprint(in.Shape) || back.DType != in.DType {
			t.Errorf("%d: Parse(%s) is %s %v", i, g.Repr, back.DType, back.Shape)
		}
		if again, err := numpytext.AppendRepr(nil, back); err != nil || string(again) != g.Repr {
			t.Errorf("%d: Parse(%s) prints as %s, %v", i, g.Repr, again, err)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"array([[0.5, 1]], dtype=float32)", "float32 [1 2] [[0.5 1. ]]"},
		{"np.array([1, 2])", "int64 [2] [1 2]"},
		{"numpy.array((1., 2.), dtype='float32')", "float32 [2] [1. 2.]"},
		{"array([1, 2], dtype=np.int8)", "int8 [2] [1 2]"},
		{" [ [1,2] , [3,4] ] ", "int64 [2 2] [[1 2]\n [3 4]]"},
		{"[1, 2,]", "int64 [2] [1 2]"},
		{"(1, 2.5)", "float64 [2] [1.  2.5]"},
		{"[True, False]", "bool [2] [ True False]"},
		{"[True, 2]", "int64 [2] [1 2]"},
		{"7", "int64 [] 7"},
		{"-1e3", "float64 [] -1000.0"},
		{"[nan, -inf, inf]", "float64 [3] [ nan -inf  inf]"},
		{"[[18.901152]\n [1. ]]", "float64 [2 1] [[18.901152]\n [ 1.      ]]"},
		{"[ nan  True]", "float64 [2] [nan  1.]"},
		{"[]", "float64 [0] []"},
		{"[[], []]", "float64 [2 0] []"},
		{"array([], shape=(0, 3), dtype=int32)", "int32 [0 3] []"},
		{`['a', "b'c"]`, `string [2] ['a' "b'c"]`},
		{`['\xe9\n']`, `string [1] ['é\n']`},
		{"[1e400]", "float64 [1] [inf]"},
		{"array([1.7], dtype=bool)", "bool [1] [ True]"},
	} {
		got, err := numpytext.Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		str, err := numpytext.AppendStr(nil, got)
		if all := fmt.Sprint(got.DType, " ", got.Shape, " ", string(str)); err != nil || all != c.want {
			t.Errorf("%s: %s, %v, want %s", c.text, all, err, c.want)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "at character 0: it ends, want a number, a text or a list"},
		{"abc", `at character 0: "abc" is not a number`},
		{"[1, 2", `at character 5: it ends, want "," or "]"`},
		{"[[1, 2], [3]]", "at character 12: a list of 1 elements, the first of its dimension has 2"},
		{"[1, [2]]", "at character 5: a list where others have a number"},
		{"[[1], 2]", "at character 6: a number where others have a list"},
		{"[[], [1]]", "a list of 1 elements, the first of its dimension has 0"},
		{"array([1]", `at character 9: it ends, want ")"`},
		{"array([1], dtype=object)", `at character 17: dtype "object" is not known`},
		{"array([300], dtype=uint8)", `at character 7: "300" is not an unsigned integer of 8 bits`},
		{"array([1.5], dtype=int32)", `"1.5" is not an integer of 32 bits`},
		{"__import__('os')", `"__import__" is not a number`},
		{"[1] + [2]", `at character 4: got '+', want the end`},
		{"[1 ... 3]", `"..." is not a number`},
		{"[1[2]]", `got '[', want "," or "]"`},
		{"[1, 'a']", "texts and numbers in one array"},
		{"array([1], shape=(0,))", "a shape beside elements"},
		{"array([], shape=(2,))", "shape [2] has elements, and none are given"},
		{"array([], shape=(99999999999,))", "want a size"},
		{"['a", "a text without its end"},
		{"[0x10]", `"0x10" is not a number`},
		{strings.Repeat("[", 40), "more than 32 brackets in each other"},
		{strings.Repeat("9", 500), "a number of 500 characters"},
	} {
		got, err := numpytext.Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40s: %v %v, want %q", c.text, got, err, c.want)
		}
		if sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%.40s: code %v", c.text, sampan.CodeOf(err))
		}
	}
}

func TestNoText(t *testing.T) {
	z, _ := sampan.Of(sampan.Shape{1}, []complex64{1})
	if _, err := numpytext.AppendRepr(nil, z); sampan.CodeOf(err) != sampan.Unimplemented {
		t.Errorf("complex64: %v, want Unimplemented", err)
	}
	lying := sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{1 << 40}, Data: make([]byte, 4)}
	for _, print := range []func([]byte, sampan.Tensor) ([]byte, error){numpytext.AppendRepr, numpytext.AppendStr} {
		if _, err := print(nil, lying); err == nil {
			t.Error("a shape that the data does not fill was printed")
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"array([[0.5, 1]], dtype=float32)", "[[1,2],[3,4]]", "['a', 'b']", "array([], shape=(0, 3), dtype=int32)", "(True, nan)"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		in, err := numpytext.Parse(text)
		if err != nil {
			return
		}
		if err := in.Validate(); err != nil {
			t.Fatalf("Parse(%q) is not valid: %v", text, err)
		}
		repr, err := numpytext.AppendRepr(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		back, err := numpytext.Parse(repr)
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, repr, err)
		}
		again, err := numpytext.AppendRepr(nil, back)
		if err != nil || !bytes.Equal(repr, again) {
			t.Fatalf("%q prints as %q, then %q, %v", text, repr, again, err)
		}
	})
}

func BenchmarkRepr(b *testing.B) {
	values := make([]float32, 150528)
	for i := range values {
		values[i] = float32(math.Sin(float64(i)))
	}
	in, _ := sampan.Of(sampan.Shape{1, 3, 224, 224}, values)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if out, err = numpytext.AppendRepr(out[:0], in); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(out)))
}
