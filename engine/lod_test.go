package engine

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func level(name string) Field {
	return Field{Name: name, Alias: name, DType: sampan.Int64, Shape: sampan.Shape{-1}}
}

// sequential is a model that takes words in sequences of one level and documents in
// sequences of two, and gives each back with its offsets.
func sequential() *fake {
	f := &fake{signature: Signature{
		Inputs: []Field{field("words", -1, 1), level("words@lod0"), field("plain", -1, 1), field("documents", -1, 1), level("documents@lod0"), level("documents@lod1")},
	}}
	for _, in := range f.signature.Inputs {
		in.Name = "out" + in.Name
		f.signature.Outputs = append(f.signature.Outputs, in)
	}
	f.run = func(_ context.Context, inputs, outputs []sampan.Tensor) error {
		for i := range inputs {
			inputs[i].LoD = nil
			outputs[i] = cloned(&inputs[i])
		}
		return nil
	}
	return f
}

func TestFoldedSignature(t *testing.T) {
	m := load(t, sequential(), "", Options{})
	sequences := func(f Field, levels int) Field {
		f.LoD, f.Levels = true, levels
		return f
	}
	want := Signature{
		Inputs:  []Field{sequences(field("words", -1, 1), 1), field("plain", -1, 1), sequences(field("documents", -1, 1), 2)},
		Outputs: []Field{sequences(field("outwords", -1, 1), 1), field("outplain", -1, 1), sequences(field("outdocuments", -1, 1), 2)},
	}
	for i := range want.Outputs {
		want.Outputs[i].Alias = want.Inputs[i].Alias
	}
	if diff := cmp.Diff(want, *m.Signature()); diff != "" {
		t.Error(diff)
	}
}

// A session is wrapped only for tensors that hold LoD: of that name, in order, and
// int64 with one free dimension.
func TestFoldLeavesOthersAlone(t *testing.T) {
	for _, f := range []Field{level("words@lod1"), level("other@lod0"), field("words@lod0", -1), {Name: "words@lod0", DType: sampan.Int64, Shape: sampan.Shape{4}}} {
		s := &fake{signature: Signature{Inputs: []Field{field("words", -1, 1), f}, Outputs: []Field{field("y", -1, 1)}}}
		if foldLoD(s) != Session(s) {
			t.Errorf("%s %s %v was taken for LoD", f.Name, f.DType, f.Shape)
		}
	}
}

func TestLoDTensors(t *testing.T) {
	m := load(t, sequential(), "", Options{})
	for _, c := range []struct {
		name                       string
		words, documents           sampan.LoD
		wantWords, wantDocumentsIn sampan.LoD
	}{
		{"given", sampan.LoD{{0, 1, 1, 3}}, sampan.LoD{{0, 0, 2}, {0, 2, 4}}, sampan.LoD{{0, 1, 1, 3}}, sampan.LoD{{0, 0, 2}, {0, 2, 4}}},
		{"left out", nil, sampan.LoD{}, sampan.LoD{{0, 3}}, sampan.LoD{{0, 1}, {0, 4}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := []sampan.Tensor{rows(t, 3, 1), rows(t, 2, 2), rows(t, 4, 3)}
			in[0].LoD, in[2].LoD = c.words, c.documents
			want := []sampan.Tensor{rows(t, 3, 1), rows(t, 2, 2), rows(t, 4, 3)}
			want[0].LoD, want[2].LoD = c.wantWords, c.wantDocumentsIn
			got, err := m.Run(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.words, in[0].LoD); diff != "" {
				t.Errorf("the caller's tensor has changed: %s", diff)
			}
		})
	}
}

func TestLoDFaults(t *testing.T) {
	m := load(t, sequential(), "", Options{})
	for _, c := range []struct {
		words, documents sampan.LoD
		want             string
	}{
		{sampan.LoD{{0, 3}}, sampan.LoD{{0, 4}}, `input "documents": lod has 1 levels, want 2`},
		{sampan.LoD{{0, 1}, {0, 3}}, nil, `input "words": lod has 2 levels, want 1`},
		{sampan.LoD{{0, 2}}, nil, `input "words": lod level 0 ends at 2, want the number of rows, 3`},
		{sampan.LoD{{0, 2, 1, 3}}, nil, `input "words": lod level 0 falls from 2 to 1`},
		{nil, sampan.LoD{{0, 2}, {0, 4}}, `input "documents": lod level 0 ends at 2, want the number of sequences, 1`},
		{nil, sampan.LoD{{0, 1}, {0, 1}, {0, 4}}, `input "documents": lod has 3 levels, want at most 2`},
	} {
		in := []sampan.Tensor{rows(t, 3, 1), rows(t, 2, 2), rows(t, 4, 3)}
		in[0].LoD, in[2].LoD = c.words, c.documents
		_, err := m.Run(context.Background(), in)
		fails(t, err, sampan.InvalidArgument, c.want)
	}
}

// An output whose rows its offsets do not divide has no sequences.
func TestLoDOfOtherRows(t *testing.T) {
	f := sequential()
	give := f.run
	f.run = func(ctx context.Context, inputs, outputs []sampan.Tensor) error {
		err := give(ctx, inputs, outputs)
		outputs[0] = rows(t, 2, 1)
		return err
	}
	got, err := load(t, f, "", Options{}).Run(context.Background(), []sampan.Tensor{rows(t, 3, 1), rows(t, 2, 2), rows(t, 4, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].LoD != nil || got[2].LoD == nil {
		t.Errorf("LoD %v and %v, want none and some", got[0].LoD, got[2].LoD)
	}
}

// Requests that are merged keep their own sequences, those without LoD too.
func TestMergedLoDTensors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(field("words", -1, 1), level("words@lod0"))
		m := loadOne(t, r, Batching{MaxRows: 8})
		var calls []<-chan answer
		lods := []sampan.LoD{{{0, 1}}, {{0, 2, 3}}, nil, {{0, 0, 4}}}
		sizes := []int64{1, 3, 2, 4}
		for i, n := range sizes {
			x := rows(t, n, float32(i))
			x.LoD = lods[i]
			calls = append(calls, send(context.Background(), m, x))
		}
		lods[2] = sampan.LoD{{0, 2}}
		for i, done := range calls {
			x := rows(t, sizes[i], float32(i))
			x.LoD = lods[i]
			expect(t, done, x)
		}
		if diff := cmp.Diff([]int64{1, 9}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}
