package graph

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

// adds answers its only input plus v, once for each output.
func adds(signature string, v float32) *model {
	m := newModel(signature)
	m.run = func(_ context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
		x, err := sampan.View[float32](inputs[0])
		if err != nil {
			return nil, err
		}
		outputs := make([]sampan.Tensor, len(m.signature.Outputs))
		for i := range outputs {
			outputs[i] = scalar(x[0] + v)
		}
		return outputs, nil
	}
	return m
}

// values writes a reply as node → alias → value.
func values(t *testing.T, r *sampan.Reply) map[string]map[string]float32 {
	t.Helper()
	out := map[string]map[string]float32{}
	for _, o := range r.Outputs {
		out[o.Engine] = map[string]float32{}
		for i := range o.Tensors {
			out[o.Engine][o.Tensors[i].Public()] = value(t, o.Tensors[i].Tensor)
		}
	}
	return out
}

func TestRun(t *testing.T) {
	ensemble := []NodeSpec{reader("r"), infer("cnn", adds("x -> p:prediction", 10), "r"),
		infer("bow", adds("x -> p:prediction c:cost", 20), "r"), response("cnn", "bow")}
	for _, c := range []struct {
		name string
		spec Spec
		req  *sampan.Request
		want map[string]map[string]float32
	}{
		{"one model", Default([]ops.Model{adds("x -> p:price", 10)}, nil), request("x"),
			map[string]map[string]float32{"GeneralInferOp_0": {"price": 11}}},
		{"two in sequence", Default([]ops.Model{adds("x -> y", 10), adds("y -> z", 100)}, nil), request("x"),
			map[string]map[string]float32{"GeneralInferOp_1": {"z": 111}}},
		{"ensemble", Spec{Nodes: ensemble}, request("x"),
			map[string]map[string]float32{"cnn": {"prediction": 11}, "bow": {"prediction": 21, "cost": 21}}},
		{"ensemble at once", Spec{Nodes: ensemble, Parallel: true}, request("x"),
			map[string]map[string]float32{"cnn": {"prediction": 11}, "bow": {"prediction": 21, "cost": 21}}},
		{"ensemble, an output of one", Spec{Nodes: ensemble}, &sampan.Request{Inputs: request("x").Inputs, Outputs: []string{"cost"}},
			map[string]map[string]float32{"cnn": {}, "bow": {"cost": 21}}},
		{"no model", Spec{Nodes: []NodeSpec{reader("r"), response("r")}}, request("u", "v"),
			map[string]map[string]float32{"r": {"u": 1, "v": 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, c.spec)
			for range 3 {
				reply, err := p.Run(t.Context(), c.req)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.want, values(t, reply)); d != "" {
					t.Fatalf("(-want +got):\n%s", d)
				}
			}
		})
	}
}

func TestOutputsKeepTheOrderAsked(t *testing.T) {
	p := mustCompile(t, Default([]ops.Model{newModel("x -> a b c")}, nil))
	reply, err := p.Run(t.Context(), &sampan.Request{Inputs: request("x").Inputs, Outputs: []string{"c", "a"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range reply.Outputs[0].Tensors {
		got = append(got, n.Name)
	}
	if d := cmp.Diff([]string{"c", "a"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What is wrong with a request is found before a model runs.
func TestRefused(t *testing.T) {
	m := newModel("x -> p:price")
	m.run = func(context.Context, []sampan.Tensor) ([]sampan.Tensor, error) {
		t.Error("the model ran")
		return m.outputs, nil
	}
	p := mustCompile(t, Default([]ops.Model{m}, nil))
	for _, c := range []struct {
		req  *sampan.Request
		want string
	}{
		{request("z"), `input "z" is not known; the model takes "x"`},
		{request(), `the request has no inputs; the model takes "x"`},
		{&sampan.Request{Inputs: request("x").Inputs, Outputs: []string{"cost"}}, `output "cost" is not known; the model gives "price"`},
		{&sampan.Request{Inputs: request("x").Inputs, Outputs: []string{"price", "price"}}, `output "price" is wanted twice`},
	} {
		_, err := p.Run(t.Context(), c.req)
		if text(err) != c.want || sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("got  %v (%v)\nwant %s", err, sampan.CodeOf(err), c.want)
		}
	}
}

func TestOutputsOfAnOpThatSaysNothing(t *testing.T) {
	band := func(_ context.Context, f *ops.Frame) error {
		f.Output.Tensors = []sampan.Named{{Name: "band", Tensor: scalar(3)}}
		return nil
	}
	p := mustCompile(t, Spec{Nodes: []NodeSpec{reader("r"), infer("i", newModel("x -> price"), "r"), does("b", band, "i"), response("b")}})
	reply, err := p.Run(t.Context(), &sampan.Request{Inputs: request("x").Inputs, Outputs: []string{"band"}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]map[string]float32{"b": {"band": 3}}, values(t, reply)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	_, err = p.Run(t.Context(), &sampan.Request{Inputs: request("x").Inputs, Outputs: []string{"price"}})
	if want := `output "price" is not known; the model gives "band"`; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestProfile(t *testing.T) {
	p := mustCompile(t, Spec{Parallel: true, Nodes: []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"),
		infer("b", newModel("x -> p"), "r"), response("a", "b")}})
	for profile, want := range map[bool]int{false: 2, true: 8} {
		req := request("x")
		req.Profile = profile
		reply, err := p.Run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		times := reply.Profile
		if len(times) != want {
			t.Fatalf("profile %t: %d times, want %d", profile, len(times), want)
		}
		for i := 0; i < len(times); i += 2 {
			if times[i] == 0 || times[i+1] < times[i] || times[i] < times[0] {
				t.Errorf("profile %t: %v", profile, times)
			}
		}
	}
}

// A reply belongs to the caller: neither a change of the request nor a later request
// reaches it.
func TestReplyIsSeparate(t *testing.T) {
	p := mustCompile(t, Spec{Nodes: []NodeSpec{reader("r"), response("r")}})
	rows, _ := sampan.Of(sampan.Shape{2, 1}, []float32{1, 2})
	rows.LoD = sampan.LoD{{0, 1, 2}}
	first := &sampan.Request{Inputs: []sampan.Named{{Name: "x", Tensor: rows}}}
	reply, err := p.Run(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	want := sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{2, 1}, Data: sampan.Bytes([]float32{1, 2}), LoD: sampan.LoD{{0, 1, 2}}}
	clear(rows.Data)
	rows.Shape[0], rows.LoD[0][1] = 9, 9
	if _, err := p.Run(t.Context(), request("y", "z")); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]sampan.Named{{Name: "x", Alias: "x", Tensor: want}}, reply.Outputs[0].Tensors); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOverlap(t *testing.T) {
	all := []int64{0, 1, 2, 3}
	for _, c := range []struct {
		a, b []int64
		want bool
	}{
		{all, all, true}, {all[1:3], all, true}, {all[:2], all[1:], true}, {all[:2], all[2:], false},
		{all[2:], all[:2], false}, {all[:0], all, false}, {nil, all, false}, {all, []int64{0}, false},
	} {
		if got := overlap(c.a, c.b); got != c.want {
			t.Errorf("overlap(%v, %v) = %t", c.a, c.b, got)
		}
	}
}

func TestService(t *testing.T) {
	one := mustCompile(t, Spec{Nodes: []NodeSpec{reader("r"), infer("a", adds("x -> p", 10), "r"), response("a")}})
	two := mustCompile(t, Spec{Nodes: []NodeSpec{reader("r"), infer("b", adds("x -> p", 20), "r"), response("b")}})
	s := &Service{Plans: []*Plan{one, two}}
	reply, err := s.Run(t.Context(), request("x"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]map[string]float32{"a": {"p": 11}, "b": {"p": 21}}, values(t, reply)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if len(reply.Profile) != 4 || reply.Outputs[0].Engine != "a" {
		t.Errorf("profile %v, first output of %q", reply.Profile, reply.Outputs[0].Engine)
	}
	if _, err := s.Run(t.Context(), request("z")); err == nil {
		t.Error("the first plan's error was lost")
	}
	single := &Service{Plans: []*Plan{one}}
	if reply, err := single.Run(t.Context(), request("x")); err != nil || len(reply.Outputs) != 1 {
		t.Errorf("one plan: %v, %v", reply, err)
	}
}
