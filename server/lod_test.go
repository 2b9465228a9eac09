package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	sdk "github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/npy"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/server"
)

// sequenceNet is a network of paddle_corpus whose rows x[9 4] are three sequences, and
// what real Paddle 2.6.2 makes of them by the names of outputs.
type sequenceNet struct {
	rows []float32
	lod  []int64
	want map[string][]float32
}

// array reads the elements of a .npy file.
func array[T sampan.Element](t testing.TB, path ...string) []T {
	t.Helper()
	a, err := npy.Load(fixture.Shared(t, path...))
	if err != nil {
		t.Fatal(err)
	}
	out, err := sampan.View[T](a)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	pooled   = "save_infer_model/scale_0.tmp_1"
	expanded = "save_infer_model/scale_7.tmp_1"
)

func newSequenceNet(t testing.TB) sequenceNet {
	net := filepath.Join("paddle_corpus", "s_sequence_ops")
	return sequenceNet{
		rows: array[float32](t, net, "in0.npy"),
		lod:  []int64{0, 2, 5, 9},
		want: map[string][]float32{pooled: array[float32](t, net, "out0.npy"), expanded: array[float32](t, net, "out7.npy")},
	}
}

func serveSequences(t testing.TB) *running {
	return serve(t, server.Config{Name: "sequences", Models: []server.ModelConfig{{Path: fixture.Shared(t, "paddle_corpus", "s_sequence_ops")}}})
}

func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-5 {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// message is a request of the general model service for the sequences.
func (n sequenceNet) message(lod ...int32) *generalmodel.Request {
	return &generalmodel.Request{
		Tensor:        []*generalmodel.Tensor{{FloatData: n.rows, ElemType: 1, Name: "x", AliasName: "x", Shape: []int32{9, 4}, Lod: lod}},
		FetchVarNames: []string{pooled, expanded},
	}
}

func TestSequencesOverTheGeneralModelService(t *testing.T) {
	r, net := serveSequences(t), newSequenceNet(t)
	resp, err := r.ttheader(context.Background(), net.message(0, 2, 5, 9))
	if err != nil {
		t.Fatal(err)
	}
	out := resp.Outputs[0].Tensor
	near(t, "pooled", out[0].FloatData, net.want[pooled])
	near(t, "expanded", out[1].FloatData, net.want[expanded])
	if diff := cmp.Diff([]int32{0, 2, 5, 9}, out[1].Lod); diff != "" || len(out[0].Lod) != 0 {
		t.Errorf("LoD of the pooled rows %v, of the expanded: %s", out[0].Lod, diff)
	}
	body, err := json.Marshal(net.message(0, 2, 5, 9))
	if err != nil {
		t.Fatal(err)
	}
	status, text := r.post("/GeneralModelService/inference", "application/json", body)
	if status != 200 || !strings.Contains(text, `"lod":[0,2,5,9]`) {
		t.Errorf("JSON: %d %s", status, text)
	}
}

// In the feed/fetch dialect each instance is a sequence.
func TestSequencesOverHTTP(t *testing.T) {
	r, net := serveSequences(t), newSequenceNet(t)
	var feed []map[string]any
	for i, start := range net.lod[:3] {
		feed = append(feed, map[string]any{"x": slices.Collect(slices.Chunk(net.rows[4*start:4*net.lod[i+1]], 4))})
	}
	body, err := json.Marshal(map[string]any{"feed": feed, "fetch": []string{pooled, expanded}})
	if err != nil {
		t.Fatal(err)
	}
	status, text := r.post("/sequences/prediction", "application/json", body)
	var reply struct{ Result map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(text), &reply); err != nil || status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	for name, want := range net.want {
		var rows [][]float32
		if err := json.Unmarshal(reply.Result[name], &rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		near(t, name, slices.Concat(rows...), want)
	}
	if lod := string(reply.Result[expanded+".lod"]); lod != "[0,2,5,9]" || reply.Result[pooled+".lod"] != nil {
		t.Errorf("LoD of the expanded rows %s, of the pooled %s", lod, reply.Result[pooled+".lod"])
	}
}

// Reviews as lists of words, in one file a parameter: what Paddle Serving's own example
// asks for.
func TestWordsOverHTTP(t *testing.T) {
	net := filepath.Join("paddle_corpus", "s_imdb_bow_lod")
	r := serve(t, server.Config{Name: "imdb", Models: []server.ModelConfig{{Path: fixture.Shared(t, net, "legacy")}}})
	const prediction = "save_infer_model/scale_0.tmp_0"
	words := array[int64](t, net, "in0.npy")
	want := array[float32](t, net, "out0.npy")
	body, err := json.Marshal(map[string]any{"feed": []any{
		map[string]any{"words": words[:4]}, map[string]any{"words": words[4:5]}, map[string]any{"words": words[5:]},
	}, "fetch": []string{prediction}})
	if err != nil {
		t.Fatal(err)
	}
	status, text := r.post("/imdb/prediction", "application/json", body)
	var reply struct{ Result map[string][][]float32 }
	if err := json.Unmarshal([]byte(text), &reply); err != nil || status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	near(t, "prediction", slices.Concat(reply.Result[prediction]...), want)
}

func TestSequencesOverTheSDK(t *testing.T) {
	r, net := serveSequences(t), newSequenceNet(t)
	conf := filepath.Join(t.TempDir(), "client.prototxt")
	text := fmt.Sprintf(`
		feed_var { name: "x" alias_name: "x" is_lod_tensor: true feed_type: 1 shape: 4 }
		fetch_var { name: %[1]q alias_name: %[1]q fetch_type: 1 shape: 4 }
		fetch_var { name: %[2]q alias_name: %[2]q is_lod_tensor: true fetch_type: 1 shape: 4 }`, pooled, expanded)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := sdk.Load(conf)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := c.Connect(ctx, r.Addr().String()); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	x, err := sampan.Of(sampan.Shape{9, 4}, net.rows)
	if err != nil {
		t.Fatal(err)
	}
	x.LoD = sampan.LoD{net.lod}
	out, err := c.Predict(ctx, sdk.Feed{"x": x}, []string{pooled, expanded})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range net.want {
		got, err := out.Float32s(name)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, got, want)
	}
	if got, err := out.Tensor(expanded); err != nil || cmp.Diff(sampan.LoD{net.lod}, got.LoD) != "" {
		t.Errorf("LoD %v, want %v (%v)", got.LoD, net.lod, err)
	}
	if got, err := out.Tensor(pooled); err != nil || got.LoD != nil {
		t.Errorf("LoD %v, want none (%v)", got.LoD, err)
	}
}

// A LoD that is wrong names the input, and the next request is served.
func TestWrongSequences(t *testing.T) {
	r, net := serveSequences(t), newSequenceNet(t)
	for _, c := range []struct {
		lod  []int32
		want string
	}{
		{[]int32{0, 2, 5}, `lod level 0 ends at 5, want the number of rows, 9`},
		{[]int32{0, 5, 2, 9}, `lod falls from 5 to 2`},
		{[]int32{1, 9}, `lod starts with 1, want 0`},
		{[]int32{0, 1, 3, 0, 2, 5, 9}, `lod has 2 levels, want 1`},
		{[]int32{0, 2, 0, 9}, `lod level 0 ends at 2, want the number of sequences, 1`},
		{[]int32{0, 1, 0, 1, 0, 9}, `lod has 3 levels, want at most 2`},
	} {
		_, err := r.ttheader(context.Background(), net.message(c.lod...))
		if err == nil {
			t.Errorf("%v: no error, want %s", c.lod, c.want)
			continue
		}
		code, text := kitexCode(err)
		if code != sampan.InvalidArgument || !strings.Contains(text, `"x"`) || !strings.Contains(text, c.want) {
			t.Errorf("%v: %s: %s, want %s", c.lod, code, text, c.want)
		}
	}
	if _, err := r.ttheader(context.Background(), net.message()); err != nil {
		t.Errorf("without LoD, which is one sequence: %v", err)
	}
}
