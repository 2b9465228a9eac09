package ops

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func TestResponse(t *testing.T) {
	one := []*Output{{Node: "infer", Tensors: named("p:price", "q:quality", "r")}}
	two := []*Output{{Node: "cnn", Tensors: named("a:prediction", "b:cost")}, {Node: "bow", Tensors: named("c:prediction")}}
	for _, c := range []struct {
		name   string
		from   []*Output
		wanted []string
		// want are each node's tensors, by position.
		want [][]int
		err  string
	}{
		{"all", one, nil, [][]int{{0, 1, 2}}, ""},
		{"one of them", one, []string{"quality"}, [][]int{{1}}, ""},
		{"in the order asked", one, []string{"r", "price"}, [][]int{{2, 0}}, ""},
		{"by the variable's name", one, []string{"q"}, [][]int{{1}}, ""},
		{"two nodes, all", two, nil, [][]int{{0, 1}, {0}}, ""},
		{"two nodes, both have it", two, []string{"prediction"}, [][]int{{0}, {0}}, ""},
		{"two nodes, one has it", two, []string{"cost", "prediction"}, [][]int{{1, 0}, {0}}, ""},
		{"two nodes, one has nothing", two, []string{"cost"}, [][]int{{1}, {}}, ""},
		{"unknown", one, []string{"price", "cost"}, nil, `output "cost" is not known; the model gives "price", "quality", "r"`},
		{"unknown to both", two, []string{"c", "z"}, nil, `output "z" is not known; the model gives "prediction", "cost"`},
		{"twice", one, []string{"r", "price", "r"}, nil, `output "r" is wanted twice`},
		{"nothing there", []*Output{{Node: "n"}}, []string{"r"}, nil, `output "r" is not known; the model gives nothing`},
		{"nothing there, nothing wanted", []*Output{{Node: "n"}}, nil, [][]int{{}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &Frame{Request: &sampan.Request{Outputs: c.wanted}, Inputs: c.from}
			err := mustNew(t, GeneralResponse, Config{Depends: []string{"n"}}).Run(context.Background(), f)
			if text(err) != c.err {
				t.Fatalf("got  %v\nwant %v", err, c.err)
			}
			if err != nil {
				if code := sampan.CodeOf(err); code != sampan.InvalidArgument || f.Reply != nil {
					t.Errorf("code %v, reply %v", code, f.Reply)
				}
				return
			}
			var got [][]int
			for i, o := range f.Reply.Outputs {
				if o.Engine != c.from[i].Node {
					t.Errorf("output %d is of %q, want %q", i, o.Engine, c.from[i].Node)
				}
				list := []int{}
				for _, n := range o.Tensors {
					list = append(list, position(t, n.Tensor))
				}
				got = append(got, list)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestResponseAtLoad(t *testing.T) {
	const want = `node "r": a GeneralResponseOp answers with what other nodes made; it depends on none`
	if _, err := New(GeneralResponse, Config{Node: "r"}); text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestOutputTensor(t *testing.T) {
	o := &Output{Node: "infer", Tensors: named("p:q", "q:price")}
	if got, err := o.Tensor("q"); err != nil || position(t, got) != 0 {
		t.Errorf("the alias does not count more than the name: %v, %v", got, err)
	}
	if got, err := o.Tensor("p"); err != nil || position(t, got) != 0 {
		t.Errorf("by name: %v, %v", got, err)
	}
	const want = `op "infer" gives no "cost"; it gives "q", "price"`
	if _, err := o.Tensor("cost"); text(err) != want || sampan.CodeOf(err) != sampan.Internal {
		t.Errorf("got %v, want %s", err, want)
	}
}
