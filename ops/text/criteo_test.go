package text

import (
	"math"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

// pythonGoldens are what CPython itself answers.
type pythonGoldens struct {
	Runs []struct {
		Hash    PythonHash
		Seed    uint32
		Version string
		Hashes  [][2]any
		Lines   []struct {
			Line   string
			Dense  []float64
			Sparse []int64
		}
	}
	Lower [][2]string
}

func python(t testing.TB) pythonGoldens {
	t.Helper()
	var g pythonGoldens
	readJSON(t, "testdata/python.json", &g)
	if len(g.Runs) != 6 {
		t.Fatalf("%d runs of Python, want 6", len(g.Runs))
	}
	return g
}

func TestCriteoAsPython(t *testing.T) {
	for _, run := range python(t).Runs {
		c := Criteo{Hash: run.Hash, Seed: run.Seed}
		for _, line := range run.Lines {
			got, err := c.Read(line.Line)
			if err != nil {
				t.Fatalf("Python %s: %v", run.Version, err)
			}
			for i, want := range line.Dense {
				if got.Dense[i] != float32(want) {
					t.Errorf("Python %s: number %d is %v, want %v", run.Version, i, got.Dense[i], want)
				}
			}
			if [criteoCategories]int64(line.Sparse) != got.Sparse {
				t.Errorf("Python %s, seed %d: ids %v\nwant %v", run.Version, run.Seed, got.Sparse, line.Sparse)
			}
		}
	}
}

func TestCriteoFields(t *testing.T) {
	empty := strings.Repeat("\t", criteoNumbers+criteoCategories)
	for _, c := range []struct {
		c    Criteo
		line string
		want string
	}{
		{Criteo{SparseFeatureDim: -1}, empty, "sparse_feature_dim -1: want a positive number"},
		{Criteo{Hash: "md5"}, empty, `hash "md5": want "python2", "python3" or "python3.11"`},
		{Criteo{Seed: 3}, empty, "seed 3: Python 2's hash has none"},
		{Criteo{}, "", "1 columns, want a label, 13 numbers and 26 categories with tabs between"},
		{Criteo{}, empty[1:], "39 columns, want a label, 13 numbers and 26 categories with tabs between"},
		{Criteo{}, "x" + empty, `label "x": want a whole number`},
		{Criteo{}, "1\t2\tthree" + empty[2:], `column 2: "three": want a number`},
		{Criteo{}, "1\tNaN" + empty[1:], `column 1: "NaN": want a number`},
		{Criteo{}, "1\t1e999" + empty[1:], `column 1: "1e999": want a number`},
		{Criteo{}, empty + "\xff", "text: byte 39 is 0xff, want UTF-8"},
	} {
		_, err := c.c.Read(c.line)
		refused(t, err, sampan.InvalidArgument, c.want)
	}
	got, err := Criteo{SparseFeatureDim: 1}.Read(empty)
	if want := (CriteoSample{Label: -1}); err != nil || got != want {
		t.Errorf("an empty line: %v, %v", got, err)
	}
}

func FuzzCriteo(f *testing.F) {
	for _, line := range python(f).Runs[0].Lines {
		f.Add(line.Line, int64(1000001), uint32(0))
	}
	f.Fuzz(func(t *testing.T, line string, dim int64, seed uint32) {
		for _, hash := range []PythonHash{"", Python3, Python311} {
			c := Criteo{SparseFeatureDim: dim, Hash: hash, Seed: seed}
			sample, err := c.Read(line)
			if err != nil {
				continue
			}
			if dim == 0 {
				dim = 1000001
			}
			for _, id := range sample.Sparse {
				if id < 0 || id >= dim {
					t.Errorf("id %d of %d", id, dim)
				}
			}
			for _, v := range sample.Dense {
				if math.IsNaN(float64(v)) {
					t.Errorf("numbers %v", sample.Dense)
				}
			}
		}
	})
}
