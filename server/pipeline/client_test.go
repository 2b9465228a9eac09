package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/server/pipeline"
)

// connectClient connects the SDK's client.
func connectClient(t testing.TB, endpoints ...string) *client.PipelineClient {
	t.Helper()
	c, err := client.ConnectPipeline(t.Context(), client.PipelineConfig{}, endpoints...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestClientFeeds sends every kind of value in every form, and sees what the ops got.
func TestClientFeeds(t *testing.T) {
	r := serve(t, chain(t, "rpc_port: 9998", options(t), []string{"uci"}, echoing{}))
	c := connectClient(t, r.RPCAddr().String())
	half, _ := sampan.Of(sampan.Shape{2}, []sampan.F16{0x3c00, 0})
	for name, value := range map[string]struct {
		feed                 any
		text, tensors, bytes string
	}{
		"text":    {"abc", "abc", "abc", "abc"},
		"float32": {[]float32{1, 0.5}, "array([1. , 0.5], dtype=float32)", "array([1. , 0.5], dtype=float32)", "array([1. , 0.5], dtype=float32)"},
		"nested":  {[][]int64{{1, 2}, {3, 4}}, "array([[1, 2],\n       [3, 4]])", "array([[1, 2],\n       [3, 4]])", "array([[1, 2],\n       [3, 4]])"},
		"int":     {[]int{7}, "array([7])", "array([7])", "array([7])"},
		"float":   {1.5, "array([1.5])", "array([1.5])", "array([1.5])"},
		"bool":    {[]bool{true}, "array([ True])", "array([ True])", "array([ True])"},
		"float16": {half, "array([1., 0.], dtype=float16)", "array([1., 0.], dtype=float16)", "array([1., 0.], dtype=float16)"},
		"uint32":  {[]uint32{3}, "array([3], dtype=uint32)", "no field for uint32", "array([3], dtype=uint32)"},
		"dense":   {tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{1, 2})), "array([[1., 2.]], dtype=float32)", "array([[1., 2.]], dtype=float32)", "array([[1., 2.]], dtype=float32)"},
	} {
		for _, form := range []struct {
			name, want string
			opts       []client.PipelineOption
		}{{"text", value.text, nil}, {"tensors", value.tensors, []client.PipelineOption{client.AsTensors()}}, {"bytes", value.bytes, []client.PipelineOption{client.AsBytes()}}} {
			answer, err := c.Predict(t.Context(), client.Feed{"v": value.feed}, nil, form.opts...)
			if err != nil {
				if !strings.Contains(err.Error(), form.want) || sampan.CodeOf(err) != sampan.InvalidArgument {
					t.Errorf("%s as %s: %v", name, form.name, err)
				}
				continue
			}
			if got, _ := answer.Text("v"); got != form.want {
				t.Errorf("%s as %s: %q, want %q", name, form.name, got, form.want)
			}
		}
	}
}

// echoing gives its values as texts.
type echoing struct{ pipeline.Op }

func (echoing) Postprocess(_ context.Context, in pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	values, err := in.Only()
	if err != nil {
		return nil, err
	}
	var out pipeline.Result
	for _, v := range values {
		text, ok := v.Data.(string)
		if !ok {
			// The answer has arrays as numpy prints them.
			return values, nil
		}
		out = append(out, pipeline.Text(v.Name, text))
	}
	return append(out, pipeline.Text("log id", fmt.Sprint(in.LogID())), pipeline.Text("ip", in.ClientIP())), nil
}

func TestClientOptions(t *testing.T) {
	r := serve(t, chain(t, "rpc_port: 9998", options(t), []string{"uci"}, echoing{}))
	c := connectClient(t, r.RPCAddr().String())
	answer, err := c.Predict(t.Context(), client.Feed{"a": "b"}, []string{"a"}, client.PipelineLogID(7), client.PipelineProfile(), client.ServiceName("uci"))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := answer.Text("log id")
	ip, _ := answer.Text("ip")
	if id != "7" || ip != "127.0.0.1" || !strings.Contains(answer.Profile(), "prep#[uci|0]_0:") || answer.Response().GetErrNo() != 0 {
		t.Errorf("log id %q, ip %q, profile %q", id, ip, answer.Profile())
	}
	var answered *client.PipelineError
	if _, err := c.Predict(t.Context(), client.Feed{}, nil, client.ServiceName("foo")); !errors.As(err, &answered) || answered.No != 3002 {
		t.Errorf("another service: %v", err)
	}
	if _, err := c.Predict(t.Context(), client.Feed{"a": "b"}, []string{"z"}); sampan.CodeOf(err) != sampan.NotFound {
		t.Errorf("a key that is not there: %v", err)
	}
	future := c.Start(t.Context(), client.Feed{"a": "b"}, nil)
	<-future.Done()
	if answer, err := future.Result(); err != nil || len(answer.Keys()) != 3 {
		t.Errorf("%v, %v", answer, err)
	}
	for _, feed := range []client.Feed{{"a": nil}, {"a": struct{}{}}, {"a": [][]int64{{1}, {1, 2}}}} {
		if _, err := c.Predict(t.Context(), feed, nil); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%v: %v, want InvalidArgument", feed, err)
		}
	}
	if _, err := answer.Tensor("a"); err == nil {
		t.Error("a word was read as an array")
	}
}

// TestClientEndpoints calls several servers, one of which is not there and another goes.
func TestClientEndpoints(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := dead.Addr().String()
	_ = dead.Close()
	if _, err := client.ConnectPipeline(t.Context(), client.PipelineConfig{}, nobody); sampan.CodeOf(err) != sampan.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
	for _, wrong := range [][]string{nil, {"no port"}, {"http://127.0.0.1:1"}} {
		if _, err := client.ConnectPipeline(t.Context(), client.PipelineConfig{}, wrong...); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	one, two := serveUCI(t), serveUCI(t)
	c := connectClient(t, one.RPCAddr().String(), two.RPCAddr().String())
	for range 6 {
		answer, err := c.Predict(t.Context(), client.Feed{"x": sample}, []string{"price"})
		if err != nil {
			t.Fatal(err)
		}
		price, err := answer.Tensor("price")
		if v, _ := sampan.View[float64](price); err != nil || len(v) != 1 || v[0] != 18.901152 {
			t.Errorf("%v, %v", v, err)
		}
	}
	if err := one.stop(); err != nil {
		t.Fatal(err)
	}
	good := 0
	for range 10 {
		if _, err := c.Predict(t.Context(), client.Feed{"x": sample}, nil); err == nil {
			good++
		} else if code := sampan.CodeOf(err); code != sampan.Unavailable && code != sampan.Canceled && code != sampan.Internal {
			t.Errorf("a server that is gone: %v", err)
		}
	}
	if good < 4 {
		t.Errorf("%d of 10 calls were answered with one of two servers gone", good)
	}
}

// TestClientDeadline has one where the caller gives none.
func TestClientDeadline(t *testing.T) {
	h := holding{inside: make(chan struct{}, 9), let: make(chan struct{})}
	r := serve(t, chain(t, "rpc_port: 9998", options(t), []string{"hold"}, h))
	c, err := client.ConnectPipeline(t.Context(), client.PipelineConfig{Timeout: 50 * time.Millisecond}, r.RPCAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Predict(t.Context(), client.Feed{}, nil); sampan.CodeOf(err) != sampan.DeadlineExceeded {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
	close(h.let)
}
