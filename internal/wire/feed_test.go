package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

var testFeeds = []FeedVar{{Name: "x0", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{2}}}

func feedOf(d sampan.DType, shape ...int64) []FeedVar {
	return []FeedVar{{Name: "x", DType: d, Shape: shape}}
}

func lodFeed(d sampan.DType, shape ...int64) []FeedVar {
	return []FeedVar{{Name: "x", DType: d, Shape: shape, LoD: true}}
}

func TestDecodeFeed(t *testing.T) {
	inf := float32(math.Inf(1))
	tests := map[string]struct {
		feeds []FeedVar
		body  string
		want  sampan.Tensor
	}{
		"tutorial":              {feedOf(sampan.Float32, 13), `{"feed":[{"x":[` + sample + `]}],"fetch":["price"]}`, mustOf(t, sampan.Shape{1, 13}, sampleFloats...)},
		"fetch first":           {feedOf(sampan.Float32, 2), `{"fetch":["price"],"feed":[{"x":[1,2]}]}`, mustOf[float32](t, sampan.Shape{1, 2}, 1, 2)},
		"one object":            {feedOf(sampan.Float32, 2), `{"feed":{"x":[1,2]},"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 2}, 1, 2)},
		"one name":              {feedOf(sampan.Float32, 2), `{"feed":{"x":[1,2]},"fetch":"price"}`, mustOf[float32](t, sampan.Shape{1, 2}, 1, 2)},
		"other keys":            {feedOf(sampan.Float32, 2), `{"version":[{"a":null}],"feed":{"x":[1,2]},"fetch":"price","id":1}`, mustOf[float32](t, sampan.Shape{1, 2}, 1, 2)},
		"two samples":           {feedOf(sampan.Float32, 2), `{"feed":[{"x":[1,2]},{"x":[3,4]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{2, 2}, 1, 2, 3, 4)},
		"nested":                {feedOf(sampan.Float32, 2, 2), `{"feed":[{"x":[[1,2],[3,4]]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 2, 2}, 1, 2, 3, 4)},
		"flat for nested":       {feedOf(sampan.Float32, 2, 2), `{"feed":[{"x":[1,2,3,4]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 2, 2}, 1, 2, 3, 4)},
		"nested for flat":       {feedOf(sampan.Float32, 2), `{"feed":[{"x":[[[1,2]]]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 2}, 1, 2)},
		"scalars":               {feedOf(sampan.Float32), `{"feed":[{"x":1},{"x":[2]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{2}, 1, 2)},
		"scalars for [1]":       {feedOf(sampan.Float32, 1), `{"feed":[{"x":1},{"x":[2]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{2, 1}, 1, 2)},
		"no numbers":            {feedOf(sampan.Float32, 3), `{"feed":[{"x":["NaN","Infinity","-Infinity"]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 3}, float32(math.NaN()), inf, -inf)},
		"float64":               {feedOf(sampan.Float64, 2), `{"feed":[{"x":[0.1,5e-324]}],"fetch":["price"]}`, mustOf[float64](t, sampan.Shape{1, 2}, 0.1, 5e-324)},
		"float16":               {feedOf(sampan.Float16, 3), `{"feed":[{"x":[1,65504,1e9]}],"fetch":["price"]}`, mustOf[sampan.F16](t, sampan.Shape{1, 3}, 0x3c00, 0x7bff, 0x7c00)},
		"bfloat16":              {feedOf(sampan.BFloat16, 1), `{"feed":[{"x":[1]}],"fetch":["price"]}`, mustOf[sampan.BF16](t, sampan.Shape{1, 1}, 0x3f80)},
		"int8":                  {feedOf(sampan.Int8, 3), `{"feed":[{"x":[-128,127,3.0]}],"fetch":["price"]}`, mustOf[int8](t, sampan.Shape{1, 3}, -128, 127, 3)},
		"int16":                 {feedOf(sampan.Int16, 1), `{"feed":[{"x":-32768}],"fetch":["price"]}`, mustOf[int16](t, sampan.Shape{1, 1}, -32768)},
		"int32":                 {feedOf(sampan.Int32, 2), `{"feed":[{"x":[2147483647,1e3]}],"fetch":["price"]}`, mustOf[int32](t, sampan.Shape{1, 2}, math.MaxInt32, 1000)},
		"int64":                 {feedOf(sampan.Int64, 2), `{"feed":[{"x":[9223372036854775807,-9223372036854775808]}],"fetch":["price"]}`, mustOf[int64](t, sampan.Shape{1, 2}, math.MaxInt64, math.MinInt64)},
		"uint8":                 {feedOf(sampan.Uint8, 2), `{"feed":[{"x":[0,255]}],"fetch":["price"]}`, mustOf[uint8](t, sampan.Shape{1, 2}, 0, 255)},
		"uint16":                {feedOf(sampan.Uint16, 1), `{"feed":[{"x":65535}],"fetch":["price"]}`, mustOf[uint16](t, sampan.Shape{1, 1}, 65535)},
		"uint32":                {feedOf(sampan.Uint32, 1), `{"feed":[{"x":4294967295}],"fetch":["price"]}`, mustOf[uint32](t, sampan.Shape{1, 1}, math.MaxUint32)},
		"uint64":                {feedOf(sampan.Uint64, 1), `{"feed":[{"x":18446744073709551615}],"fetch":["price"]}`, mustOf[uint64](t, sampan.Shape{1, 1}, math.MaxUint64)},
		"bool":                  {feedOf(sampan.Bool, 4), `{"feed":[{"x":[true,false,1,0]}],"fetch":["price"]}`, mustOf[bool](t, sampan.Shape{1, 4}, true, false, true, false)},
		"string":                {feedOf(sampan.String), `{"feed":[{"x":"a"},{"x":"h\u00e9"}],"fetch":["price"]}`, mustStrings(t, sampan.Shape{2}, "a", "hé")},
		"strings":               {feedOf(sampan.String, 2), `{"feed":[{"x":["a,]","b"]}],"fetch":["price"]}`, mustStrings(t, sampan.Shape{1, 2}, "a,]", "b")},
		"zero size":             {feedOf(sampan.Float32, 0), `{"feed":[{"x":[]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 0})},
		"free size, flat":       {feedOf(sampan.Int64, -1), `{"feed":[{"x":[1,2,3]},{"x":[4,5,6]}],"fetch":["price"]}`, mustOf[int64](t, sampan.Shape{2, 3}, 1, 2, 3, 4, 5, 6)},
		"free size by count":    {feedOf(sampan.Int64, -1, 2), `{"feed":[{"x":[1,2,3,4]}],"fetch":["price"]}`, mustOf[int64](t, sampan.Shape{1, 2, 2}, 1, 2, 3, 4)},
		"free size by nesting":  {feedOf(sampan.Int64, 2, -1), `{"feed":[{"x":[[1],[2]]}],"fetch":["price"]}`, mustOf[int64](t, sampan.Shape{1, 2, 1}, 1, 2)},
		"free size, none":       {feedOf(sampan.Int64, -1, 2), `{"feed":[{"x":[]}],"fetch":["price"]}`, mustOf[int64](t, sampan.Shape{1, 0, 2})},
		"two free sizes":        {feedOf(sampan.Float32, 1, -1, -1), `{"feed":[{"x":[[[1,2,3],[4,5,6]]]}],"fetch":["price"]}`, mustOf[float32](t, sampan.Shape{1, 1, 2, 3}, 1, 2, 3, 4, 5, 6)},
		"lod":                   {lodFeed(sampan.Int64, -1), `{"feed":[{"x":[1,2]},{"x":[]},{"x":[3,4,5]}],"fetch":["price"]}`, withLoD(mustOf[int64](t, sampan.Shape{5}, 1, 2, 3, 4, 5), []int64{0, 2, 2, 5})},
		"lod, rows of [1]":      {lodFeed(sampan.Int64, 1), `{"feed":[{"x":[1,2]},{"x":[[3],[4],[5]]}],"fetch":["price"]}`, withLoD(mustOf[int64](t, sampan.Shape{5, 1}, 1, 2, 3, 4, 5), []int64{0, 2, 5})},
		"lod, converter's [1]":  {lodFeed(sampan.Int64, -1, 1), `{"feed":[{"x":[1,2]}],"fetch":["price"]}`, withLoD(mustOf[int64](t, sampan.Shape{2, 1}, 1, 2), []int64{0, 2})},
		"lod, rows by nesting":  {lodFeed(sampan.Float32, -1), `{"feed":[{"x":[[1,2],[3,4]]},{"x":[]},{"x":[[5,6]]}],"fetch":["price"]}`, withLoD(mustOf[float32](t, sampan.Shape{3, 2}, 1, 2, 3, 4, 5, 6), []int64{0, 2, 2, 3})},
		"lod, rows half known":  {lodFeed(sampan.Float32, 2, -1), `{"feed":[{"x":[[[1],[2]]]}],"fetch":["price"]}`, withLoD(mustOf[float32](t, sampan.Shape{1, 2, 1}, 1, 2), []int64{0, 1})},
		"lod, no rows":          {lodFeed(sampan.Float32), `{"feed":[{"x":[]},{"x":[]}],"fetch":["price"]}`, withLoD(mustOf[float32](t, sampan.Shape{0}), []int64{0, 0, 0})},
		"lod, no rows of known": {lodFeed(sampan.Float32, 3), `{"feed":[{"x":[]}],"fetch":["price"]}`, withLoD(mustOf[float32](t, sampan.Shape{0, 3}), []int64{0, 0})},
		"lod of strings":        {lodFeed(sampan.String, -1), `{"feed":[{"x":["a"]},{"x":["b","c"]}],"fetch":["price"]}`, withLoD(mustStrings(t, sampan.Shape{3}, "a", "b", "c"), []int64{0, 1, 3})},
	}
	for name, test := range tests {
		r, err := DecodeFeed([]byte(test.body), test.feeds)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(r.Outputs, []string{"price"}) {
			t.Errorf("%s: outputs %q", name, r.Outputs)
		}
		if err := r.Inputs[0].Tensor.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Run(name, func(t *testing.T) { sameNamed(t, r.Inputs, []sampan.Named{{Name: "x", Tensor: test.want}}) })
	}
}

func TestDecodeFeedNames(t *testing.T) {
	feeds := []FeedVar{{Name: "a", Alias: "b", DType: sampan.Int8}, {Name: "b", Alias: "c", DType: sampan.Int8}, {Name: "d", DType: sampan.Int8}}
	r, err := DecodeFeed([]byte(`{"feed":[{"c":1,"b":2,"d":3},{"d":6,"a":4,"c":5}],"fetch":null}`), feeds)
	if err != nil {
		t.Fatal(err)
	}
	sameNamed(t, r.Inputs, []sampan.Named{
		{Name: "a", Alias: "b", Tensor: mustOf[int8](t, sampan.Shape{2}, 2, 4)},
		{Name: "b", Alias: "c", Tensor: mustOf[int8](t, sampan.Shape{2}, 1, 5)},
		{Name: "d", Tensor: mustOf[int8](t, sampan.Shape{2}, 3, 6)},
	})
	if len(r.Outputs) != 0 {
		t.Errorf("outputs %q, want none", r.Outputs)
	}
}

func TestDecodeFeedRefuses(t *testing.T) {
	x2, long := testFeeds, strings.Repeat("k", 100)
	feeds := func(value string) string { return `{"feed":[{"x":` + value + `}],"fetch":["price"]}` }
	tests := []struct {
		feeds []FeedVar
		body  string
		want  string
	}{
		{x2, ``, `body is empty, want a JSON object with feed and fetch`},
		{x2, " \n", `body is empty, want a JSON object with feed and fetch`},
		{x2, `[]`, `body: a list, want an object`},
		{x2, `{not json`, `not JSON at byte 1: 'n', want a key`},
		{x2, `{"feed":[{"x":[1,2]}],"fetch":["price"]} x`, `not JSON at byte 41: 'x', want the end`},
		{x2, `{"feed":[{"x":[1,2]}]}`, `fetch is missing`},
		{x2, `{"fetch":["price"]}`, `feed is missing`},
		{x2, `{"fetch":["price"],"feed":[]}`, `feed is empty, want at least one sample`},
		{x2, `{"fetch":["price"],"fetch":["price"]}`, `fetch is given twice`},
		{x2, `{"feed":{"x":[1,2]},"feed":{"x":[1,2]},"fetch":[]}`, `feed is given twice`},
		{x2, `{"fetch":{"price":1}}`, `fetch: an object, want a list of names`},
		{x2, `{"fetch":["price",1]}`, `fetch[1]: 1, want a text`},
		{x2, `{"feed":5}`, `feed: 5, want a list of samples`},
		{x2, `{"feed":[[1,2]]}`, `feed[0]: a list, want an object`},
		{x2, `{"feed":[{}]}`, `feed[0] has no "x"`},
		{x2, `{"feed":[{"x":[1,2]},{}]}`, `feed[1] has no "x"`},
		{x2, `{"feed":{}}`, `feed has no "x"`},
		{x2, `{"feed":[{"x":[1,2],"x":[1,2]}]}`, `feed[0] has "x" twice`},
		{x2, `{"feed":[{"x":[1,2],"x0":[1,2]}]}`, `feed[0] has "x0" twice`},
		{x2, `{"feed":[{"y":[1,2]}]}`, `feed "y" is not known; known are "x"`},
		{x2, `{"feed":[{"` + long + `":[1,2]}]}`, `feed "` + long[:64] + `…" is not known; known are "x"`},
		{append(feedOf(sampan.Int8), x2[0]), `{"feed":[{"z":1}]}`, `feed "z" is not known; known are "x", "x"`},
		{feedOf(sampan.Float32, 13), feeds(`[1,2,3,4,5,6,7,8,9,10,11,12]`), `feed[0].x: 12 numbers, want 13 for shape [13]`},
		{feedOf(sampan.Float32, 2, 2), feeds(`[[1,2,3]]`), `feed[0].x: 3 numbers, want 4 for shape [2 2]`},
		{x2, feeds(`1`), `feed[0].x: 1 number, want 2 for shape [2]`},
		{x2, feeds(`[]`), `feed[0].x: 0 numbers, want 2 for shape [2]`},
		{feedOf(sampan.String, 2), feeds(`["a"]`), `feed[0].x: 1 text, want 2 for shape [2]`},
		{feedOf(sampan.Bool, 2), feeds(`[true,true,true]`), `feed[0].x: 3 bools, want 2 for shape [2]`},
		{x2, feeds(`[[1,2],[3]]`), `feed[0].x[1]: list is ragged: length 1, want 2 as of the lists before it`},
		{x2, feeds(`[[[1],[2]],[[3]]]`), `feed[0].x[1]: list is ragged: length 1, want 2 as of the lists before it`},
		{x2, feeds(`[[[1],[2]],[[],[3]]]`), `feed[0].x[1][0]: list is ragged: length 0, want 1 as of the lists before it`},
		{x2, feeds(`[[1],2]`), `feed[0].x[1]: 2, want a list as before it`},
		{x2, feeds(`[1,[2]]`), `feed[0].x[1]: list is ragged: a list, want a number`},
		{x2, feeds(`[[1],[[2]]]`), `feed[0].x[1][0]: list is ragged: a list, want a number`},
		{x2, feeds(`[1,2,3,"abc"]`), `feed[0].x[3]: "abc", want a number`},
		{x2, `{"feed":{"x":[1,null]}}`, `feed.x[1]: null, want a number`},
		{x2, feeds(`[[1,2],[3,true]]`), `feed[0].x[1][1]: true, want a number`},
		{x2, feeds(`[1,NaN]`), `not JSON at byte 17: 'N', want a value`},
		{x2, feeds(`null`), `feed[0].x: null, want a number`},
		{x2, feeds(`{"a":[1]}`), `feed[0].x: an object, want a number`},
		{x2, feeds(`[1,2`), `not JSON at byte 18: '}', want ',' or ']'`},
		{feedOf(sampan.Int8, 1), feeds(`[128]`), `feed[0].x[0]: 128, want an int8`},
		{feedOf(sampan.Uint8, 1), feeds(`[-1]`), `feed[0].x[0]: -1, want a uint8`},
		{feedOf(sampan.Int64, 1), feeds(`[1.5]`), `feed[0].x[0]: 1.5, want an int64`},
		{feedOf(sampan.Int64, 1), feeds(`[9223372036854775808]`), `feed[0].x[0]: 9223372036854775808, want an int64`},
		{feedOf(sampan.Int64, 1), feeds(`["1"]`), `feed[0].x[0]: "1", want an int64`},
		{feedOf(sampan.Bool, 1), feeds(`[2]`), `feed[0].x[0]: 2, want true, false, 0 or 1`},
		{feedOf(sampan.Bool, 1), feeds(`["true"]`), `feed[0].x[0]: "true", want true, false, 0 or 1`},
		{feedOf(sampan.String), feeds(`5`), `feed[0].x: 5, want a text`},
		{feedOf(sampan.Int64, -1), `{"feed":[{"x":[1,2]},{"x":[3]}],"fetch":[]}`, `feed[1].x: shape [1], want [2] as in the samples before it`},
		{feedOf(sampan.Int64, -1), feeds(`1`), `feed[0].x: a single value, want a list for shape [-1]`},
		{feedOf(sampan.Int64, -1, 2), feeds(`[1,2,3]`), `feed[0].x: 3 numbers, want a multiple of 2 for shape [-1 2]`},
		{feedOf(sampan.Int64, -1, -1), feeds(`[1,2,3]`), `feed[0].x: nested as [3], want [-1 -1]`},
		{feedOf(sampan.Int64, math.MaxInt64, 2), feeds(`[1,2,3]`), `feed[0].x: 3 numbers for shape [9223372036854775807 2], which is too large`},
		{lodFeed(sampan.Int64, 2), feeds(`[1,2,3]`), `feed[0].x: 3 numbers, want a multiple of 2 for rows of shape [2]`},
		{lodFeed(sampan.Int64, -1), feeds(`1`), `feed[0].x: a single value, want a list of rows`},
		{lodFeed(sampan.Int64, -1), `{"feed":[{"x":[[1,2]]},{"x":[1]}],"fetch":[]}`, `feed[1].x: shape [], want [2] as in the samples before it`},
		{lodFeed(sampan.Int64, 2, -1), feeds(`[[1,2]]`), `feed[0].x: rows of shape [2], want [2 -1]`},
	}
	for _, test := range tests {
		_, err := DecodeFeed([]byte(test.body), test.feeds)
		wantError(t, fmt.Sprintf("%.60s", test.body), err, sampan.InvalidArgument, test.want)
	}
	for _, d := range []sampan.DType{sampan.Complex64, sampan.Complex128, sampan.Int4, sampan.Float8E5M2, sampan.Invalid} {
		_, err := DecodeFeed([]byte(`{}`), feedOf(d))
		wantError(t, d.String(), err, sampan.Unimplemented, fmt.Sprintf(`feed "x": %s elements cannot be given as JSON`, d))
	}
}

var fuzzFeeds = []FeedVar{
	{Name: "x", DType: sampan.Float32, Shape: sampan.Shape{2}},
	{Name: "i", DType: sampan.Int64, Shape: sampan.Shape{-1}},
	{Name: "w", DType: sampan.Float64, Shape: sampan.Shape{-1}, LoD: true},
	{Name: "s", DType: sampan.String},
}

// flatten gives the leaves of a value in order.
func (n *node) flatten(out []any) []any {
	if n.leaf != json.Delim('[') {
		return append(out, n.leaf)
	}
	for _, element := range n.nodes {
		out = element.flatten(out)
	}
	return out
}

func checkDecodeFeed(t *testing.T, body []byte) {
	t.Helper()
	r, err := DecodeFeed(body, fuzzFeeds)
	var syntax *syntaxError
	isSyntax := errors.As(err, &syntax) && !strings.Contains(err.Error(), "nested deeper")
	switch valid := json.Valid(body); {
	case err != nil && sampan.CodeOf(err) != sampan.InvalidArgument:
		t.Fatalf("%q: code %v: %v", body, sampan.CodeOf(err), err)
	case valid && isSyntax:
		t.Fatalf("%q is JSON, but: %v", body, err)
	case !valid && err == nil:
		t.Fatalf("%q is not JSON", body)
	}
	if err != nil {
		return
	}
	for i, n := range r.Inputs {
		if err := n.Tensor.Validate(); err != nil {
			t.Fatalf("%q: %s: %v", body, dump(n), err)
		}
		var leaves []any
		feed := parseJSON(body).get("feed")
		samples := feed.nodes
		if feed.leaf == json.Delim('{') {
			samples = []*node{feed}
		}
		for _, sample := range samples {
			leaves = sample.get(fuzzFeeds[i].Name).flatten(leaves)
		}
		var got, want []string
		for _, leaf := range leaves {
			text := fmt.Sprint(leaf)
			if n.Tensor.DType != sampan.String {
				bits := map[sampan.DType]int{sampan.Float32: 32}[n.Tensor.DType]
				f, _ := strconv.ParseFloat(text, max(bits, 64)-bits)
				text = strconv.FormatFloat(f, 'g', -1, 64)
			}
			want = append(want, text)
		}
		switch n.Tensor.DType {
		case sampan.Float32:
			v, _ := sampan.View[float32](n.Tensor)
			for _, f := range v {
				got = append(got, strconv.FormatFloat(float64(f), 'g', -1, 64))
			}
		case sampan.Float64:
			v, _ := sampan.View[float64](n.Tensor)
			for _, f := range v {
				got = append(got, strconv.FormatFloat(f, 'g', -1, 64))
			}
		case sampan.Int64:
			v, _ := sampan.View[int64](n.Tensor)
			for _, f := range v {
				got = append(got, strconv.FormatFloat(float64(f), 'g', -1, 64))
			}
			for i := range want {
				if want[i] == "-0" {
					want[i] = "0"
				}
			}
		case sampan.String:
			got, _ = n.Tensor.Strings()
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q: %s is %q, want %q", body, n.Name, got, want)
		}
	}
	text, err := AppendResult(nil, &sampan.Reply{Outputs: []sampan.Output{{Tensors: r.Inputs}}})
	if err != nil || !json.Valid(text) {
		t.Fatalf("%q was written %q: %v", body, text, err)
	}
}

func FuzzDecodeFeed(f *testing.F) {
	f.Add([]byte(`{"feed":[{"x":[1,2.5],"i":[1,2,3],"w":[[1e5],[2]],"s":"a\n"},{"x":[[3,4]],"i":[4,5,6.0],"w":[],"s":["b"]}],"fetch":["price"]}`))
	f.Add([]byte(`{"fetch":null,"feed":{"x":["NaN","-Infinity"],"i":[],"w":[[[1]]],"s":"\ud83d\ude00"},"foo":[{}]}`))
	for _, doc := range documents {
		f.Add([]byte(doc))
		f.Add([]byte(`{"feed":{"x":[1,2],"i":` + doc + `,"w":[1],"s":""},"fetch":"price"}`))
		f.Add([]byte(`{"feed":{"x":[1,2],"i":[],"w":` + doc + `,"s":""},"fetch":"price"}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkDecodeFeed(t, body) })
}
