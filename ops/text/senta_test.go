package text

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/sampanml/sampan"
)

func TestSentaAsTheOriginal(t *testing.T) {
	vocabulary := filepath.Join(readerFolder(t), "senta_vocab.txt")
	r := open(t, Senta{Vocabulary: vocabulary}.Open)
	for _, c := range goldens(t).Senta.Cases {
		if ids, err := r.Append(nil, c.Words); err != nil || !slices.Equal(ids, c.IDs) {
			t.Errorf("%q: %v, %v; want %v", c.Words, ids, err, c.IDs)
		}
	}
	r = open(t, Senta{Vocabulary: vocabulary, UnknownAsWritten: true}.Open)
	if ids, err := r.Append(nil, []string{"讨厌", "<unk>"}); err != nil || !slices.Equal(ids, []int64{4, 4}) {
		t.Errorf("as written: %v, %v", ids, err)
	}
}

func TestSentaFaults(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"a\t1\nb\n", `line 2: id "b": want a whole number from 0`},
		{"a\t1\n\n", `line 2: id "": want a whole number from 0`},
		{"a\t1\r\nb\tx\r\n", `line 2: id "x": want a whole number from 0`},
		{"a\t-1\n", `line 1: id "-1": want a whole number from 0`},
		{"a\t1\nb\xff\t2\n", `line 2: text: byte 1 is 0xff, want UTF-8`},
	} {
		path := file(t, c.content)
		_, err := Senta{Vocabulary: path}.Open()
		refused(t, err, sampan.InvalidArgument, path+": "+c.want)
	}
	_, err := Senta{Vocabulary: "/none"}.Open()
	refused(t, err, sampan.NotFound, "open /none: no such file or directory")

	r := open(t, Senta{Vocabulary: file(t, "a\t1\n5\nb\t2\textra\n")}.Open)
	_, err = r.Append(nil, []string{"a", "\xff"})
	refused(t, err, sampan.InvalidArgument, "word 1: text: byte 0 is 0xff, want UTF-8")
	if ids, err := r.Append(nil, []string{"a", "", "b", "c"}); err != nil || !slices.Equal(ids, []int64{1, 5, 2, 4}) {
		t.Errorf("after faults: %v, %v", ids, err)
	}
}
