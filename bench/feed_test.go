package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/wire"
)

func vars(types ...sampan.DType) []client.Var {
	var out []client.Var
	for _, d := range types {
		out = append(out, client.Var{Name: d.String(), Alias: d.String(), DType: d, Shape: sampan.Shape{2, -1}})
	}
	return out
}

func TestRandomFeed(t *testing.T) {
	all := vars(sampan.Float32, sampan.Float64, sampan.Float16, sampan.BFloat16, sampan.Int8, sampan.Int16, sampan.Int32,
		sampan.Int64, sampan.Uint8, sampan.Bool, sampan.Complex64, sampan.Complex128, sampan.String)
	all = append(all, client.Var{Name: "w", Alias: "w", DType: sampan.Int64, Shape: sampan.Shape{-1}, LoD: true})
	feed, err := RandomFeed(all, 3, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		got := feed[v.Alias].(sampan.Tensor)
		want := sampan.Shape{3, 2, 1}
		if v.LoD {
			want = sampan.Shape{24, 1}
			if diff := cmp.Diff(sampan.LoD{{0, 8, 16, 24}}, got.LoD); diff != "" {
				t.Errorf("lod: %s", diff)
			}
		}
		if err := got.Validate(); err != nil || got.DType != v.DType || !got.Shape.Equal(want) {
			t.Errorf("%s: %s %v, %v; want shape %v", v.Alias, got.DType, got.Shape, err, want)
		}
		if v.DType == sampan.Int64 {
			numbers, err := sampan.View[int64](got)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range numbers {
				if n < 0 || n > 9 {
					t.Errorf("%s: %d is not between 0 and 9", v.Alias, n)
				}
			}
		}
	}
	again, err := RandomFeed(all, 3, 7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(feed, again); diff != "" {
		t.Errorf("the same seed gives another feed: %s", diff)
	}
	other, err := RandomFeed(all, 3, 8)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(feed, other) {
		t.Error("another seed gives the same feed")
	}
	_, err = RandomFeed(vars(sampan.Uint16), 1, 0)
	wantError(t, err, sampan.Unimplemented, `feed "uint16": no random uint16`)
	_, err = RandomFeed([]client.Var{{Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{1 << 40, 1 << 40}}}, 1, 0)
	wantError(t, err, sampan.InvalidArgument, `feed "x": shape [1 1099511627776 1099511627776] is too large`)
}

// What is sent over HTTP is what is sent over RPC: the server's decoder reads it back.
func TestBody(t *testing.T) {
	c, err := client.Load("testdata/mixed.prototxt")
	if err != nil {
		t.Fatal(err)
	}
	r, err := request(c, Config{Batch: 3, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	text, err := body(r)
	if err != nil {
		t.Fatal(err)
	}
	var feeds []wire.FeedVar
	for _, v := range c.Feeds() {
		feeds = append(feeds, wire.FeedVar{Name: v.Name, Alias: v.Alias, DType: v.DType, Shape: v.Shape, LoD: v.LoD})
	}
	got, err := wire.DecodeFeed(text, feeds)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("%s in %s", diff, text)
	}
}

func TestBodyOfOneRow(t *testing.T) {
	c, err := client.Load(uci)
	if err != nil {
		t.Fatal(err)
	}
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13.5}
	r, err := request(c, Config{Feed: client.Feed{"x": x}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := body(r)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(string(text), ".0", "")
	if want := `{"feed":[{"x":[1,2,3,4,5,6,7,8,9,10,11,12,13.5]}],"fetch":["price"]}`; plain != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

func TestBodyFaults(t *testing.T) {
	named := func(alias string, t sampan.Tensor) sampan.Named { return sampan.Named{Alias: alias, Tensor: t} }
	one, _ := sampan.New(sampan.Float32, sampan.Shape{1, 1})
	two, _ := sampan.New(sampan.Float32, sampan.Shape{2, 1})
	deep := two
	deep.LoD = sampan.LoD{{0, 1}, {0, 2}}
	_, err := body(&sampan.Request{Inputs: []sampan.Named{named("a", one), named("b", two)}})
	wantError(t, err, sampan.InvalidArgument, `feed "b" has 2 samples, feed "a" has 1`)
	_, err = body(&sampan.Request{Inputs: []sampan.Named{named("a", deep)}})
	wantError(t, err, sampan.Unimplemented, `feed "a": sequences of sequences cannot be sent over HTTP`)
	complexes, _ := sampan.New(sampan.Complex64, sampan.Shape{1, 1})
	if _, err = body(&sampan.Request{Inputs: []sampan.Named{named("a", complexes)}}); sampan.CodeOf(err) != sampan.Unimplemented {
		t.Errorf("complex numbers: got %v, want Unimplemented", err)
	}
}
