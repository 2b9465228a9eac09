package text

import "github.com/sampanml/sampan"

// ChineseBERT describes the reader of texts for BERT, paddle_serving_app's
// ChineseBertReader. The text is cut to MaxSeqLen-2 tokens.
type ChineseBERT struct {
	// Vocabulary is a file as for [WordPiece], with "[UNK]", "[PAD]", "[CLS]", "[SEP]"
	// and "[MASK]".
	Vocabulary string `yaml:"vocabulary"`
	// MaxSeqLen is the length of every input; 0 means 20.
	MaxSeqLen int `yaml:"max_seq_len"`
	// Separator puts "[SEP]" after the text, as BERT was trained. The original leaves
	// it out, but keeps a place for it.
	Separator bool `yaml:"separator"`
	// PlainPadding lets positions run on through the padding, and segments be 0 there.
	// The original puts the id of "[PAD]" in both.
	PlainPadding bool `yaml:"plain_padding"`
}

// ChineseBERTReader makes the four inputs of a BERT from a text.
type ChineseBERTReader struct {
	*Tokenizer
	config                  ChineseBERT
	first, separator, empty int64
}

// BERTInputs are the inputs for one text, each MaxSeqLen long. In the order of the
// fields they are Paddle Serving's feeds input_ids, position_ids, segment_ids and
// input_mask.
type BERTInputs struct {
	InputIDs, PositionIDs, SegmentIDs, InputMask []int64
}

// Open reads the vocabulary.
func (c ChineseBERT) Open() (*ChineseBERTReader, error) {
	if c.MaxSeqLen == 0 {
		c.MaxSeqLen = 20
	}
	if c.MaxSeqLen < 2 || c.MaxSeqLen > maxLength {
		return nil, sampan.Errorf(sampan.InvalidArgument, "max_seq_len %d: want 2 to %d", c.MaxSeqLen, maxLength)
	}
	t, err := WordPiece{Vocabulary: c.Vocabulary}.Open()
	if err != nil {
		return nil, err
	}
	r := &ChineseBERTReader{Tokenizer: t, config: c}
	var mask int64
	for _, s := range []struct {
		id    *int64
		token string
	}{{&r.empty, paddingToken}, {&r.first, firstToken}, {&r.separator, separatorToken}, {&mask, "[MASK]"}} {
		if *s.id, err = t.need(c.Vocabulary, s.token); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Read makes the inputs for a text, as process.
func (r *ChineseBERTReader) Read(text string) (BERTInputs, error) {
	ids, err := r.Append([]int64{r.first}, text)
	if err != nil {
		return BERTInputs{}, err
	}
	n := r.config.MaxSeqLen
	ids = ids[:min(len(ids), n-1)]
	if r.config.Separator {
		ids = append(ids, r.separator)
	}
	all := make([]int64, 4*n)
	in := BERTInputs{all[:n:n], all[n : 2*n : 2*n], all[2*n : 3*n : 3*n], all[3*n:]}
	for i := copy(in.InputIDs, ids); i < n; i++ {
		in.InputIDs[i] = r.empty
	}
	for i := range n {
		switch {
		case i < len(ids):
			in.PositionIDs[i], in.InputMask[i] = int64(i), 1
		case r.config.PlainPadding:
			in.PositionIDs[i] = int64(i)
		default:
			in.PositionIDs[i], in.SegmentIDs[i] = r.empty, r.empty
		}
	}
	return in, nil
}
