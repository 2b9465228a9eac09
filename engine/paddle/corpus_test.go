//go:build cgo

package paddle

import (
	"encoding/json"
	"fmt"
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
	Name        string
	Feeds       []array
	SecondShape struct{ Feeds, Fetches []array } `json:"second_shape"`
	Legacy      exported
	PIR         *exported
}

// exported is a network in one of Paddle's formats.
type exported struct {
	Program, Params string
	Fetches         []array
	Ops             []string
	Paddle2ONNX     struct {
		Max   float64 `json:"max_abs_over_max"`
		Error string
		Notes []string
	}
}

type array struct {
	Name, DType, File string
	Shape             sampan.Shape
	LCG               struct {
		Seed   uint32
		Lo, Hi float64
	}
	Sample struct {
		Indices string `json:"flat_indices"`
		Values  string
	}
	PNG, Transform string
	Pruned         bool
	LoD            sampan.LoD
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

// corpus lists the networks' golden.json.
func corpus(t *testing.T) []string {
	t.Helper()
	root := fixture.Shared(t, "paddle_corpus")
	files, err := filepath.Glob(filepath.Join(root, "*", "golden.json"))
	if err != nil || len(files) != 58 {
		t.Fatalf("%d networks, want 58 (%v)", len(files), err)
	}
	return files
}

func readGolden(t *testing.T, file string) golden {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return g
}

// loose are the networks and models whose floats are off by more than 1e-5, though not
// by 1e-4.
var loose = []string{"en_det"}

// Every network of the corpus, in both formats, either gives what real Paddle gives, at
// both its shapes, or is refused with exactly the operators that are missing. With -v
// the results are shown beside paddle2onnx's.
func TestCorpus(t *testing.T) {
	count := map[string]int{}
	for _, file := range corpus(t) {
		g := readGolden(t, file)
		dir := filepath.Dir(file)
		t.Run(g.Name+"/legacy", func(t *testing.T) { count["legacy"] += testNetwork(t, dir, &g, &g.Legacy) })
		if g.PIR != nil {
			t.Run(g.Name+"/pir", func(t *testing.T) { count["pir"] += testNetwork(t, dir, &g, g.PIR) })
		}
	}
	t.Logf("%d of 58 networks in the earlier format and %d of 49 in PIR are translated", count["legacy"], count["pir"])
	if count["legacy"] != 58 || count["pir"] != 49 {
		t.Errorf("%d and %d networks are translated, want all", count["legacy"], count["pir"])
	}
}

// testNetwork tests a network in one format; it returns how many were translated.
func testNetwork(t *testing.T, dir string, g *golden, e *exported) int {
	format := Format{Program: filepath.Base(e.Program), Params: filepath.Base(e.Params)}
	if e.Params == "" || strings.Contains(e.Params, " ") {
		format.Params = ""
	}
	model, err := format.Translate(filepath.Join(dir, filepath.Dir(e.Program)))
	if want := missing(e.Ops); len(want) > 0 && err != nil {
		got := refused(err)
		if e == g.PIR {
			want, got = withoutConstants(want), withoutConstants(got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want the operators %s refused", err, want)
		}
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	checkModel(t, model)
	s := session(t, model)
	compare := func(feeds, fetches []array) (worst float64) {
		var inputs []sampan.Tensor
		for _, f := range ports(s.Signature().Inputs) {
			i := slices.IndexFunc(feeds, func(a array) bool { return a.Name == f.Name })
			if i < 0 {
				t.Fatalf("input %q is not in golden.json", f.Name)
			}
			inputs = append(inputs, feeds[i].tensor(t, dir))
		}
		outputs := ports(s.Signature().Outputs)
		if len(outputs) != len(fetches) {
			t.Fatalf("%d outputs, want %d", len(outputs), len(fetches))
		}
		for i, got := range run(t, s, inputs...) {
			if name := e.Fetches[i].Name; outputs[i].Name != name {
				t.Errorf("output %d is %q, want %q", i, outputs[i].Name, name)
			}
			if !got.Shape.Fits(outputs[i].Shape) {
				t.Errorf("output %q: shape %v, declared as %v", outputs[i].Name, got.Shape, outputs[i].Shape)
			}
			worst = max(worst, fetches[i].compare(t, got, dir))
		}
		return worst
	}
	worst := compare(g.Feeds, e.Fetches)
	if len(g.SecondShape.Feeds) > 0 {
		worst = max(worst, compare(g.SecondShape.Feeds, g.SecondShape.Fetches))
	}
	if worst > 1e-5 && !slices.Contains(loose, g.Name) {
		t.Errorf("off by %.2g of the largest value, want 1e-5", worst)
	}
	t.Logf("off by %.2g; paddle2onnx: %s", worst, e.theirs())
	return 1
}

// withoutConstants drops the names of operators that may vanish, or turn up, as a Paddle
// 3 program is lowered.
func withoutConstants(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains([]string{"pd_op.full", "pd_op.full_int_array", "pd_op.fetch"}, name)
	})
}

// theirs tells in short what paddle2onnx makes of the network.
func (e *exported) theirs() string {
	switch p := e.Paddle2ONNX; {
	case p.Error != "":
		return p.Error[:min(len(p.Error), 60)]
	case len(p.Notes) > 0:
		return strings.Join(p.Notes, "; ")
	default:
		return fmt.Sprintf("off by %.2g", p.Max)
	}
}

// compare returns by how much of the largest value an output is off, at most.
func (a array) compare(t *testing.T, got sampan.Tensor, dir string) float64 {
	t.Helper()
	if a.File != "" {
		return near(t, a.Name, got, a.tensor(t, dir))
	}
	d, err := sampan.ParseDType(a.DType)
	if err != nil || got.DType != d || !got.Shape.Equal(a.Shape) {
		t.Errorf("%s: %s %v, want %s %v", a.Name, got.DType, got.Shape, a.DType, a.Shape)
		return 0
	}
	some := sampan.Tensor{DType: d}
	width, _ := d.Size(1)
	for _, i := range numbers(t, readNPY(t, filepath.Join(dir, a.Sample.Indices))) {
		some.Data = append(some.Data, got.Data[int(i)*width:][:width]...)
	}
	want := readNPY(t, filepath.Join(dir, a.Sample.Values))
	some.Shape = want.Shape
	return near(t, a.Name, some, want)
}

// missing lists the operators that cannot be translated, as golden.json names them.
func missing(ops []string) (out []string) {
	for _, name := range ops {
		if !supportedName(name) {
			out = append(out, (&pirOp{Name: name}).fullName())
		}
	}
	slices.Sort(out)
	return out
}

// supportedName tells whether an operator of either format is supported, by the name
// that it has in a file.
func supportedName(name string) bool {
	full := (&pirOp{Name: name}).fullName()
	if full == name {
		return supported(name)
	}
	switch full {
	case "builtin.parameter", "builtin.combine", "builtin.split", "pd_op.data", "pd_op.fetch", "cf.yield":
		return true
	case "pd_op.if":
		return supported("if")
	case "pd_op.while":
		return supported("pir_while")
	}
	row, _, ok := pirRow(full)
	return ok && supported(row.name)
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
