package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func TestPredictRows(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, _ := serve(t, sums)
		c := connect(t, config, address)
		out, err := c.PredictRows(t.Context(), []Feed{{"x": thirteen}, {"x": make([]float64, 13)}, {"x": thirteen}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		price, err := out.Tensor("price")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tensorOf(sampan.Shape{3, 1}, float32(91), 0, 91), price); d != "" {
			t.Error(d)
		}
	})
}

func TestRequestRows(t *testing.T) {
	c := loadText(t, `
feed_var { name: "words" feed_type: 0 shape: -1 is_lod_tensor: true }
feed_var { name: "title" feed_type: 20 shape: 1 }
feed_var { name: "n" feed_type: 2 shape: 2 }
fetch_var { name: "y" fetch_type: 1 shape: 1 }`)
	one := []int64{1, 2, 3}
	r, err := c.RequestRows([]Feed{
		{"words": one, "title": "a", "n": []int32{1, 2}},
		{"words": []int64{}, "title": "bcd", "n": []int32{3, 4}},
		{"words": Sequences([][]int64{{4}, {5, 6}}), "title": "", "n": []int{5, 6}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	words := tensorOf(sampan.Shape{6, 1}, int64(1), 2, 3, 4, 5, 6)
	words.LoD = sampan.LoD{{0, 3, 3, 4, 6}}
	titles, err := sampan.OfStrings(sampan.Shape{3, 1}, []string{"a", "bcd", ""})
	if err != nil {
		t.Fatal(err)
	}
	want := []sampan.Named{
		{Name: "words", Alias: "words", Tensor: words},
		{Name: "title", Alias: "title", Tensor: titles},
		{Name: "n", Alias: "n", Tensor: tensorOf(sampan.Shape{3, 2}, int32(1), 2, 3, 4, 5, 6)},
	}
	if d := cmp.Diff(want, r.Inputs); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{1, 2, 3}, one); d != "" {
		t.Errorf("the feed was changed: %s", d)
	}

	good := Feed{"words": one, "title": "a", "n": []int32{1, 2}}
	for text, bad := range map[string]Feed{
		`row 1: feed "n": 1 numbers, want 2`:                                {"words": one, "title": "a", "n": []int32{1}},
		`row 1: feed "n" is missing, the model takes "words", "title", "n"`: {"words": one, "title": "a"},
		`row 1: feed "words": rows of shape [2], want [1] as in row 0`:      {"words": [][]int64{{1, 2}}, "title": "a", "n": []int32{1, 2}},
		`row 1: feed "words": 2 levels of LoD, want 1 as in row 0`: {"title": "a", "n": []int32{1, 2},
			"words": sampan.Tensor{DType: sampan.Int64, Shape: sampan.Shape{1, 1}, Data: make([]byte, 8), LoD: sampan.LoD{{0, 1}, {0, 1}}}},
	} {
		_, err := c.RequestRows([]Feed{good, bad}, nil)
		wantError(t, err, sampan.InvalidArgument, text)
	}
	_, err = c.RequestRows(nil, nil)
	wantError(t, err, sampan.InvalidArgument, "no feed is given")
}

// Where the elements are bytes of their own, as Paddle Serving's client takes them.
func TestRawBytes(t *testing.T) {
	for elem, dtype := range map[string]sampan.DType{"5": sampan.Float16, "6": sampan.BFloat16, "7": sampan.Uint8, "8": sampan.Int8} {
		c := loadText(t, `feed_var { name: "x" feed_type: `+elem+` shape: 2 } fetch_var { name: "y" fetch_type: 1 shape: 1 }`)
		width, _ := dtype.Size(1)
		raw := []byte{0, 0xfe, 0x01, 0x80}[:2*width]
		r, err := c.Request(Feed{"x": raw}, nil)
		if err != nil {
			t.Errorf("%v: %v", dtype, err)
			continue
		}
		if d := cmp.Diff(sampan.Tensor{DType: dtype, Shape: sampan.Shape{1, 2}, Data: raw}, r.Inputs[0].Tensor); d != "" {
			t.Errorf("%v: %s", dtype, d)
		}
		if _, err = c.Request(Feed{"x": raw[:1]}, nil); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%v: one byte: %v", dtype, err)
		}
	}
}
