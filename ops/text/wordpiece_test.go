package text

import (
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

func uncased(t testing.TB) string {
	t.Helper()
	return fixture.Shared(t, "labels", "bert_base_uncased_vocab.txt")
}

func TestWordPieceAsTheOriginal(t *testing.T) {
	tokenizer := open(t, WordPiece{Vocabulary: uncased(t)}.Open)
	for _, c := range goldens(t).BERT.Cases {
		if got, err := tokenizer.Tokens(c.Text); err != nil || !slices.Equal(got, c.Tokens) {
			t.Errorf("%q: %q, %v; want %q", c.Text, got, err, c.Tokens)
		}
	}
}

// huggingFace are goldens of HuggingFace's tokenizers; the origin is inside.
type huggingFace struct {
	Cases []struct {
		Text     string
		IDs      []int64
		KeepCase []int64 `json:"keep_case"`
	}
	Pairs []struct {
		First, Second string
		Max           int
		IDs, Types    []int64
	}
}

func TestWordPieceAsHuggingFace(t *testing.T) {
	var g huggingFace
	readJSON(t, "testdata/huggingface.json", &g)
	lower := open(t, WordPiece{Vocabulary: uncased(t)}.Open)
	keep := open(t, WordPiece{Vocabulary: uncased(t), KeepCase: true}.Open)
	for _, c := range g.Cases {
		if got, err := lower.Append(nil, c.Text); err != nil || !slices.Equal(got, c.IDs) {
			t.Errorf("%q: %v, %v; want %v", c.Text, got, err, c.IDs)
		}
		if got, err := keep.Append(nil, c.Text); err != nil || !slices.Equal(got, c.KeepCase) {
			t.Errorf("%q, case kept: %v, %v; want %v", c.Text, got, err, c.KeepCase)
		}
	}
}

const smallVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nable\n,\na\n##\n爱\n"

func TestWordPieceFaults(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"a\nb\n", `: there is no line for "[UNK]"`},
		{"", `: there is no line for "[UNK]"`},
		{"[UNK]\na\tx\n", `: line 2: id "x": want a whole number from 0`},
		{"[UNK]\na\t1\t2\n", `: line 2: id "1\t2": want a whole number from 0`},
		{"[UNK]\n\xff\n", `: line 2: text: byte 0 is 0xff, want UTF-8`},
	} {
		path := file(t, c.content)
		_, err := WordPiece{Vocabulary: path}.Open()
		refused(t, err, sampan.InvalidArgument, path+c.want)
	}
	_, err := WordPiece{MaxWord: -1}.Open()
	refused(t, err, sampan.InvalidArgument, "max_word -1: want a positive number")
	_, err = WordPiece{Vocabulary: "/"}.Open()
	refused(t, err, sampan.InvalidArgument, "read /: is a directory")

	tokenizer := open(t, WordPiece{Vocabulary: file(t, smallVocabulary)}.Open)
	_, err = tokenizer.Append(nil, "un\xc3")
	refused(t, err, sampan.InvalidArgument, "text: byte 2 is 0xc3, want UTF-8")
	got, err := tokenizer.Tokens("unaffable, Ä爱 unknown")
	if want := []string{"un", "##aff", "##able", ",", "a", "爱", "[UNK]"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("after a fault: %q, %v; want %q", got, err, want)
	}
	if _, ok := tokenizer.Token(99); ok {
		t.Error("there is a token 99")
	}
	if id, ok := tokenizer.ID("##aff"); !ok || id != 6 {
		t.Errorf("##aff is %d, %v", id, ok)
	}
}

func TestWordPieceMaxWord(t *testing.T) {
	tokenizer := open(t, WordPiece{Vocabulary: file(t, "[UNK]\né\n##é\n"), MaxWord: 3, KeepCase: true}.Open)
	if got, err := tokenizer.Append(nil, "ééé éééé"); err != nil || !slices.Equal(got, []int64{1, 2, 2, 0}) {
		t.Errorf("%v, %v", got, err)
	}
}

// A text of 1 MB of any kind is read, and into memory that is there nothing is
// allocated.
func TestWordPieceLongTexts(t *testing.T) {
	tokenizer := open(t, WordPiece{Vocabulary: file(t, smallVocabulary)}.Open)
	for _, unit := range []string{"a", "un", ",", "爱", "e\u0301", "\u0301", " ", "\x00", "un un,"} {
		text := strings.Repeat(unit, 1<<20/len(unit))
		if _, err := tokenizer.Append(nil, text); err != nil {
			t.Errorf("%q: %v", unit, err)
		}
	}
	ids := make([]int64, 0, 64)
	if n := testing.AllocsPerRun(100, func() { ids, _ = tokenizer.Append(ids[:0], "Unaffable, Äble 爱 naïve able") }); n > maxAllocations {
		t.Errorf("%v allocations", n)
	}
}

func FuzzWordPiece(f *testing.F) {
	path := file(f, smallVocabulary)
	lower, keep := open(f, WordPiece{Vocabulary: path}.Open), open(f, WordPiece{Vocabulary: path, KeepCase: true}.Open)
	f.Add("Unaffable, Äble\u0301 爱\x00 ΑΣ.")
	f.Add("\u226e\u037e\u1fef\u0345\ufffd")
	f.Fuzz(func(t *testing.T, text string) {
		for _, tokenizer := range []*Tokenizer{lower, keep} {
			ids, err := tokenizer.Append(nil, text)
			if err != nil {
				continue
			}
			// A character decomposes into at most four.
			if len(ids) > 4*len(text) {
				t.Errorf("%d tokens of %d bytes", len(ids), len(text))
			}
			spaced, err := tokenizer.Append(nil, " "+strings.ReplaceAll(text, " ", "\t")+"\n")
			if err != nil || !slices.Equal(ids, spaced) {
				t.Errorf("%v, with other blanks %v, %v", ids, spaced, err)
			}
		}
	})
}

func BenchmarkWordPiece(b *testing.B) {
	tokenizer := open(b, WordPiece{Vocabulary: uncased(b)}.Open)
	for _, c := range []struct{ name, text string }{
		{"ASCII", "The plot makes no sense and the jokes are not funny at all; worse direction than unaffable embeddings. "},
		{"accents", "Ünïcödé naïve café Ελλάδα हिन्दी "},
		{"Chinese", "机器学习是人工智能的一个分支。"},
		{"one long word", strings.Repeat("x", 4096)},
	} {
		b.Run(c.name, func(b *testing.B) {
			text := strings.Repeat(c.text, 1+4096/len(c.text))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var ids []int64
			for b.Loop() {
				ids, _ = tokenizer.Append(ids[:0], text)
			}
		})
	}
}
