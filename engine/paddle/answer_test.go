//go:build cgo

package paddle

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
)

// answered is a program, its inputs and what real Paddle answers.
type answered struct {
	Name            string
	Program         []byte
	Inputs, Outputs []listed
}

// listed is a tensor whose elements a file states.
type listed struct {
	DType string
	Shape sampan.Shape
	Data  []json.Number
	LoD   sampan.LoD
}

func (s listed) tensor(t *testing.T) sampan.Tensor {
	t.Helper()
	d, err := sampan.ParseDType(s.DType)
	if err != nil {
		t.Fatal(err)
	}
	out := sampan.Tensor{DType: d, Shape: s.Shape, LoD: s.LoD}
	for _, n := range s.Data {
		v, err := n.Float64()
		if err != nil {
			t.Fatal(err)
		}
		element, _ := encode(d, v)
		out.Data = append(out.Data, element...)
	}
	return out
}

// compare runs a translated model; it is to answer as Paddle does.
func (a answered) compare(t *testing.T, model []byte) {
	t.Helper()
	var inputs []sampan.Tensor
	for _, in := range a.Inputs {
		inputs = append(inputs, in.tensor(t))
	}
	for i, got := range run(t, session(t, model), inputs...) {
		if off := near(t, a.Name, got, a.Outputs[i].tensor(t)); off > 1e-5 {
			t.Errorf("output %d: off by %.2g of the largest value, want 1e-5", i, off)
		}
	}
}

// readAnswers reads the cases of files in testdata.
func readAnswers(t *testing.T, pattern string) (out []answered) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		more := out[:0:0]
		if err := json.Unmarshal(data, &more); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, more...)
	}
	return out
}

// The answers are real Paddle 3.0.0's; pir_cases.py tells how they came about.
func TestPIRCases(t *testing.T) {
	for _, c := range readAnswers(t, "pir_cases.json") {
		t.Run(c.Name, func(t *testing.T) {
			r, err := gzip.NewReader(bytes.NewReader(c.Program))
			if err != nil {
				t.Fatal(err)
			}
			program, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			model, err := translate(fstest.MapFS{"m.json": {Data: program}})
			if err != nil {
				t.Fatal(err)
			}
			c.compare(t, model)
		})
	}
}

// The answers are real Paddle 2.6.2's; ops*.py tell how they came about.
func TestOperators(t *testing.T) {
	used := map[string]bool{}
	for _, c := range readAnswers(t, "ops*.json") {
		t.Run(c.Name, func(t *testing.T) {
			fsys := fstest.MapFS{"__model__": {Data: c.Program}}
			p, err := readProgram(fsys, "__model__")
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, b := range p.blocks {
				for _, o := range b.Ops {
					used[o.GetType()] = true
					kinds = append(kinds, o.GetType())
				}
			}
			model, err := translate(fsys)
			if want := missing(kinds); len(want) > 0 {
				if got := refused(err); !slices.Equal(got, slices.Compact(want)) {
					t.Errorf("%v, want the operators %s refused", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.compare(t, model)
		})
	}
	for _, file := range corpus(t) {
		for _, name := range readGolden(t, file).Legacy.Ops {
			used[name] = true
		}
	}
	for name := range operators {
		if _, later := pirOps[name]; !used[name] && !later {
			t.Errorf("no case has the operator %s", name)
		}
	}
}
