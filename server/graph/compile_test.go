package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops"
)

// nodes reads "a b(a) c(a,b)".
func nodes(text string) []NodeSpec {
	var out []NodeSpec
	for _, word := range strings.Fields(text) {
		name, depends, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		n := NodeSpec{Name: name, Type: ops.GeneralReader}
		if depends != "" {
			n.Depends = strings.Split(depends, ",")
		}
		out = append(out, n)
	}
	return out
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name, nodes string
		want        []string
	}{
		{"one", "a", nil},
		{"chain", "a b(a) c(b)", nil},
		{"in any order", "c(b) b(a) a", nil},
		{"diamond", "a b(a) c(a) d(b,c)", nil},
		{"the source", "a(startup_op) b(startup_op,a)", nil},

		{"none", "", []string{"there are no nodes"}},
		{"itself", "a b(a,b)", []string{"cycle: b -> b"}},
		{"cycle", "a(b) b(a)", []string{"cycle: a -> b -> a"}},
		{"cycle along the flow", "a b(a,d) c(b) d(c) e(d)", []string{"cycle: b -> c -> d -> b"}},
		{"two cycles", "a(b) b(a) c(d,b) d(c)", []string{"cycle: a -> b -> a", "cycle: c -> d -> c"}},
		{"unknown", "a b(x)", []string{`node "b" depends on "x", which is not there`, "two ends: a, b; want one node that no other depends on"}},
		{"ends", "a b(a) c(a)", []string{"two ends: b, c; want one node that no other depends on"}},
		{"many ends", "a b c", []string{"3 ends: a, b, c; want one node that no other depends on"}},
		{"twice", "a a b(a)", []string{`two nodes have the name "a"`}},
		{"depends twice", "a b(a,a)", []string{`node "b" depends on "a" twice`}},
		{"reserved", "startup_op b", []string{`node 0: the name "startup_op" is that of the graph's source`}},
		{"everything", "a a b(x) c(d) d(c)", []string{`two nodes have the name "a"`, `node "b" depends on "x", which is not there`,
			"cycle: c -> d -> c", "two ends: a, b; want one node that no other depends on"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Spec{Name: "w", Nodes: nodes(c.nodes)}
			want := ""
			if c.want != nil {
				want = `graph "w": ` + strings.Join(c.want, "\n")
			}
			if got := text(s.Validate()); got != want {
				t.Errorf("Validate:\n%s\nwant:\n%s", got, want)
			}
			if _, err := Compile(s); text(err) != want {
				t.Errorf("Compile:\n%v\nwant:\n%s", err, want)
			}
		})
	}
	s := Spec{Name: "w", Nodes: []NodeSpec{{Type: "T"}, {Name: "b"}}}
	const want = "graph \"w\": node 0 has no name\nnode \"b\" has no type"
	if err := s.Validate(); text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestStages(t *testing.T) {
	s := Spec{Nodes: nodes("f(c,e) c(a) a d b(a) e(d,b)")}
	depends, faults := s.order()
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got [][]string
	for _, stage := range stages(depends) {
		got = append(got, s.names(stage))
	}
	want := [][]string{{"a", "d"}, {"c", "b"}, {"e"}, {"f"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestSignatures(t *testing.T) {
	typed := func(m *model, change func(*model)) *model { change(m); return m }
	for _, c := range []struct {
		name  string
		nodes []NodeSpec
		want  string
	}{
		{"two in sequence", []NodeSpec{reader("r"), infer("a", newModel("x -> p q"), "r"), infer("b", newModel("q -> z"), "a"), response("b")}, ""},
		{"by alias", []NodeSpec{reader("r"), infer("a", newModel("x -> p:features"), "r"), infer("b", newModel("in:features -> z"), "a"), response("b")}, ""},
		{"ensemble", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"), infer("b", newModel("x -> p"), "r"), response("a", "b")}, ""},
		{"through an op that says nothing", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"), does("m", nil, "a"),
			infer("b", newModel("q -> z"), "m"), response("b")}, ""},
		{"missing", []NodeSpec{reader("r"), infer("a", newModel("x -> p:price q"), "r"), infer("b", newModel("y z -> p"), "a"), response("b")},
			`node "b": input "y" is not among what "a" gives: "price", "q"` + "\n" + `node "b": input "z" is not among what "a" gives: "price", "q"`},
		{"missing in the request", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"), infer("b", newModel("y -> p"), "r"), response("a", "b")},
			`node "b": input "y" is not among what "r" gives: "x"`},
		{"dtype", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"),
			infer("b", typed(newModel("p -> q"), func(m *model) { m.signature.Inputs[0].DType = sampan.Int64 }), "a"), response("b")},
			`node "b": input "p" is int64, "a" gives float32`},
		{"rank", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"),
			infer("b", typed(newModel("p -> q"), func(m *model) { m.signature.Inputs[0].Shape = sampan.Shape{-1, 1, 1} }), "a"), response("b")},
			`node "b": input "p" has shape [-1 1 1], "a" gives [-1 1]`},
		{"size", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"),
			infer("b", typed(newModel("p -> q"), func(m *model) { m.signature.Inputs[0].Shape = sampan.Shape{1, 4} }), "a"), response("b")},
			`node "b": input "p" has shape [1 4], "a" gives [-1 1]`},
		{"size that is not fixed", []NodeSpec{reader("r"), infer("a", newModel("x -> p"), "r"),
			infer("b", typed(newModel("p -> q"), func(m *model) { m.signature.Inputs[0].Shape = sampan.Shape{4, -1} }), "a"), response("b")}, ""},
		{"shape that the model does not tell", []NodeSpec{reader("r"),
			infer("a", typed(newModel("x -> p"), func(m *model) { m.signature.Outputs[0].Shape = sampan.Shape{} }), "r"),
			infer("b", newModel("p -> q"), "a"), response("b")}, ""},
		{"op types", []NodeSpec{{Name: "r", Type: "SparseEchoOp"}, {Name: "s", Type: "WriteJsonOp", Depends: []string{"r"}}},
			`node "r": op type "SparseEchoOp" is not known; known are FuncOp, GeneralInferOp, GeneralReaderOp, GeneralResponseOp` + "\n" +
				`node "s": op type "WriteJsonOp" is not known; known are FuncOp, GeneralInferOp, GeneralReaderOp, GeneralResponseOp`},
		{"no model", []NodeSpec{reader("r"), infer("a", nil, "r"), response("a")}, `node "a": a GeneralInferOp needs a model, and there is none for it`},
		{"two predecessors", []NodeSpec{reader("r"), reader("s"), infer("a", newModel("x -> p"), "r", "s"), response("a")},
			`node "a": a GeneralInferOp takes the tensors of one node; it depends on 2: r, s`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want != "" {
				want = `graph "w": ` + want
			}
			if _, err := Compile(Spec{Name: "w", Nodes: c.nodes}); text(err) != want {
				t.Errorf("got:\n%v\nwant:\n%s", err, want)
			}
		})
	}
}

func TestDefault(t *testing.T) {
	a, b := newModel("x -> y"), newModel("y -> z")
	for _, c := range []struct {
		name   string
		models []ops.Model
		types  []string
		want   string
	}{
		{"one model", []ops.Model{a}, nil, "GeneralReaderOp_0 GeneralInferOp_0=a GeneralResponseOp_0"},
		{"two", []ops.Model{a, b}, nil, "GeneralReaderOp_0 GeneralInferOp_0=a GeneralInferOp_1=b GeneralResponseOp_0"},
		{"types", []ops.Model{a, b}, []string{"DetOp", "RecOp"}, "GeneralReaderOp_0 DetOp_0=a RecOp_0=b GeneralResponseOp_0"},
		{"fewer types than models", []ops.Model{a, b}, []string{"DetOp"}, "GeneralReaderOp_0 DetOp_0=a GeneralInferOp_0=b GeneralResponseOp_0"},
		{"before the model", []ops.Model{a}, []string{"ScaleOp:0"}, "GeneralReaderOp_0 ScaleOp_0 GeneralInferOp_0=a GeneralResponseOp_0"},
		{"behind the model", []ops.Model{a}, []string{ops.GeneralInfer, "BandOp:0", "BandOp:0"},
			"GeneralReaderOp_0 GeneralInferOp_0=a BandOp_0 BandOp_1 GeneralResponseOp_0"},
		{"more types than models", nil, []string{ops.GeneralInfer}, "GeneralReaderOp_0 GeneralInferOp_0 GeneralResponseOp_0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Default(c.models, c.types)
			var words []string
			for i, n := range s.Nodes {
				word := n.Name
				switch n.Model {
				case a:
					word += "=a"
				case b:
					word += "=b"
				}
				words = append(words, word)
				if i > 0 && !cmp.Equal(n.Depends, []string{s.Nodes[i-1].Name}) {
					t.Errorf("%s depends on %v", n.Name, n.Depends)
				}
			}
			if got := strings.Join(words, " "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
