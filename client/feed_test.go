package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
)

// kinds is a model that takes one variable of each sort.
const kinds = `
feed_var { name: "image" feed_type: 1 shape: 3 shape: 2 shape: 2 }
feed_var { name: "any" feed_type: 1 shape: 3 }
feed_var { name: "open" feed_type: 1 shape: 2 shape: -1 }
feed_var { name: "scalar" feed_type: 1 }
feed_var { name: "long" feed_type: 0 shape: 2 }
feed_var { name: "int" feed_type: 2 shape: 2 }
feed_var { name: "half" feed_type: 5 shape: 2 }
feed_var { name: "brain" feed_type: 6 shape: 2 }
feed_var { name: "byte" feed_type: 7 shape: 2 }
feed_var { name: "flag" feed_type: 9 shape: 2 }
feed_var { name: "text" feed_type: 20 shape: 1 }
feed_var { name: "words" is_lod_tensor: true feed_type: 0 shape: -1 }
feed_var { name: "vectors" is_lod_tensor: true feed_type: 1 shape: -1 }
fetch_var { name: "y" fetch_type: 1 shape: 1 }
`

func tensorOf[T sampan.Element](shape sampan.Shape, data ...T) sampan.Tensor {
	t, err := sampan.Of(shape, data)
	if err != nil {
		panic(err)
	}
	return t
}

func textsOf(shape sampan.Shape, data ...string) sampan.Tensor {
	t, err := sampan.OfStrings(shape, data)
	if err != nil {
		panic(err)
	}
	return t
}

func withLoD(t sampan.Tensor, levels ...[]int64) sampan.Tensor {
	t.LoD = levels
	return t
}

var twelve = []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}

type celsius float32

func TestFeedForms(t *testing.T) {
	vars := map[string]*Var{}
	c := loadText(t, kinds)
	for i := range c.feeds {
		vars[c.feeds[i].Alias] = &c.feeds[i]
	}
	cube := [][][]float32{{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}, {{8, 9}, {10, 11}}}
	image := sampan.Shape{1, 3, 2, 2}
	tests := []struct {
		name, feed string
		value      any
		batch      bool
		want       sampan.Tensor
	}{
		{"flat list", "image", twelve, false, tensorOf(image, twelve...)},
		{"nested lists", "image", cube, false, tensorOf(image, twelve...)},
		{"arrays", "image", [3][2][2]float32{{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}, {{8, 9}, {10, 11}}}, false, tensorOf(image, twelve...)},
		{"tensor", "image", tensorOf(sampan.Shape{3, 2, 2}, twelve...), false, tensorOf(image, twelve...)},
		{"pointer to tensor", "image", new(tensorOf(sampan.Shape{3, 2, 2}, twelve...)), false, tensorOf(image, twelve...)},
		{"dense", "image", tensor.New(tensor.WithShape(3, 2, 2), tensor.WithBacking(twelve)), false, tensorOf(image, twelve...)},
		{"dense of float64", "any", tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1, 2, 3})), false, tensorOf(sampan.Shape{1, 3}, float32(1), 2, 3)},
		{"named element type", "any", []celsius{1, 2, 3}, false, tensorOf(sampan.Shape{1, 3}, float32(1), 2, 3)},
		{"float64 flat", "any", []float64{1, 2, 0.1}, false, tensorOf(sampan.Shape{1, 3}, 1, 2, float32(0.1))},
		{"float64 nested", "any", [][]float64{{1, 2, 3}, {4, 5, 6}}, true, tensorOf(sampan.Shape{2, 3}, float32(1), 2, 3, 4, 5, 6)},
		{"more dimensions than the config knows", "any", tensorOf(sampan.Shape{3, 1, 2}, float32(1), 2, 3, 4, 5, 6), false, tensorOf(sampan.Shape{1, 3, 1, 2}, float32(1), 2, 3, 4, 5, 6)},
		{"open size", "open", []float32{1, 2, 3, 4}, false, tensorOf(sampan.Shape{1, 2, 2}, float32(1), 2, 3, 4)},
		{"open size, nested", "open", [][]float32{{1}, {2}}, false, tensorOf(sampan.Shape{1, 2, 1}, float32(1), 2)},
		{"scalar", "scalar", float32(7), false, tensorOf(sampan.Shape{1}, float32(7))},
		{"scalars", "scalar", []float32{7, 8}, true, tensorOf(sampan.Shape{2}, float32(7), 8)},
		{"batch of flat rows", "long", []int64{1, 2, 3, 4}, true, tensorOf(sampan.Shape{2, 2}, int64(1), 2, 3, 4)},
		{"batch of lists", "long", [][]int64{{1, 2}, {3, 4}}, true, tensorOf(sampan.Shape{2, 2}, int64(1), 2, 3, 4)},
		{"batch of none", "long", []int64{}, true, tensorOf[int64](sampan.Shape{0, 2})},
		{"int for int64", "long", []int{1, -2}, false, tensorOf(sampan.Shape{1, 2}, int64(1), -2)},
		{"int for int32", "int", [][]int{{1, -2}, {3, 4}}, true, tensorOf(sampan.Shape{2, 2}, int32(1), -2, 3, 4)},
		{"int32", "int", []int32{1, 2}, false, tensorOf(sampan.Shape{1, 2}, int32(1), 2)},
		{"float16", "half", []sampan.F16{1, 2}, false, tensorOf(sampan.Shape{1, 2}, sampan.F16(1), 2)},
		{"bfloat16", "brain", []sampan.BF16{1, 2}, false, tensorOf(sampan.Shape{1, 2}, sampan.BF16(1), 2)},
		{"bytes", "byte", []byte{1, 2}, false, tensorOf(sampan.Shape{1, 2}, uint8(1), 2)},
		{"bools", "flag", []bool{true, false}, false, tensorOf(sampan.Shape{1, 2}, true, false)},
		{"string", "text", "nǐ hǎo", false, textsOf(sampan.Shape{1, 1}, "nǐ hǎo")},
		{"strings", "text", []string{"a", "b"}, true, textsOf(sampan.Shape{2, 1}, "a", "b")},
		{"nested strings", "text", [][]string{{"a"}, {"b"}}, true, textsOf(sampan.Shape{2, 1}, "a", "b")},
		{"bytes as a string", "text", []byte("abc"), false, textsOf(sampan.Shape{1, 1}, "abc")},
		{"lists of bytes as strings", "text", [][]byte{[]byte("abc"), nil}, true, textsOf(sampan.Shape{2, 1}, "abc", "")},
		{"sequences", "words", Sequences([][]int64{{8, 233, 52}, {}, {601}}), false,
			withLoD(tensorOf(sampan.Shape{4, 1}, int64(8), 233, 52, 601), []int64{0, 3, 3, 4})},
		{"sequences of ints", "words", Sequences([][]int{{}, {1, 2}}), true, withLoD(tensorOf(sampan.Shape{2, 1}, int64(1), 2), []int64{0, 0, 2})},
		{"sequences of vectors", "vectors", Sequences([][][]float32{{{1, 2}}, {{3, 4}, {5, 6}}}), false,
			withLoD(tensorOf(sampan.Shape{3, 2}, float32(1), 2, 3, 4, 5, 6), []int64{0, 1, 3})},
		{"sequences of tensors", "vectors", Sequences([]any{tensorOf(sampan.Shape{1, 2}, float32(1), 2), [][]float32{{3, 4}}}), false,
			withLoD(tensorOf(sampan.Shape{2, 2}, float32(1), 2, 3, 4), []int64{0, 1, 2})},
		{"one sequence", "words", []int64{8, 233}, false, withLoD(tensorOf(sampan.Shape{2, 1}, int64(8), 233), []int64{0, 2})},
		{"tensor with its LoD", "words", withLoD(tensorOf(sampan.Shape{3}, int64(1), 2, 3), []int64{0, 1, 2}, []int64{0, 1, 3}), false,
			withLoD(tensorOf(sampan.Shape{3}, int64(1), 2, 3), []int64{0, 1, 2}, []int64{0, 1, 3})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := toTensor(vars[test.feed], test.value, test.batch)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFeedFaults(t *testing.T) {
	vars := map[string]*Var{}
	c := loadText(t, kinds)
	for i := range c.feeds {
		vars[c.feeds[i].Alias] = &c.feeds[i]
	}
	tests := []struct {
		feed  string
		value any
		batch bool
		want  string
	}{
		{"image", twelve[:11], false, "11 numbers, want 12"},
		{"image", twelve[:11], true, "11 numbers, want a multiple of 12"},
		{"text", []string{"a", "b"}, false, "2 strings, want 1"},
		{"open", []float32{1, 2, 3}, false, "3 numbers, want a multiple of 2"},
		{"open", []float32{1, 2}, true, "a flat list for shape [2 -1], want nested lists or a tensor"},
		{"image", [][]float32{{1, 2}, {3}}, false, "the list is ragged: [1] has 1 elements, want 2"},
		{"image", [][][]float32{{{1}, {2}}, {{3}, {4, 5}}}, false, "the list is ragged: [1][1] has 2 elements, want 1"},
		{"image", [][]float32{{1, 2}, {3, 4}}, false, "shape [2 2], want [3 2 2]"},
		{"image", tensorOf(sampan.Shape{2, 3, 2}, twelve...), false, "shape [2 3 2], want [3 2 2]"},
		{"image", tensorOf(sampan.Shape{3, 2, 2}, twelve...), true, "shape [3 2 2], want [-1 3 2 2]"},
		{"any", tensorOf(sampan.Shape{2, 2}, twelve[:4]...), false, "shape [2 2], want [3]"},
		{"scalar", sampan.Tensor{DType: sampan.Float32, Data: make([]byte, 4)}, true, "shape [], want [-1]"},
		{"long", []int32{1, 2}, false, "int32 elements, want int64"},
		{"any", []int{1, 2, 3}, false, "int elements, want float32"},
		{"any", []string{"1"}, false, "string elements, want float32"},
		{"half", []uint16{1, 2}, false, "uint16 elements, want float16"},
		{"int", []float64{1, 2}, false, "float64 elements, want int32"},
		{"int", []int{1, 1 << 31}, false, "element 1 is 2147483648, beyond int32"},
		{"long", tensorOf(sampan.Shape{2}, float32(1), 2), false, "float32 elements, want int64"},
		{"any", sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{3}}, false, "0 bytes of float32 do not fill shape [3]"},
		{"any", nil, false, "the value is nil"},
		{"any", (*sampan.Tensor)(nil), false, "the tensor is nil"},
		{"any", (*tensor.Dense)(nil), false, "the tensor is nil"},
		{"any", map[string]int{}, false, "a map[string]int cannot be fed"},
		{"any", []any{1.0}, false, "a []interface {} cannot be fed"},
		{"any", []uint{1}, false, "a []uint cannot be fed"},
		{"any", withLoD(tensorOf(sampan.Shape{3}, twelve[:3]...), []int64{0, 3}), false, "a tensor with LoD, but the variable has none"},
		{"any", Sequences([][]float32{{1}}), false, "sequences, but the variable has no LoD"},
		{"words", Sequences(nil), false, "sequences of <nil>, want a list of lists"},
		{"words", Sequences([]int64{1, 2}), false, "sequence 0: a single value, want a list of rows"},
		{"words", Sequences([][]int64{}), false, "no sequences"},
		{"words", Sequences([][]int32{{1}}), false, "sequence 0: int32 elements, want int64"},
		{"vectors", Sequences([][][]float32{{{1, 2}}, {{3}}}), false, "sequence 1 has rows of shape [1], want [2]"},
		{"words", Sequences([]sampan.Tensor{withLoD(tensorOf(sampan.Shape{1}, int64(1)), []int64{0, 1})}), false, "sequence 0: a tensor with LoD of its own"},
	}
	for _, test := range tests {
		if _, err := toTensor(vars[test.feed], test.value, test.batch); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.feed, err, test.want)
		}
	}
}

func TestRequest(t *testing.T) {
	c := loadText(t, `
feed_var { name: "in.0" alias_name: "a" feed_type: 1 shape: 1 }
feed_var { name: "in.1" alias_name: "b" feed_type: 1 shape: 1 }
fetch_var { name: "out.0" alias_name: "c" fetch_type: 1 shape: 1 }
fetch_var { name: "out.1" alias_name: "d" fetch_type: 1 shape: 1 }`)
	one, two := tensorOf(sampan.Shape{1, 1}, float32(1)), tensorOf(sampan.Shape{1, 1}, float32(2))
	inputs := []sampan.Named{{Name: "in.0", Alias: "a", Tensor: one}, {Name: "in.1", Alias: "b", Tensor: two}}
	feed := Feed{"b": []float32{2}, "a": []float32{1}}
	got, err := c.Request(feed, nil, LogID(7), Profile())
	if err != nil {
		t.Fatal(err)
	}
	want := &sampan.Request{Inputs: inputs, Outputs: []string{"c", "d"}, LogID: 7, Profile: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err = c.Request(feed, []string{"d"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&sampan.Request{Inputs: inputs, Outputs: []string{"d"}}, got); diff != "" {
		t.Error(diff)
	}

	bad := func(feed Feed, fetch []string, want string) {
		t.Helper()
		_, err := c.Request(feed, fetch)
		wantError(t, err, sampan.InvalidArgument, want)
	}
	a, b := []float32{1}, []float32{2}
	bad(Feed{"a": a}, nil, `feed "b" is missing, the model takes "a", "b"`)
	bad(Feed{"a": a, "B": b}, nil, `feed "B" is not known, the model takes "a", "b"`)
	bad(Feed{"a": a, "b": b, "z": b, "y": b}, nil, `feed "y" is not known, the model takes "a", "b"`)
	bad(Feed{"a": a, "b": []float32{}}, nil, `feed "b": 0 numbers, want 1`)
	bad(feed, []string{"c", "price"}, `fetch "price" is not known, the model gives "c", "d"`)
	bad(feed, []string{"c", "c"}, `fetch "c" is there twice`)
}

// A feed is read and never written, and the same one can be used again and again.
func TestFeedStaysAsItIs(t *testing.T) {
	c := load(t, "testdata/uci")
	own := tensorOf(sampan.Shape{13}, append([]float32(nil), thirteen...)...)
	doubles := make([]float64, 13)
	for _, feed := range []Feed{{"x": own}, {"x": doubles}} {
		for range 2 {
			r, err := c.Request(feed, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Inputs[0].Tensor.Shape; !got.Equal(sampan.Shape{1, 13}) {
				t.Errorf("shape %v, want [1 13]", got)
			}
		}
	}
	if diff := cmp.Diff(tensorOf(sampan.Shape{13}, thirteen...), own); diff != "" {
		t.Error(diff)
	}
}
