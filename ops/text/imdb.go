package text

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// IMDB describes the reader of film reviews, paddle_serving_app's IMDBDataset.
type IMDB struct {
	// Vocabulary is a file with a word a line; its id is the line's number from 0. Of
	// a word that is there twice the last line counts.
	Vocabulary string `yaml:"vocabulary"`
	// UnknownByLines gives unknown words the number of lines as their id. The original
	// gives them the number of different words, which is also a word's id where words
	// are there twice.
	UnknownByLines bool `yaml:"unknown_by_lines"`
}

// IMDBReader gives the ids of reviews.
type IMDBReader struct {
	ids     map[string]int64
	unknown int64
}

// Open reads the vocabulary; it is the original's load_resource.
func (c IMDB) Open() (*IMDBReader, error) {
	r := &IMDBReader{ids: map[string]int64{}}
	lines := int64(0)
	err := eachLine(c.Vocabulary, func(_ int, line string) error {
		r.ids[strip(line)] = lines
		lines++
		return nil
	})
	if err != nil {
		return nil, err
	}
	if r.unknown = int64(len(r.ids)); c.UnknownByLines {
		r.unknown = lines
	}
	return r, nil
}

// Unknown is the id of words that the vocabulary does not have.
func (r *IMDBReader) Unknown() int64 { return r.unknown }

// Append appends the ids of a text's words, as get_words_only: lower case, "<br />" is
// a blank, and the text is split at ; , . ? ! ( ) and blanks. What it is split at is a
// word too, but for spaces.
func (r *IMDBReader) Append(dst []int64, text string) ([]int64, error) {
	if err := valid(text); err != nil {
		return dst, err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	s.text = append(s.text[:0], text...)
	s.lower = dropBreaks(appendLower(s.lower[:0], s.text))
	rest := bytes.TrimFunc(s.lower, blank)
	for len(rest) > 0 {
		end := bytes.IndexFunc(rest, splitsReview)
		if end < 0 {
			end = len(rest)
		}
		if end > 0 {
			dst = append(dst, r.id(rest[:end]))
			rest = rest[end:]
			continue
		}
		_, size := utf8.DecodeRune(rest)
		if rest[0] != ' ' {
			dst = append(dst, r.id(rest[:size]))
		}
		rest = rest[size:]
	}
	return dst, nil
}

// AppendLabelled reads "text | label", a whole number after the last bar, as
// get_words_and_label.
func (r *IMDBReader) AppendLabelled(dst []int64, line string) (ids []int64, label int64, err error) {
	bar := strings.LastIndexByte(line, '|')
	text, number := line[:max(bar, 0)], line[bar+1:]
	label, err = strconv.ParseInt(strip(number), 10, 64)
	if err != nil {
		return dst, 0, sampan.Errorf(sampan.InvalidArgument, "label %q: want a whole number after the last |", clip(number))
	}
	ids, err = r.Append(dst, text)
	return ids, label, err
}

func (r *IMDBReader) id(word []byte) int64 {
	if id, ok := r.ids[string(word)]; ok {
		return id
	}
	return r.unknown
}

// splitsReview reports whether a review is split at a rune.
func splitsReview(r rune) bool {
	switch r {
	case ';', ',', '.', '?', '!', '(', ')':
		return true
	}
	return blank(r)
}

// dropBreaks makes each "<br />" a space, in place.
func dropBreaks(text []byte) []byte {
	mark := []byte("<br />")
	out := text[:0]
	for {
		before, after, found := bytes.Cut(text, mark)
		out = append(out, before...)
		if !found {
			return out
		}
		out = append(out, ' ')
		text = after
	}
}

// clip shortens what an error shows of a text.
func clip(text string) string {
	if len(text) <= 32 {
		return text
	}
	return strings.ToValidUTF8(text[:32], "") + "…"
}
