package text_test

import (
	"fmt"

	"github.com/sampanml/sampan/ops/text"
)

func ExampleIMDB() {
	reader, err := text.IMDB{Vocabulary: "testdata/imdb.vocab"}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	ids, label, err := reader.AppendLabelled(nil, "The film is not bad. | 1")
	fmt.Println(ids, label, err)
	words, err := text.Sequences(ids)
	fmt.Println(words.DType, words.Shape, words.LoD, err)
	// Output:
	// [0 2 3 6 5 1] 1 <nil>
	// int64 [6 1] [[0 6]] <nil>
}

func ExampleCriteo() {
	const line = "1\t5\t\t3\t\t\t\t\t\t\t\t\t\t\t68fd1e64\t80e26c9b\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"
	sample, err := text.Criteo{}.Read(line)
	fmt.Println(sample.Label, sample.Dense[:3], sample.Sparse[:2], err)
	sample, err = text.Criteo{Hash: text.Python3, Seed: 42}.Read(line)
	fmt.Println(sample.Label, sample.Dense[:3], sample.Sparse[:2], err)
	// Output:
	// 1 [0.25 0 0.03] [715353 817085] <nil>
	// 1 [0.25 0 0.03] [686215 805963] <nil>
}

// The segmentation of a sentence, and what the sentiment model is fed with.
func ExampleLAC() {
	lac, err := text.LAC{Folder: "testdata/lac_dict"}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	ids, err := lac.Append(nil, "我爱北京")
	fmt.Println(ids, err)
	// The model answers crf_decode.
	words, err := lac.Words("我爱北京", []int64{0, 1, 2, 3})
	fmt.Println(words, err)
	// Output:
	// [0 1 2 3] <nil>
	// [{我 r} {爱 v} {北京 LOC}] <nil>
}

func ExampleSenta() {
	senta, err := text.Senta{Vocabulary: "testdata/senta_vocab.txt"}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(senta.Append(nil, []string{"我", "爱", "上海"}))
	// Output: [1 2 4] <nil>
}

func ExampleChineseBERT() {
	reader, err := text.ChineseBERT{Vocabulary: "testdata/bert_vocab.txt", MaxSeqLen: 6}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := reader.Read("serving is")
	fmt.Println(in.InputIDs, in.PositionIDs, in.SegmentIDs, in.InputMask, err)
	// Output: [2 6 7 0 0 0] [0 1 2 0 0 0] [0 0 0 0 0 0] [1 1 1 0 0 0] <nil>
}

func ExampleWordPiece() {
	tokenizer, err := text.WordPiece{Vocabulary: "testdata/bert_vocab.txt"}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, err := tokenizer.Tokens("Is mödel serving unaffable?")
	fmt.Printf("%q %v\n", tokens, err)
	// Output: ["is" "model" "serving" "un" "##aff" "##able" "?"] <nil>
}

func ExampleBERT() {
	reader, err := text.BERT{WordPiece: text.WordPiece{Vocabulary: "testdata/bert_vocab.txt"}}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := reader.ReadPairs([2]string{"Is model serving?", "model serving is"}, [2]string{"model?", "is"})
	fmt.Println(batch.InputIDs.Shape, err)
	// Output: [2 10] <nil>
}
