package text

import (
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// LACWord is a word of a sentence.
type LACWord struct {
	// Text shares the sentence's memory.
	Text string
	// Tag is the kind of word: what stands before the hyphen in tag.dic, such as "n"
	// or "LOC".
	Tag string
}

// Words divides a sentence by the tags that the model gives its characters (crf_decode,
// an id for each character that Append gave an id), as parse_result: a tag that ends
// with "-B" begins a word, and so does "O" after a tag that is not "O". Characters
// without a tag are left out; more tags than characters, or a tag that tag.dic does not
// have, are InvalidArgument.
//
// For "O" the original asks for a character of the tag where it means the tag before,
// joins an "O" that comes second and fails at one that comes later.
func (r *LACReader) Words(sentence string, tags []int64) ([]LACWord, error) {
	if err := valid(sentence); err != nil {
		return nil, err
	}
	var words []LACWord
	rest, start := strip(sentence), 0
	sentence, before := rest, ""
	for i, id := range tags {
		tag, known := r.tags[id]
		if !known {
			return nil, sampan.Errorf(sampan.InvalidArgument, "tag %d: id %d, want one of the %d in tag.dic", i, id, len(r.tags))
		}
		if rest == "" {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%d tags, want at most one for each of the %d characters", len(tags), i)
		}
		at := len(sentence) - len(rest)
		if i == 0 || strings.HasSuffix(tag, "-B") || tag == "O" && before != "O" {
			kind, _, _ := strings.Cut(tag, "-")
			words = append(words, LACWord{Tag: kind})
			start = at
		}
		_, size := utf8.DecodeRuneInString(rest)
		words[len(words)-1].Text = sentence[start : at+size]
		rest, before = rest[size:], tag
	}
	return words, nil
}
