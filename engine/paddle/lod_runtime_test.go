//go:build cgo

package paddle

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
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

// Sizes that a request states are cut to what there is, so that they take no memory of
// their own, and the next request is served.
func TestHostileSizes(t *testing.T) {
	z := tensor("z", -1)
	z.Type.LodTensor.Tensor.DataType = paddle.VarType_INT64.Enum()
	sizes := []*paddle.VarDesc{tensor("x", 2, 2), z, tensor("a", 2, 2), tensor("y", -1, 2), tensor("v", -1)}
	feeds := []*paddle.OpDesc{feedOp("x", 0), feedOp("z", 1)}
	x, err := sampan.Of(sampan.Shape{2, 2}, []float32{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		sizes []int64
		want  []float64
	}
	for _, c := range []struct {
		name    string
		ops     []*paddle.OpDesc
		answers []answer
	}{
		{"unpad", []*paddle.OpDesc{
			opDesc("sequence_unpad", bindings{"X": {"x"}, "Length": {"z"}}, bindings{"Out": {"v"}}), fetchOp("v", 0),
		}, []answer{{[]int64{1 << 40, 1 << 40}, []float64{1, 2, 3, 4}}, {[]int64{-5, 1 << 62}, []float64{3, 4}}, {[]int64{1, 2}, []float64{1, 3, 4}}}},
		{"reset", []*paddle.OpDesc{
			opDesc("lod_reset", bindings{"X": {"x"}, "Y": {"z"}}, bindings{"Out": {"a"}}),
			opDesc("sequence_pool", bindings{"X": {"a"}}, bindings{"Out": {"y"}}, textAttr("pooltype", "LAST")), fetchOp("y", 0),
		}, []answer{{[]int64{-9, 1 << 40}, []float64{3, 4}}, {[]int64{0, 1, 2}, []float64{1, 2, 3, 4}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			model, err := translate(fstest.MapFS{"__model__": {Data: net(t, sizes, append(feeds[:2:2], c.ops...)...)}})
			if err != nil {
				t.Fatal(err)
			}
			s := session(t, model)
			for _, a := range c.answers {
				z, err := sampan.Of(sampan.Shape{int64(len(a.sizes))}, a.sizes)
				if err != nil {
					t.Fatal(err)
				}
				if got := numbers(t, run(t, s, x, z)[0]); !slices.Equal(got, a.want) {
					t.Errorf("%v: %v, want %v", a.sizes, got, a.want)
				}
			}
		})
	}
}
