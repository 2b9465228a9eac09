//go:build cgo

package paddle

import (
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// Requests without rows, or with nothing but empty sequences, get answers without rows.
func TestEmptySequences(t *testing.T) {
	model, err := Format{}.Translate(fixture.Shared(t, "paddle_corpus", "s_sequence_ops"))
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, model)
	for _, offsets := range [][]int64{{0}, {0, 0}, {0, 0, 0}} {
		x, err := sampan.New(sampan.Float32, sampan.Shape{0, 4})
		if err != nil {
			t.Fatal(err)
		}
		x.LoD = sampan.LoD{offsets}
		outputs := run(t, s, x)
		for i, pooled := range outputs[:6] {
			if n := int64(len(offsets)) - 1; pooled.Rows() != n {
				t.Errorf("%v: output %d has %d rows, want %d", offsets, i, pooled.Rows(), n)
			}
		}
		for i, out := range outputs[6:] {
			if out.Rows() != 0 || len(out.LoD) != 1 || len(out.LoD[0]) != len(offsets) {
				t.Errorf("%v: output %d has %d rows and LoD %v", offsets, 6+i, out.Rows(), out.LoD)
			}
		}
	}
}
