package text

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

func TestLACAsTheOriginal(t *testing.T) {
	r := open(t, LAC{Folder: filepath.Join(readerFolder(t), "lac_dict")}.Open)
	g := goldens(t).LAC
	if r.VocabularySize() != g.VocabularySize || r.Labels() != g.Labels {
		t.Errorf("%d characters and %d tags, want %d and %d", r.VocabularySize(), r.Labels(), g.VocabularySize, g.Labels)
	}
	for _, c := range g.Cases {
		if ids, err := r.Append(nil, c.Text); err != nil || !slices.Equal(ids, c.IDs) {
			t.Errorf("%q: %v, %v; want %v", c.Text, ids, err, c.IDs)
		}
		if c.Decode == nil {
			continue
		}
		words, err := r.Words(c.Text, slices.Concat(c.Decode...))
		if got := texts(words); err != nil || !slices.Equal(got, c.Words) {
			t.Errorf("%q: words %q, %v; want %q", c.Text, got, err, c.Words)
		}
	}
}

func texts(words []LACWord) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.Text)
	}
	return out
}

// dictionaries writes the three files of LAC.
func dictionaries(t testing.TB, word, tag, q2b string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"word.dic": word, "tag.dic": tag, "q2b.dic": q2b} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	someWords = "0\ta\n1\tb\n2\tOOV\n"
	someTags  = "0\tn-B\n1\tn-I\n2\tO\n"
)

func TestLACWords(t *testing.T) {
	r := open(t, LAC{Folder: dictionaries(t, someWords, someTags, "A\ta\n")}.Open)
	for _, c := range []struct {
		sentence string
		tags     []int64
		words    string
		kinds    string
	}{
		{" aAb ", []int64{0, 1, 0}, "aA b", "n n"},
		{"爱bcd", []int64{0, 2, 2, 0}, "爱 bc d", "n O n"},
		{"abc", []int64{1, 1}, "ab", "n"},
		{"abc", nil, "", ""},
		{"", nil, "", ""},
	} {
		words, err := r.Words(c.sentence, c.tags)
		var kinds []string
		for _, w := range words {
			kinds = append(kinds, w.Tag)
		}
		if got := strings.Join(texts(words), " "); err != nil || got != c.words || strings.Join(kinds, " ") != c.kinds {
			t.Errorf("%q %v: %q %q, %v; want %q %q", c.sentence, c.tags, got, kinds, err, c.words, c.kinds)
		}
	}
	for _, c := range []struct {
		sentence string
		tags     []int64
		want     string
	}{
		{"ab", []int64{0, 9}, "tag 1: id 9, want one of the 3 in tag.dic"},
		{"ab", []int64{0, -1}, "tag 1: id -1, want one of the 3 in tag.dic"},
		{"ab", []int64{0, 1, 1}, "3 tags, want at most one for each of the 2 characters"},
		{"a\xc3", []int64{0}, "text: byte 1 is 0xc3, want UTF-8"},
	} {
		_, err := r.Words(c.sentence, c.tags)
		refused(t, err, sampan.InvalidArgument, c.want)
	}
	_, err := r.Append(nil, "\xe4\xbd")
	refused(t, err, sampan.InvalidArgument, "text: byte 0 is 0xe4, want UTF-8")
}

func TestLACFaults(t *testing.T) {
	for _, c := range []struct{ word, tag, q2b, want string }{
		{"0\ta\nx\tb\n", someTags, "", `word.dic: line 2: id "x": want a whole number from 0`},
		{"0\ta\n0\tb\n", someTags, "", `word.dic: line 2: id 0 is there already`},
		{"0\ta\n\n1\ta\n", someTags, "", `word.dic: line 3: "a" is there already`},
		{"0\ta\n", someTags, "", `word.dic: there is no line for "OOV", which unknown characters are read as`},
		{someWords, "0\tn-B\n1\tn-B\n", "", `tag.dic: line 2: "n-B" is there already`},
		{someWords, someTags, "A\ta\n\nA\tb\n", `q2b.dic: line 3: "A" is there already`},
		{someWords, someTags, "A\ta\n\xff\tb\n", `q2b.dic: line 2: text: byte 0 is 0xff, want UTF-8`},
	} {
		dir := dictionaries(t, c.word, c.tag, c.q2b)
		_, err := LAC{Folder: dir}.Open()
		refused(t, err, sampan.InvalidArgument, dir+"/"+c.want)
	}
	_, err := LAC{Folder: "/none"}.Open()
	refused(t, err, sampan.NotFound, "open /none/word.dic: no such file or directory")
}

func FuzzLAC(f *testing.F) {
	r := open(f, LAC{Folder: dictionaries(f, someWords, someTags, "A\ta\n")}.Open)
	f.Add(" 我爱 ab", "\x00\x01\x02\x02")
	f.Fuzz(func(t *testing.T, sentence, decoded string) {
		ids, err := r.Append(nil, sentence)
		if err != nil {
			return
		}
		tags := make([]int64, len(decoded))
		for i := range tags {
			tags[i] = int64(decoded[i])
		}
		words, err := r.Words(sentence, tags)
		if err == nil && len(tags) == len(ids) && strings.Join(texts(words), "") != strip(sentence) {
			t.Errorf("%q is divided into %q", sentence, texts(words))
		}
	})
}
