//go:build cgo

package paddle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// golden is a network of paddle_corpus; see the shared data's README.
type golden struct {
	Feeds       []array
	SecondShape struct{ Feeds, Fetches []array } `json:"second_shape"`
	Legacy      struct {
		Program string
		Fetches []array
		Ops     []string
	}
}

type array struct {
	Name, DType, File string
	Shape             sampan.Shape
	LCG               struct {
		Seed   uint32
		Lo, Hi float64
	}
	Pruned bool
	LoD    sampan.LoD
}

// tensor reads the array's file or computes it.
func (a array) tensor(t *testing.T, dir string) sampan.Tensor {
	t.Helper()
	if a.File != "" {
		out := readNPY(t, filepath.Join(dir, a.File))
		out.LoD = a.LoD
		return out
	}
	d, err := sampan.ParseDType(a.DType)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := a.Shape.Elements()
	out := sampan.Tensor{DType: d, Shape: a.Shape, LoD: a.LoD}
	state := a.LCG.Seed
	for range n {
		state = state*1664525 + 1013904223
		v := a.LCG.Lo + (a.LCG.Hi-a.LCG.Lo)*float64(state>>8)/(1<<24)
		element, ok := encode(d, v)
		if !ok {
			t.Fatalf("%s of %s cannot be computed", a.Name, a.DType)
		}
		out.Data = append(out.Data, element...)
	}
	return out
}

// Every network of the corpus either gives what real Paddle gives, at both its shapes,
// or is refused with exactly the operators that are missing.
func TestCorpus(t *testing.T) {
	root := fixture.Shared(t, "paddle_corpus")
	files, err := filepath.Glob(filepath.Join(root, "*", "golden.json"))
	if err != nil || len(files) != 58 {
		t.Fatalf("%d networks, want 58 (%v)", len(files), err)
	}
	var translated []string
	for _, file := range files {
		dir := filepath.Dir(file)
		name := filepath.Base(dir)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(data, &g); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		model, err := Format{}.Translate(filepath.Join(dir, filepath.Dir(g.Legacy.Program)))
		if want := missing(g.Legacy.Ops); len(want) > 0 {
			if got := refused(err); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want the operators %s refused", name, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		translated = append(translated, name)
		t.Run(name, func(t *testing.T) {
			s := session(t, model)
			compare := func(feeds, fetches []array) {
				var inputs []sampan.Tensor
				for _, f := range ports(s.Signature().Inputs) {
					i := slices.IndexFunc(feeds, func(a array) bool { return a.Name == f.Name })
					if i < 0 {
						t.Fatalf("input %q is not in golden.json", f.Name)
					}
					inputs = append(inputs, feeds[i].tensor(t, dir))
				}
				outputs := ports(s.Signature().Outputs)
				for i, got := range run(t, s, inputs...) {
					if outputs[i].Name != fetches[i].Name {
						t.Errorf("output %d is %q, want %q", i, outputs[i].Name, fetches[i].Name)
					}
					near(t, fetches[i].Name, got, fetches[i].tensor(t, dir))
				}
			}
			compare(g.Feeds, g.Legacy.Fetches)
			if len(g.SecondShape.Feeds) > 0 {
				compare(g.SecondShape.Feeds, g.SecondShape.Fetches)
			}
		})
	}
	want := []string{"float64_net", "linear_mlp", "s_fc_separate", "self_attention"}
	for _, name := range want {
		if !slices.Contains(translated, name) {
			t.Errorf("%s was not translated", name)
		}
	}
}

func missing(ops []string) (out []string) {
	for _, name := range ops {
		if operators[name].translate == nil && name != "feed" && name != "fetch" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// refused reads the names from the error of checkOperators.
func refused(err error) (out []string) {
	if err == nil || sampan.CodeOf(err) != sampan.Unimplemented {
		return nil
	}
	text, found := strings.CutPrefix(err.Error(), "operators not supported: ")
	if !found {
		return nil
	}
	for part := range strings.SplitSeq(text, ", ") {
		name, _, _ := strings.Cut(part, " (")
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
