package text

import (
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
)

// Senta describes the reader of segmented sentences for sentiment, paddle_serving_app's
// SentaReader.
type Senta struct {
	// Vocabulary is a file with a word, a tab and its id in each line. Of a word that
	// is there twice the last line counts.
	Vocabulary string `yaml:"vocabulary"`
	// UnknownAsWritten gives unknown words the id of "<unk>", the number of words in
	// the file. The original gives them one more than that.
	UnknownAsWritten bool `yaml:"unknown_as_written"`
}

// SentaReader gives the ids of words.
type SentaReader struct {
	ids     map[string]int64
	unknown int64
}

// Open reads the vocabulary.
func (c Senta) Open() (*SentaReader, error) {
	r := &SentaReader{ids: map[string]int64{}}
	err := eachLine(c.Vocabulary, func(_ int, line string) error {
		line = strip(line)
		// The original looks for the whole line among the words.
		if _, known := r.ids[line]; known {
			return nil
		}
		word, rest, two := strings.Cut(line, "\t")
		if !two {
			word, rest = "", line
		}
		number, _, _ := strings.Cut(rest, "\t")
		id, err := parseID(number)
		r.ids[word] = id
		return err
	})
	if err != nil {
		return nil, err
	}
	r.ids["<unk>"] = int64(len(r.ids))
	if r.unknown = int64(len(r.ids)); c.UnknownAsWritten {
		r.unknown = r.ids["<unk>"]
	}
	return r, nil
}

// Unknown is the id of words that the vocabulary does not have.
func (r *SentaReader) Unknown() int64 { return r.unknown }

// Append appends the ids of a sentence's words, as process. [LACReader.Words] finds the
// words of a sentence.
func (r *SentaReader) Append(dst []int64, words []string) ([]int64, error) {
	start := len(dst)
	for i, w := range words {
		if err := valid(w); err != nil {
			return dst[:start], sampan.Errorf(sampan.InvalidArgument, "word %d: %w", i, err)
		}
		id, ok := r.ids[w]
		if !ok {
			id = r.unknown
		}
		dst = append(dst, id)
	}
	return dst, nil
}

// parseID reads the id of a dictionary's line.
func parseID(text string) (int64, error) {
	id, err := strconv.ParseInt(strip(text), 10, 64)
	if err != nil || id < 0 {
		return 0, sampan.Errorf(sampan.InvalidArgument, "id %q: want a whole number from 0", clip(text))
	}
	return id, nil
}
