package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// vars has a variable of every dtype, named after it, and one with LoD.
func vars() []client.Var {
	out := []client.Var{{Alias: "lod", DType: sampan.Int64, LoD: true}}
	for _, d := range []sampan.DType{sampan.Float32, sampan.Float64, sampan.Float16, sampan.BFloat16, sampan.Int64, sampan.Int32,
		sampan.Int16, sampan.Int8, sampan.Uint8, sampan.Bool, sampan.String} {
		out = append(out, client.Var{Alias: d.String(), DType: d})
	}
	return out
}

func TestParseFeeds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(file, []byte("[1, 2]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nested, err := sampan.Of(sampan.Shape{2, 1, 3}, []int64{1, 2, 3, 4, 5, 1 << 62})
	if err != nil {
		t.Fatal(err)
	}
	texts, err := sampan.OfStrings(sampan.Shape{2, 2}, []string{"a", "b", "c", "d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want client.Feed
	}{
		{nil, client.Feed{}},
		{[]string{"float32=[1, -2.5e1]"}, client.Feed{"float32": []float32{1, -25}}},
		{[]string{"float32=7"}, client.Feed{"float32": []float32{7}}},
		{[]string{"float32=[]"}, client.Feed{"float32": []float32{}}},
		{[]string{"float32=@" + file}, client.Feed{"float32": []float32{1, 2}}},
		{[]string{"float64=[0.1]", "int64=[9007199254740993]"}, client.Feed{"float64": []float64{0.1}, "int64": []int64{9007199254740993}}},
		{[]string{"float16=[1]"}, client.Feed{"float16": []sampan.F16{sampan.ToF16(1)}}},
		{[]string{"int32=[-2147483648]"}, client.Feed{"int32": []int32{-2147483648}}},
		{[]string{"int16=[-1]"}, client.Feed{"int16": []int16{-1}}},
		{[]string{"int8=[-128]"}, client.Feed{"int8": []int8{-128}}},
		{[]string{"uint8=[255]"}, client.Feed{"uint8": []uint8{255}}},
		{[]string{"bool=[true,false]"}, client.Feed{"bool": []bool{true, false}}},
		{[]string{`string=["a=b", "舢舨"]`}, client.Feed{"string": []string{"a=b", "舢舨"}}},
		{[]string{"int64=[[[1,2,3]],[[4,5,4611686018427387904]]]"}, client.Feed{"int64": nested}},
		{[]string{`string=[["a","b"],["c","d"]]`}, client.Feed{"string": texts}},
		// The client complains of names that are not known.
		{[]string{"stranger=[1]"}, client.Feed{"stranger": []float32{1}}},
	} {
		got, err := parseFeeds(c.args, nil, vars())
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q:\n%s", c.args, diff)
		}
	}
}

func TestParseLoD(t *testing.T) {
	divided := func(shape sampan.Shape, lod sampan.LoD, numbers ...int64) sampan.Tensor {
		out, err := sampan.Of(shape, numbers)
		if err != nil {
			t.Fatal(err)
		}
		out.LoD = lod
		return out
	}
	for _, c := range []struct {
		feed, lod string
		want      any
	}{
		{"lod=[8,233,52]", "", []int64{8, 233, 52}},
		{"lod=[[8,233,52],[],[601]]", "", client.Sequences([]any{[]int64{8, 233, 52}, []int64{}, []int64{601}})},
		{"lod=[8,233,52]", "lod=[0,2,3]", divided(sampan.Shape{3, 1}, sampan.LoD{{0, 2, 3}}, 8, 233, 52)},
		{"lod=[8,233,52]", "lod=[[0,2],[0,2,3]]", divided(sampan.Shape{3, 1}, sampan.LoD{{0, 2}, {0, 2, 3}}, 8, 233, 52)},
	} {
		var lods []string
		if c.lod != "" {
			lods = append(lods, c.lod)
		}
		got, err := parseFeeds([]string{c.feed}, lods, vars())
		if err != nil {
			t.Errorf("%s %s: %v", c.feed, c.lod, err)
		} else if diff := cmp.Diff(c.want, got["lod"], cmp.AllowUnexported(client.Sequence{})); diff != "" {
			t.Errorf("%s %s:\n%s", c.feed, c.lod, diff)
		}
	}
	for lod, want := range map[string]string{
		"lod":          `--lod "lod": want NAME=OFFSETS, such as words=[0,2,5]`,
		"lod=x":        "--lod lod: want offsets such as [0,2,5]",
		"lod=[0.5]":    "--lod lod: want offsets such as [0,2,5]",
		"other=[0,1]":  "--lod other: nothing is fed under that name",
		"nested=[0,1]": "--lod nested: the lists in the feed are sequences already; give a flat list, or leave --lod out",
		"int8=[0,1]":   "--lod int8: elements of []int8 cannot be divided; give a list of lists",
	} {
		all := append(vars(), client.Var{Alias: "nested", DType: sampan.Int64, LoD: true})
		_, err := parseFeeds([]string{"lod=[1]", "nested=[[1]]", "int8=[1]"}, []string{lod}, all)
		if err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", lod, err, want)
		}
	}
}

func TestParseFeedFaults(t *testing.T) {
	for arg, want := range map[string]string{
		"x":                           `--feed "x": want NAME=JSON, such as x=[0.1,0.2]`,
		"float32=":                    "--feed float32: not JSON: EOF",
		"float32=[1":                  "--feed float32: not JSON: unexpected EOF",
		"float32=[1] x":               "--feed float32: not JSON: more after the value",
		"float32=@/none":              "--feed float32: open /none: no such file or directory",
		"float32=[[1,2],[3]]":         "--feed float32: the list is ragged",
		"float32=[1,[2]]":             "--feed float32: the list is ragged",
		"float32=[[1],2]":             "--feed float32: the list is ragged",
		"float32=[null]":              "--feed float32: want numbers, texts or lists of them, not <nil>",
		`float32={"a":1}`:             "--feed float32: want numbers, texts or lists of them, not map[string]interface {}",
		`float32=["one"]`:             `--feed float32: element 0: "one" is not a number`,
		"float32=[0,1e99]":            `--feed float32: element 1: "1e99" is not a number`,
		"int64=[1.5]":                 `--feed int64: element 0: "1.5" is not a whole number of int64`,
		"int64=[1,true]":              `--feed int64: element 1: "true" is not a whole number of int64`,
		"int64=[9223372036854775808]": `--feed int64: element 0: "9223372036854775808" is not a whole number of int64`,
		"int8=[128]":                  `--feed int8: element 0: "128" is not a whole number of int8`,
		"uint8=[-1]":                  `--feed uint8: element 0: "-1" is not a whole number of uint8`,
		"bool=[2]":                    `--feed bool: element 0: "2" is not true or false`,
		"bfloat16=[1]":                "--feed bfloat16: elements of bfloat16 cannot be fed from the command line; use the SDK",
		"lod=[[1],[null]]":            "--feed lod: sequence 1: want numbers, texts or lists of them, not <nil>",
	} {
		got, err := parseFeeds([]string{arg}, nil, vars())
		if err == nil {
			t.Errorf("%s: got %v, want %s", arg, got, want)
		} else if err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", arg, err, want)
		}
	}
	if _, err := parseFeeds([]string{"float32=[1]", "float32=[2]"}, nil, vars()); err == nil || err.Error() != `--feed "float32" is there twice` {
		t.Errorf("twice: %v", err)
	}
}

// FuzzParseFeed checks that whatever is accepted has as many elements as its shape.
func FuzzParseFeed(f *testing.F) {
	for _, seed := range []string{"[1,2]", "[[1],[2]]", "[[],[]]", "[[[]]]", "7", `["a"]`, "[[1,2],[3]]", "[", "[[[1,2]],[[3,4]]]"} {
		for d := range vars() {
			f.Add([]byte(seed), d)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, i int) {
		all := vars()
		if i < 0 || i >= len(all) {
			return
		}
		value, err := parseFeed(data, all[i])
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without a text")
			}
			return
		}
		if tensor, ok := value.(sampan.Tensor); ok {
			if tensor.DType != all[i].DType {
				t.Errorf("%s: %s", data, tensor.DType)
			}
			if err := tensor.Validate(); err != nil {
				t.Errorf("%s: %v", data, err)
			}
		}
	})
}
