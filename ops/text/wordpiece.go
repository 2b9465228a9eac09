package text

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// WordPiece describes BERT's tokenizer: words are divided into the longest pieces that
// the vocabulary has, from the left; pieces within a word begin with "##" there.
//
// Special tokens such as "[MASK]" have no meaning in a text.
type WordPiece struct {
	// Vocabulary is a file with a token a line; its id is the line's number from 0, or
	// the number after a tab. It must have "[UNK]".
	Vocabulary string `yaml:"vocabulary"`
	// KeepCase leaves capitals and accents, for cased models.
	KeepCase bool `yaml:"keep_case"`
	// MaxWord is the most characters of a word; a longer one is "[UNK]". 0 means 100.
	MaxWord int `yaml:"max_word"`
}

// Tokenizer divides texts into tokens.
type Tokenizer struct {
	// heads are the tokens that begin a word, tails those within, without "##".
	heads, tails map[string]int64
	tokens       map[int64]string
	unknown      int64
	keepCase     bool
	maxWord      int
	// maxPiece is the longest token's size in bytes.
	maxPiece int
}

// The tokens that are no words.
const (
	unknownToken   = "[UNK]"
	paddingToken   = "[PAD]"
	firstToken     = "[CLS]"
	separatorToken = "[SEP]"
	withinMark     = "##"
)

// Open reads the vocabulary.
func (c WordPiece) Open() (*Tokenizer, error) {
	if c.MaxWord < 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "max_word %d: want a positive number", c.MaxWord)
	}
	t := &Tokenizer{heads: map[string]int64{}, tails: map[string]int64{}, tokens: map[int64]string{}, keepCase: c.KeepCase, maxWord: c.MaxWord}
	if t.maxWord == 0 {
		t.maxWord = 100
	}
	err := eachLine(c.Vocabulary, func(number int, line string) error {
		token, after, numbered := strings.Cut(strip(line), "\t")
		id := int64(number - 1)
		if numbered {
			var err error
			if id, err = parseID(after); err != nil {
				return err
			}
		}
		t.add(strip(token), id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if t.unknown, err = t.need(c.Vocabulary, unknownToken); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Tokenizer) add(token string, id int64) {
	t.tokens[id] = token
	t.maxPiece = max(t.maxPiece, len(token))
	if tail, ok := strings.CutPrefix(token, withinMark); ok && tail != "" {
		t.tails[tail] = id
		return
	}
	t.heads[token] = id
}

// need is the id of a token that the file must have.
func (t *Tokenizer) need(file, token string) (int64, error) {
	id, ok := t.ID(token)
	if !ok {
		return 0, sampan.Errorf(sampan.InvalidArgument, "%s: there is no line for %q", file, token)
	}
	return id, nil
}

// ID is a token's id; pieces within a word begin with "##".
func (t *Tokenizer) ID(token string) (int64, bool) {
	if tail, ok := strings.CutPrefix(token, withinMark); ok && tail != "" {
		id, ok := t.tails[tail]
		return id, ok
	}
	id, ok := t.heads[token]
	return id, ok
}

// Token is the token with an id.
func (t *Tokenizer) Token(id int64) (string, bool) {
	token, ok := t.tokens[id]
	return token, ok
}

// Tokens divides a text into tokens; what has no token is "[UNK]".
func (t *Tokenizer) Tokens(text string) ([]string, error) {
	ids, err := t.Append(nil, text)
	tokens := make([]string, len(ids))
	for i, id := range ids {
		tokens[i] = t.tokens[id]
	}
	return tokens, err
}

// Append appends the ids of a text's tokens, without "[CLS]" and "[SEP]".
func (t *Tokenizer) Append(dst []int64, text string) ([]int64, error) {
	if err := valid(text); err != nil {
		return dst, err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	s.text = s.appendWords(s.text[:0], text, t.keepCase)
	for rest := s.text; len(rest) > 0; {
		end := bytes.IndexByte(rest, ' ')
		dst = t.appendPieces(dst, rest[:end])
		rest = rest[end+1:]
	}
	return dst, nil
}

// appendPieces appends the ids of a word's pieces. The work for each is bounded by the
// longest token of the vocabulary.
func (t *Tokenizer) appendPieces(dst []int64, word []byte) []int64 {
	if id, ok := t.heads[string(word)]; ok && len(word) <= t.maxWord {
		return append(dst, id)
	}
	if len(word) > t.maxWord && utf8.RuneCount(word) > t.maxWord {
		return append(dst, t.unknown)
	}
	before := len(dst)
	pieces := t.heads
	for len(word) > 0 {
		end := min(len(word), t.maxPiece)
		id, found := pieces[string(word[:end])]
		for !found && end > 1 {
			end--
			// A piece that ends within a character is in no vocabulary.
			id, found = pieces[string(word[:end])]
		}
		if !found {
			return append(dst[:before], t.unknown)
		}
		dst = append(dst, id)
		word, pieces = word[end:], t.tails
	}
	return dst
}
