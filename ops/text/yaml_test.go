package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestFromYAML(t *testing.T) {
	var got struct {
		BERT   BERT
		Criteo Criteo
		Reader ChineseBERT
	}
	decoder := yaml.NewDecoder(strings.NewReader(`
bert: {vocabulary: v, keep_case: true, max_word: 50, max_seq_len: 128, fixed: true}
criteo: {sparse_feature_dim: 1000, hash: python3.11, seed: 7}
reader: {vocabulary: v, max_seq_len: 64, separator: true, plain_padding: true}
`))
	decoder.KnownFields(true)
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := got
	want.BERT = BERT{WordPiece: WordPiece{Vocabulary: "v", KeepCase: true, MaxWord: 50}, MaxSeqLen: 128, Fixed: true}
	want.Criteo = Criteo{SparseFeatureDim: 1000, Hash: Python311, Seed: 7}
	want.Reader = ChineseBERT{Vocabulary: "v", MaxSeqLen: 64, Separator: true, PlainPadding: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
