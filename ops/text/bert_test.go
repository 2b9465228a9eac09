package text

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

func TestChineseBERTAsTheOriginal(t *testing.T) {
	for _, c := range goldens(t).BERT.Cases {
		for length, want := range map[int]bertGolden{0: c.Len20, 8: c.Len8} {
			r := open(t, ChineseBERT{Vocabulary: uncased(t), MaxSeqLen: length}.Open)
			got, err := r.Read(c.Text)
			if diff := cmp.Diff(BERTInputs(want), got); err != nil || diff != "" {
				t.Errorf("%q, length %d: %v\n%s", c.Text, length, err, diff)
			}
		}
	}
}

func TestChineseBERTFields(t *testing.T) {
	// [PAD] is 2 here, so that it can be told from other zeros.
	path := file(t, "[CLS]\n[UNK]\n[PAD]\n[SEP]\n[MASK]\na\n")
	for _, c := range []struct {
		c    ChineseBERT
		text string
		want BERTInputs
	}{
		{ChineseBERT{MaxSeqLen: 5}, "a b", BERTInputs{[]int64{0, 5, 1, 2, 2}, []int64{0, 1, 2, 2, 2}, []int64{0, 0, 0, 2, 2}, []int64{1, 1, 1, 0, 0}}},
		{ChineseBERT{MaxSeqLen: 5, Separator: true}, "a b", BERTInputs{[]int64{0, 5, 1, 3, 2}, []int64{0, 1, 2, 3, 2}, []int64{0, 0, 0, 0, 2}, []int64{1, 1, 1, 1, 0}}},
		{ChineseBERT{MaxSeqLen: 5, PlainPadding: true}, "a b", BERTInputs{[]int64{0, 5, 1, 2, 2}, []int64{0, 1, 2, 3, 4}, make([]int64, 5), []int64{1, 1, 1, 0, 0}}},
		{ChineseBERT{MaxSeqLen: 4, Separator: true}, "a b a a a", BERTInputs{[]int64{0, 5, 1, 3}, []int64{0, 1, 2, 3}, make([]int64, 4), []int64{1, 1, 1, 1}}},
		{ChineseBERT{MaxSeqLen: 2, Separator: true}, "a", BERTInputs{[]int64{0, 3}, []int64{0, 1}, make([]int64, 2), []int64{1, 1}}},
	} {
		c.c.Vocabulary = path
		got, err := open(t, c.c.Open).Read(c.text)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%+v: %v\n%s", c.c, err, diff)
		}
	}
	for _, length := range []int{1, -1, maxLength + 1} {
		_, err := ChineseBERT{Vocabulary: path, MaxSeqLen: length}.Open()
		refused(t, err, sampan.InvalidArgument, fmt.Sprintf("max_seq_len %d: want 2 to 65536", length))
	}
	path = file(t, "[CLS]\n[UNK]\n[PAD]\n[SEP]\n")
	_, err := ChineseBERT{Vocabulary: path}.Open()
	refused(t, err, sampan.InvalidArgument, path+`: there is no line for "[MASK]"`)
}

// The small model of the shared data takes whole words; where BERT's words are the
// same, so are the ids.
func TestBERTAsTheModelWasFed(t *testing.T) {
	var g struct {
		Cases []struct {
			Text string
			IDs  []int64 `json:"input_ids"`
			Mask []int64 `json:"attention_mask"`
		}
	}
	readJSON(t, fixture.Shared(t, "goldens", "e2e", "bert.json"), &g)
	if len(g.Cases) < 8 {
		t.Fatalf("%d goldens", len(g.Cases))
	}
	for _, c := range g.Cases {
		r := open(t, BERT{WordPiece: WordPiece{Vocabulary: fixture.Shared(t, "bert", "vocab.txt")}, MaxSeqLen: len(c.IDs), Fixed: true}.Open)
		got, err := r.Read(c.Text)
		if err != nil {
			t.Fatal(err)
		}
		if ids := rows(t, got.InputIDs)[0]; !slices.Equal(ids, c.IDs) {
			t.Errorf("%q: %v, want %v", c.Text, ids, c.IDs)
		}
		if mask := rows(t, got.AttentionMask)[0]; !slices.Equal(mask, c.Mask) {
			t.Errorf("%q: mask %v, want %v", c.Text, mask, c.Mask)
		}
	}
}

// rows of an int64 matrix.
func rows(t testing.TB, m sampan.Tensor) [][]int64 {
	t.Helper()
	all, err := sampan.View[int64](m)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(all, int(m.Shape[1])))
}

func TestBERTPairsAsHuggingFace(t *testing.T) {
	var g huggingFace
	readJSON(t, "testdata/huggingface.json", &g)
	if len(g.Pairs) < 15 {
		t.Fatalf("%d pairs", len(g.Pairs))
	}
	for _, c := range g.Pairs {
		r := open(t, BERT{WordPiece: WordPiece{Vocabulary: uncased(t)}, MaxSeqLen: c.Max}.Open)
		got, err := r.ReadPairs([2]string{c.First, c.Second})
		if err != nil {
			t.Fatal(err)
		}
		ids, types := rows(t, got.InputIDs)[0], rows(t, got.TokenTypeIDs)[0]
		if !slices.Equal(ids, c.IDs) || !slices.Equal(types, c.Types) {
			t.Errorf("%q, %q, at most %d:\n%v %v\nwant %v %v", c.First, c.Second, c.Max, ids, types, c.IDs, c.Types)
		}
	}
}

func TestBERTBatches(t *testing.T) {
	path := file(t, smallVocabulary)
	r := open(t, BERT{WordPiece: WordPiece{Vocabulary: path}}.Open)
	got, err := r.Read("un, a", "")
	if err != nil {
		t.Fatal(err)
	}
	if ids, want := rows(t, got.InputIDs), [][]int64{{2, 5, 9, 10, 3}, {2, 3, 0, 0, 0}}; !cmp.Equal(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
	if mask, want := rows(t, got.AttentionMask), [][]int64{{1, 1, 1, 1, 1}, {1, 1, 0, 0, 0}}; !cmp.Equal(mask, want) {
		t.Errorf("mask %v, want %v", mask, want)
	}
	if got, err = r.Read(); err != nil || got.InputIDs.Rows() != 0 {
		t.Errorf("no texts: %v, %v", got.InputIDs.Shape, err)
	}
	_, err = r.Read("a", "\xff")
	refused(t, err, sampan.InvalidArgument, "text 1: text: byte 0 is 0xff, want UTF-8")
	_, err = r.ReadPairs([2]string{"a", "\xff"})
	refused(t, err, sampan.InvalidArgument, "text 0: text: byte 0 is 0xff, want UTF-8")
	_, err = BERT{WordPiece: WordPiece{Vocabulary: path}, MaxSeqLen: 2}.Open()
	refused(t, err, sampan.InvalidArgument, "max_seq_len 2: want 3 to 65536")

	r = open(t, BERT{WordPiece: WordPiece{Vocabulary: path}, MaxSeqLen: maxLength, Fixed: true}.Open)
	_, err = r.Read(make([]string, maxPadded/maxLength+1)...)
	refused(t, err, sampan.ResourceExhausted, "4097 texts padded to 65536 ids, want at most 268435456 ids together")
}

func TestBatch(t *testing.T) {
	s, err := Sequences([]int64{1, 2}, nil, []int64{3})
	if err != nil || s.Validate() != nil || !cmp.Equal(s.LoD, sampan.LoD{{0, 2, 2, 3}}) || !s.Shape.Equal(sampan.Shape{3, 1}) {
		t.Errorf("sequences %v %v, %v", s.Shape, s.LoD, err)
	}
	p, err := Padded(9, []int64{1, 2}, nil)
	if err != nil || !cmp.Equal(rows(t, p), [][]int64{{1, 2}, {9, 9}}) {
		t.Errorf("padded %v, %v", p, err)
	}
	if p, err = Padded(9); err != nil || p.Validate() != nil {
		t.Errorf("padded nothing: %v, %v", p, err)
	}
	if s, err = Sequences(); err != nil || s.Validate() != nil {
		t.Errorf("no sequences: %v, %v", s, err)
	}
	long := make([]int64, 1<<20)
	many := slices.Repeat([][]int64{nil}, 256)
	_, err = Padded(0, append(many, long)...)
	if sampan.CodeOf(err) != sampan.ResourceExhausted || !strings.HasPrefix(err.Error(), "257 texts padded to 1048576 ids") {
		t.Errorf("too much: %v", err)
	}
}
