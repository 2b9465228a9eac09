package steps

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/text"
)

func init() {
	register("imdb_words", func() Step { return &imdbWords{} })
}

// imdbWords are the ids of a film review's words, [1 n] of int64.
type imdbWords struct {
	text.IMDB `yaml:",inline"`
	// Length cuts or fills the ids to so many, with Pad; 0 leaves them as they are.
	Length int   `yaml:"length"`
	Pad    int64 `yaml:"pad"`

	reader *text.IMDBReader
}

// Open reads the vocabulary.
func (s *imdbWords) Open(path func(string) string) (err error) {
	s.IMDB.Vocabulary = path(s.IMDB.Vocabulary)
	s.reader, err = s.IMDB.Open()
	return err
}

func (s *imdbWords) Apply(_ context.Context, in []any) (any, error) {
	review, err := one[string](in, "a text")
	if err != nil {
		return nil, err
	}
	ids, err := s.reader.Append(nil, review)
	if err != nil {
		return nil, err
	}
	if s.Length > 0 {
		for len(ids) < s.Length {
			ids = append(ids, s.Pad)
		}
		ids = ids[:s.Length]
	}
	return sampan.Of(sampan.Shape{1, int64(len(ids))}, ids)
}

// maxLabels bounds a file of labels, in lines.
const maxLabels = 1 << 20

// readLines reads a file of labels.
func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var lines []string
	for scan := bufio.NewScanner(f); ; {
		if !scan.Scan() {
			return lines, scan.Err()
		}
		if lines = append(lines, scan.Text()); len(lines) > maxLabels {
			return nil, fmt.Errorf("%s has more than %d lines", path, maxLabels)
		}
	}
}
