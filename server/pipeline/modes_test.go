package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/server/pipeline"
)

// mode is what an op does that misbehaves; what is nil it does as uci.
type mode struct {
	pre  func() (pipeline.Feed, error)
	post func(pipeline.Fetch) (pipeline.Result, error)
}

// moody has a mode for each call, by the text "mode".
type moody struct {
	uci
	modes map[string]mode
}

func (m moody) mode(in pipeline.Inputs) mode {
	name, _ := in.Text("mode")
	return m.modes[name]
}

func (m moody) Preprocess(ctx context.Context, in pipeline.Inputs) (pipeline.Feed, error) {
	if pre := m.mode(in).pre; pre != nil {
		return pre()
	}
	x, err := pipeline.Rows(sample)
	return pipeline.Run(pipeline.Input("x", x)), err
}

func (m moody) Postprocess(ctx context.Context, in pipeline.Inputs, out pipeline.Fetch) (pipeline.Result, error) {
	if post := m.mode(in).post; post != nil {
		return post(out)
	}
	return m.uci.Postprocess(ctx, in, out)
}

func tensorOf[T sampan.Element](shape sampan.Shape, values ...T) sampan.Tensor {
	t, err := sampan.Of(shape, values)
	if err != nil {
		panic(err)
	}
	return t
}

// row is the sample in float64.
func row() sampan.Tensor {
	x, err := pipeline.Rows(sample)
	if err != nil {
		panic(err)
	}
	narrow, _ := sampan.View[float32](x)
	wide := make([]float64, len(narrow))
	for i, v := range narrow {
		wide[i] = float64(v)
	}
	return tensorOf(sampan.Shape{1, 13}, wide...)
}

func ones() sampan.Tensor {
	return tensorOf[int64](sampan.Shape{1, 13}, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
}

func feeds(inputs ...sampan.Named) func() (pipeline.Feed, error) {
	return func() (pipeline.Feed, error) { return pipeline.Run(inputs...), nil }
}

func skips() (pipeline.Feed, error) { return pipeline.Skip(), nil }

func gives(result ...pipeline.Value) func(pipeline.Fetch) (pipeline.Result, error) {
	return func(pipeline.Fetch) (pipeline.Result, error) { return result, nil }
}

func counted() sampan.Tensor {
	n := make([]int64, 1200)
	for i := range n {
		n[i] = int64(i)
	}
	return tensorOf(sampan.Shape{1200}, n...)
}

const (
	inPre  = "  ClassName: Op._run_preprocess.<locals>.preprocess_help  FunctionName: preprocess_help"
	inPost = "  ClassName: Op._run_postprocess.<locals>.postprocess_help  FunctionName: postprocess_help"
	seeLog = ". Please check the input dict and checkout PipelineServingLogs/pipeline.log for more details."
)

// TestModes has the answers that the real pipeline server 0.9.0 gave to ops that did the
// same; where the texts say what went wrong, they are ours.
func TestModes(t *testing.T) {
	modes := map[string]mode{
		"-":            {},
		"skip":         {pre: skips, post: gives(pipeline.Text("price", "skipped"))},
		"skip_number":  {pre: skips, post: gives(pipeline.Value{Name: "price", Data: 1.5})},
		"skip_arrays":  {pre: skips, post: gives(pipeline.Array("a", tensorOf[int64](sampan.Shape{3}, 0, 1, 2)), pipeline.Array("b", tensorOf(sampan.Shape{1, 2}, 1.5, 2.)))},
		"skip_big":     {pre: skips, post: gives(pipeline.Array("a", counted()))},
		"skip_mixed":   {pre: skips, post: gives(pipeline.Text("a", "x"), pipeline.Array("b", tensorOf(sampan.Shape{1}, 1.5)))},
		"skip_nothing": {pre: skips, post: gives()},
		"prod51":       {pre: func() (pipeline.Feed, error) { return pipeline.Feed{}, pipeline.Errorf(51, "business says no") }},
		"prod777":      {pre: func() (pipeline.Feed, error) { return pipeline.Feed{}, pipeline.Errorf(777, "code outside 50..99") }},
		"raise_pre":    {pre: func() (pipeline.Feed, error) { return pipeline.Feed{}, errors.New("boom in preprocess") }},
		"panic_pre":    {pre: func() (pipeline.Feed, error) { panic("boom in preprocess") }},
		"wrong_name":   {pre: feeds(pipeline.Input("y", row()))},
		"one_too_many": {pre: feeds(pipeline.Input("x", row()), pipeline.Input("z", row()))},
		"feed_float64": {pre: feeds(pipeline.Input("x", row()))},
		"feed_int":     {pre: feeds(pipeline.Input("x", ones()))},
		"feed_text": {pre: func() (pipeline.Feed, error) {
			text, err := sampan.OfStrings(sampan.Shape{1}, []string{"abc"})
			return pipeline.Run(pipeline.Input("x", text)), err
		}},
		"feed_list": {pre: func() (pipeline.Feed, error) {
			run := []sampan.Named{pipeline.Input("x", row())}
			return pipeline.Feed{Runs: [][]sampan.Named{run, run}}, nil
		}, post: func(out pipeline.Fetch) (pipeline.Result, error) {
			each, err := out.Each("price")
			return pipeline.Result{pipeline.Text("runs", fmt.Sprint(len(each)))}, err
		}},
		"raise_post":  {post: func(pipeline.Fetch) (pipeline.Result, error) { return nil, errors.New("boom in postprocess") }},
		"panic_post":  {post: func(pipeline.Fetch) (pipeline.Result, error) { panic("boom in postprocess") }},
		"post_number": {post: gives(pipeline.Value{Name: "price", Data: 7})},
		"post_prod52": {post: func(pipeline.Fetch) (pipeline.Result, error) {
			return nil, pipeline.Errorf(52, "business says no afterwards")
		}},
		"post_array": {post: func(out pipeline.Fetch) (pipeline.Result, error) {
			price, err := out.Tensor("price")
			return pipeline.Result{pipeline.Array("price", price)}, err
		}},
	}
	r := serve(t, chain(t, uciConfig, options(t), []string{"uci"}, moody{modes: modes}))
	for _, c := range []struct {
		mode string
		want answer
	}{
		{"-", answer{Key: []string{"price"}, Value: []string{"[[18.901152]]"}}},
		{"skip", answer{Key: []string{"price"}, Value: []string{"skipped"}}},
		{"skip_number", answer{No: 7000, Message: "@DAGExecutor fetch var type must be str(<class 'float'>)."}},
		{"skip_arrays", answer{Key: []string{"a", "b"}, Value: []string{"array([0, 1, 2])", "array([[1.5, 2. ]])"}}},
		{"skip_mixed", answer{No: 7000, Message: "@DAGExecutor fetch var type must be str(<class 'numpy.ndarray'>).", Key: []string{"a"}, Value: []string{"x"}}},
		{"skip_nothing", answer{}},
		{"prod51", answer{No: 51, Message: "business says no"}},
		{"prod777", answer{No: 777, Message: "code outside 50..99"}},
		{"raise_pre", answer{No: 10000, Message: "Log_id: 4711  Raise_msg: boom in preprocess" + inPre}},
		{"panic_pre", answer{No: 10000, Message: "Log_id: 4711  Raise_msg: internal error" + inPre}},
		{"wrong_name", answer{No: 5000, Message: `[uci] failed to predict. Log_id: N  Raise_msg:  invalid arg list: input "y" is not known; the model takes "x"` +
			"  ClassName: Op.process.<locals>.feed_fetch_list_check_helper  FunctionName: feed_fetch_list_check_helper" + seeLog}},
		{"one_too_many", answer{No: 5000, Message: `[uci] failed to predict. Log_id: N  Raise_msg:  invalid arg list: input "z" is not known; the model takes "x"` +
			"  ClassName: Op.process.<locals>.feed_fetch_list_check_helper  FunctionName: feed_fetch_list_check_helper" + seeLog}},
		{"feed_float64", answer{Key: []string{"price"}, Value: []string{"[[18.901152]]"}}},
		// Paddle's sum ends in a 5 instead.
		{"feed_int", answer{Key: []string{"price"}, Value: []string{"[[9.476164]]"}}},
		{"feed_text", answer{No: 10000, Message: `[uci] failed to predict. (data_id=N log_id=N) [uci|0] Failed to process(batch: [N]): input "x": the type string does not become float32` + seeLog}},
		{"feed_list", answer{Key: []string{"runs"}, Value: []string{"2"}}},
		{"raise_post", answer{No: 10000, Message: "Log_id: 4711  Raise_msg: boom in postprocess" + inPost}},
		{"panic_post", answer{No: 10000, Message: "Log_id: 4711  Raise_msg: internal error" + inPost}},
		{"post_number", answer{No: 7000, Message: "@DAGExecutor fetch var type must be str(<class 'int'>)."}},
		{"post_prod52", answer{No: 52, Message: "business says no afterwards"}},
		{"post_array", answer{Key: []string{"price"}, Value: []string{"array([[18.901152]], dtype=float32)"}}},
	} {
		got := r.post("mode", c.mode)
		got.Message = numbers.ReplaceAllStringFunc(got.Message, func(s string) string { return digits.ReplaceAllString(s, "N") })
		got.Message = ownNumber.ReplaceAllString(got.Message, "predict. Log_id: N")
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", c.mode, got, c.want)
		}
	}
	_, body := r.do("POST", "/uci/prediction", nil, []byte(`{"key":["mode"],"value":["skip_big"]}`))
	if len(body) != 8142 || !strings.Contains(body, `["array([   0,    1,    2,`) || !strings.Contains(body, `1199])"]`) {
		t.Errorf("skip_big: %d bytes, want 8142: %.100s", len(body), body)
	}
}

// TestOffsets has offsets beside an array, in two runs that share their feed, which stays
// as it is.
func TestOffsets(t *testing.T) {
	run := []sampan.Named{pipeline.Input("x", row()), pipeline.Input("x.lod", tensorOf[int32](sampan.Shape{2, 1}, 0, 1))}
	r := serve(t, chain(t, uciConfig, options(t), []string{"uci"}, moody{modes: map[string]mode{"": {
		pre: func() (pipeline.Feed, error) { return pipeline.Feed{Runs: [][]sampan.Named{run, run}}, nil },
		post: func(out pipeline.Fetch) (pipeline.Result, error) {
			each, err := out.Each("price")
			return pipeline.Result{pipeline.Array("first", each[0]), pipeline.Array("second", each[1])}, err
		},
	}}}))
	want := "array([[18.901152]], dtype=float32)"
	if got := r.post(); got.No != 0 || got.Value[0] != want || got.Value[1] != want || run[0].Tensor.LoD != nil {
		t.Errorf("%+v, of %+v", got, run[0])
	}
}

// stubborn processes without heeding its context until it is let go.
type stubborn struct {
	uci
	let chan struct{}
}

func (s stubborn) Process(context.Context, pipeline.Feed) (pipeline.Fetch, error) {
	<-s.let
	return pipeline.Fetch{}, errors.New("let go")
}

// TestTimeout has an op that never returns: its caller gets an answer after every attempt
// has had its time, and when its places are taken so do the others.
func TestTimeout(t *testing.T) {
	s := stubborn{let: make(chan struct{})}
	r := serve(t, chain(t, "http_port: 18082\nop: {uci: {timeout: 50, retry: 2, concurrency: 3}}", options(t), []string{"uci"}, s))
	for i := range 3 {
		began := time.Now()
		got := r.post("x", sample)
		want := fmt.Sprintf("[uci] failed to predict. (log_id=%d) [uci|0] Failed to process(batch: [%d]): exceeded retry count.%s", i, i, seeLog)
		if got.No != 6000 || got.Message != want {
			t.Errorf("%+v, want 6000 %s", got, want)
		}
		if took := time.Since(began); took < 90*time.Millisecond {
			t.Errorf("answered after %v, want two attempts of 50 ms", took)
		}
	}
	close(s.let)
}
