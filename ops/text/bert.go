package text

import "github.com/sampanml/sampan"

// BERT describes the inputs of a BERT: "[CLS]", a text, "[SEP]", and for a pair the
// other text and "[SEP]".
type BERT struct {
	// WordPiece divides the texts; its vocabulary must have "[PAD]", "[CLS]" and
	// "[SEP]" too.
	WordPiece `yaml:",inline"`
	// MaxSeqLen is the most tokens of a row, those three included; 0 means 512. Of a
	// pair the longer text is cut first, so that neither is cut away.
	MaxSeqLen int `yaml:"max_seq_len"`
	// Fixed makes every row MaxSeqLen long, else it is as long as the longest.
	Fixed bool `yaml:"fixed"`
}

// BERTReader makes the inputs of a BERT.
type BERTReader struct {
	*Tokenizer
	config                  BERT
	first, separator, empty int64
}

// BERTBatch are the inputs for some texts, int64 of shape [texts length].
type BERTBatch struct {
	// InputIDs are padded with "[PAD]".
	InputIDs sampan.Tensor
	// TokenTypeIDs are 1 for the second text of a pair and its "[SEP]", else 0.
	TokenTypeIDs sampan.Tensor
	// AttentionMask is 1 for tokens and 0 for padding.
	AttentionMask sampan.Tensor
}

// maxLength bounds the tokens of a row.
const maxLength = 1 << 16

// Open reads the vocabulary.
func (c BERT) Open() (*BERTReader, error) {
	if c.MaxSeqLen == 0 {
		c.MaxSeqLen = 512
	}
	if c.MaxSeqLen < 3 || c.MaxSeqLen > maxLength {
		return nil, sampan.Errorf(sampan.InvalidArgument, "max_seq_len %d: want 3 to %d", c.MaxSeqLen, maxLength)
	}
	t, err := c.WordPiece.Open()
	if err != nil {
		return nil, err
	}
	r := &BERTReader{Tokenizer: t, config: c}
	if r.empty, err = t.need(c.Vocabulary, paddingToken); err != nil {
		return nil, err
	}
	if r.first, err = t.need(c.Vocabulary, firstToken); err != nil {
		return nil, err
	}
	if r.separator, err = t.need(c.Vocabulary, separatorToken); err != nil {
		return nil, err
	}
	return r, nil
}

// Read makes the inputs for texts.
func (r *BERTReader) Read(texts ...string) (BERTBatch, error) {
	return r.read(texts, nil)
}

// ReadPairs makes the inputs for pairs of texts, such as a question and the text that
// may answer it.
func (r *BERTReader) ReadPairs(pairs ...[2]string) (BERTBatch, error) {
	first, second := make([]string, len(pairs)), make([]string, len(pairs))
	for i, p := range pairs {
		first[i], second[i] = p[0], p[1]
	}
	return r.read(first, second)
}

func (r *BERTReader) read(first, second []string) (BERTBatch, error) {
	ids, types := make([][]int64, len(first)), make([][]int64, len(first))
	length := 0
	for i := range first {
		other := ""
		if second != nil {
			other = second[i]
		}
		var err error
		if ids[i], types[i], err = r.row(first[i], other, second != nil); err != nil {
			return BERTBatch{}, sampan.Errorf(sampan.InvalidArgument, "text %d: %w", i, err)
		}
		length = max(length, len(ids[i]))
	}
	if r.config.Fixed {
		length = r.config.MaxSeqLen
	}
	masks := make([][]int64, len(ids))
	for i := range ids {
		masks[i] = ones(len(ids[i]))
	}
	var batch BERTBatch
	for _, input := range []struct {
		to      *sampan.Tensor
		rows    [][]int64
		padding int64
	}{{&batch.InputIDs, ids, r.empty}, {&batch.TokenTypeIDs, types, 0}, {&batch.AttentionMask, masks, 0}} {
		var err error
		if *input.to, err = pad(input.rows, input.padding, length); err != nil {
			return BERTBatch{}, err
		}
	}
	return batch, nil
}

// row is a text's or a pair's tokens, and which of the two each belongs to.
func (r *BERTReader) row(first, second string, pair bool) (ids, types []int64, err error) {
	if ids, err = r.Append([]int64{r.first}, first); err != nil {
		return nil, nil, err
	}
	if !pair {
		ids = append(ids[:min(len(ids), r.config.MaxSeqLen-1)], r.separator)
		return ids, make([]int64, len(ids)), nil
	}
	other, err := r.Append(nil, second)
	if err != nil {
		return nil, nil, err
	}
	a, b := cutPair(len(ids)-1, len(other), r.config.MaxSeqLen-3)
	ids = append(ids[:1+a], r.separator)
	types = make([]int64, len(ids), len(ids)+b+1)
	ids = append(append(ids, other[:b]...), r.separator)
	return ids, append(types, ones(b+1)...), nil
}

// cutPair shortens two lengths to a sum of at most most: the longer to the shorter,
// then both; the odd token stays with the longer one, or the second.
func cutPair(a, b, most int) (int, int) {
	if a+b <= most {
		return a, b
	}
	short := min(a, b, most/2)
	if a > b {
		return most - short, short
	}
	return short, most - short
}

func ones(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}
