// Command bert asks a small BERT for sentence vectors, and prints how near pairs of
// sentences are to each other and how kind they are.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/examples/loopback"
	"github.com/sampanml/sampan/ops/text"
)

// width is how many numbers a sentence's vector has.
const width = 64

// pairs are sentences to compare.
var pairs = [][2]string{
	{"this movie is wonderful and i loved it", "one of the best films i have ever seen"},
	{"this movie is wonderful and i loved it", "a boring waste of time , terrible acting"},
	{"the jokes are not funny at all", "a boring waste of time , terrible acting"},
}

func main() {
	dir, example := loopback.Flags("bert", 9595)
	flag.Parse()
	prepare(example, *dir)
	example.Main()
}

// prepare says what is served and asked, with the files of dir.
func prepare(e *loopback.Example, dir string) {
	e.Models = []string{filepath.Join(dir, "tiny_bert_imdb.onnx")}
	e.Ask = func(ctx context.Context, w io.Writer, servers []string) error {
		for _, p := range pairs {
			s, err := encode(ctx, dir, servers[0], p[:]...)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "cosine %+.3f\n", cosine(s[0].vector, s[1].vector))
			for i, sentence := range p {
				fmt.Fprintf(w, "  kind %.3f  %s\n", s[i].kind, sentence)
			}
		}
		return nil
	}
}

// encoded is what the model says of a sentence.
type encoded struct {
	vector []float32
	// kind is the probability that it is a kind review.
	kind float32
}

// encode sends sentences as one batch.
func encode(ctx context.Context, dir, server string, sentences ...string) ([]encoded, error) {
	reader, err := text.BERT{WordPiece: text.WordPiece{Vocabulary: filepath.Join(dir, "vocab.txt")}, MaxSeqLen: 128}.Open()
	if err != nil {
		return nil, err
	}
	batch, err := reader.Read(sentences...)
	if err != nil {
		return nil, err
	}
	c, err := client.Load(dir)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Connect(ctx, server); err != nil {
		return nil, err
	}
	out, err := c.Predict(ctx, client.Feed{
		"input_ids": batch.InputIDs, "token_type_ids": batch.TokenTypeIDs, "attention_mask": batch.AttentionMask,
	}, []string{"pooled_output", "prob"}, client.Batch())
	if err != nil {
		return nil, err
	}
	pooled, err := out.Float32s("pooled_output")
	if err != nil {
		return nil, err
	}
	prob, err := out.Float32s("prob")
	if err != nil {
		return nil, err
	}
	if n := len(sentences); len(pooled) != width*n || len(prob) != 2*n {
		return nil, sampan.Errorf(sampan.Internal, "%d and %d numbers for %d sentences, want %d and 2 for each", len(pooled), len(prob), n, width)
	}
	var answers []encoded
	for i := range sentences {
		answers = append(answers, encoded{vector: pooled[width*i : width*(i+1)], kind: prob[2*i+1]})
	}
	return answers, nil
}

// cosine of the angle between two vectors of the same length: 1 is the same direction.
func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
