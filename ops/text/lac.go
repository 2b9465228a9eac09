package text

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// LAC describes the reader for the segmentation of Chinese sentences,
// paddle_serving_app's LACReader.
type LAC struct {
	// Folder has word.dic (id, tab, character), tag.dic (id, tab, tag) and q2b.dic
	// (character, tab, what it is read as).
	Folder string `yaml:"folder"`
}

// LACReader gives the ids of characters, and words from tags.
type LACReader struct {
	characters map[string]int64
	replace    map[string]string
	tags       map[int64]string
	tagIDs     map[string]int64
	outside    int64
	// vocabulary and labels are one more than the largest ids.
	vocabulary, labels int64
}

// outOfVocabulary is the entry of word.dic for characters that it does not have.
const outOfVocabulary = "OOV"

// Open reads the three dictionaries. A line that is not two fields is left out, as in
// the original; an id or a name that is there twice is an error, as there.
func (c LAC) Open() (*LACReader, error) {
	r := &LACReader{replace: map[string]string{}}
	var err error
	words := filepath.Join(c.Folder, "word.dic")
	if _, r.characters, err = readNumbered(words); err != nil {
		return nil, err
	}
	if r.tags, r.tagIDs, err = readNumbered(filepath.Join(c.Folder, "tag.dic")); err != nil {
		return nil, err
	}
	err = eachPair(filepath.Join(c.Folder, "q2b.dic"), func(from, to string) error {
		return addNew(r.replace, from, to)
	})
	if err != nil {
		return nil, err
	}
	outside, ok := r.characters[outOfVocabulary]
	if !ok {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: there is no line for %q, which unknown characters are read as", words, outOfVocabulary)
	}
	r.outside = outside
	r.vocabulary, r.labels = beyond(r.characters), beyond(r.tagIDs)
	return r, nil
}

// VocabularySize is one more than the largest id of a character.
func (r *LACReader) VocabularySize() int64 { return r.vocabulary }

// Labels is one more than the largest id of a tag.
func (r *LACReader) Labels() int64 { return r.labels }

// Append appends the id of each character of a sentence without the blanks at its ends,
// as process.
func (r *LACReader) Append(dst []int64, sentence string) ([]int64, error) {
	if err := valid(sentence); err != nil {
		return dst, err
	}
	sentence = strip(sentence)
	for i, c := range sentence {
		character := sentence[i : i+utf8.RuneLen(c)]
		if other, ok := r.replace[character]; ok {
			character = other
		}
		id, ok := r.characters[character]
		if !ok {
			id = r.outside
		}
		dst = append(dst, id)
	}
	return dst, nil
}

// readNumbered reads lines of an id and a name, both only once.
func readNumbered(path string) (names map[int64]string, ids map[string]int64, err error) {
	names, ids = map[int64]string{}, map[string]int64{}
	err = eachPair(path, func(number, name string) error {
		id, err := parseID(number)
		if err != nil {
			return err
		}
		if _, there := names[id]; there {
			return sampan.Errorf(sampan.InvalidArgument, "id %s is there already", strconv.FormatInt(id, 10))
		}
		names[id] = name
		return addNew(ids, name, id)
	})
	return names, ids, err
}

// eachPair calls f with the fields of the lines that have two.
func eachPair(path string, f func(first, second string) error) error {
	return eachLine(path, func(_ int, line string) error {
		first, second, two := strings.Cut(line, "\t")
		if !two || strings.Contains(second, "\t") {
			return nil
		}
		return f(first, second)
	})
}

func addNew[V any](m map[string]V, key string, value V) error {
	if _, there := m[key]; there {
		return sampan.Errorf(sampan.InvalidArgument, "%q is there already", clip(key))
	}
	m[key] = value
	return nil
}

// beyond is one more than the largest value; 0 without any.
func beyond(ids map[string]int64) int64 {
	n := int64(0)
	for _, id := range ids {
		n = max(n, id+1)
	}
	return n
}
