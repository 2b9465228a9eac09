// Command imdb asks three models whether film reviews are kind: bag of words, convolution
// and LSTM. The reviews are read on the client's side, travel as one padded batch, and
// then one by one to a model that is drawn for each: an A/B test.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/examples/loopback"
	"github.com/sampanml/sampan/ops/text"
)

// padding is the id that fills up the shorter reviews of a batch; the models leave it out.
const padding = 10001

// models are the variants of the A/B test, and the names of their files behind "imdb_".
var models = []string{"bow", "cnn", "lstm"}

func main() {
	dir, example := loopback.Flags("imdb", 9292)
	flag.Parse()
	prepare(example, *dir)
	example.Main()
}

// prepare says what is served and asked, with the files of dir.
func prepare(e *loopback.Example, dir string) {
	for _, m := range models {
		e.Models = append(e.Models, filepath.Join(dir, "imdb_"+m+".onnx"))
	}
	e.Ask = func(ctx context.Context, w io.Writer, servers []string) error {
		set, err := readReviews(dir)
		if err != nil {
			return err
		}
		for i, m := range models {
			if err := askBatch(ctx, w, dir, m, servers[i], set); err != nil {
				return err
			}
		}
		return askVariants(ctx, w, dir, servers, set)
	}
}

// reviews are a test set: texts, the ids of their words, and 1 for a kind one, else 0.
type reviews struct {
	texts  []string
	ids    [][]int64
	labels []int64
}

// readReviews reads test_data.txt, "text | label" lines.
func readReviews(dir string) (reviews, error) {
	reader, err := text.IMDB{Vocabulary: filepath.Join(dir, "imdb.vocab"), UnknownByLines: true}.Open()
	if err != nil {
		return reviews{}, err
	}
	file, err := os.ReadFile(filepath.Join(dir, "test_data.txt"))
	if err != nil {
		return reviews{}, err
	}
	var set reviews
	for line := range strings.Lines(string(file)) {
		ids, label, err := reader.AppendLabelled(nil, strings.TrimSpace(line))
		if err != nil {
			return reviews{}, err
		}
		review, _, _ := strings.Cut(line, " |")
		set.texts, set.ids, set.labels = append(set.texts, review), append(set.ids, ids), append(set.labels, label)
	}
	return set, nil
}

// score counts right answers.
type score struct{ right, all int }

func (s *score) add(right bool) {
	s.all++
	if right {
		s.right++
	}
}

func (s score) String() string { return fmt.Sprintf("%d of %d right", s.right, s.all) }

// askBatch sends all reviews to one model in one call.
func askBatch(ctx context.Context, w io.Writer, dir, model, server string, set reviews) error {
	c, err := client.Load(dir)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Connect(ctx, server); err != nil {
		return err
	}
	kind, _, err := predict(ctx, c, set.ids...)
	if err != nil {
		return err
	}
	var s score
	for i := range kind {
		s.add((kind[i] > 0.5) == (set.labels[i] == 1))
	}
	fmt.Fprintf(w, "%-4s  one batch of all reviews: %s\n", model, s)
	return nil
}

// askVariants sends each review to a model that is drawn.
func askVariants(ctx context.Context, w io.Writer, dir string, servers []string, set reviews) error {
	c, err := client.Load(dir)
	if err != nil {
		return err
	}
	defer c.Close()
	var variants []client.Variant
	scores := map[string]*score{}
	for i, m := range models {
		variants = append(variants, client.Variant{Tag: m, Weight: 1, Cluster: "list://" + servers[i]})
		scores[m] = &score{}
	}
	if err := c.ConnectVariants(ctx, variants...); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nA model is drawn for each review:")
	for i, ids := range set.ids {
		kind, variant, err := predict(ctx, c, ids)
		if err != nil {
			return err
		}
		scores[variant].add((kind[0] > 0.5) == (set.labels[i] == 1))
		fmt.Fprintf(w, "%-4s  kind %.3f, label %d: %s\n", variant, kind[0], set.labels[i], set.texts[i])
	}
	fmt.Fprintln(w)
	for _, m := range models {
		fmt.Fprintf(w, "%-4s  %s\n", m, scores[m])
	}
	return nil
}

// predict gives the probability that each review is kind, and the variant that said so.
func predict(ctx context.Context, c *client.Client, ids ...[]int64) (kind []float32, variant string, err error) {
	words, err := text.Padded(padding, ids...)
	if err != nil {
		return nil, "", err
	}
	out, err := c.Predict(ctx, client.Feed{"words": words}, []string{"prediction"}, client.Batch())
	if err != nil {
		return nil, "", err
	}
	prediction, err := out.Float32s("prediction")
	if err != nil {
		return nil, "", err
	}
	if len(prediction) != 2*len(ids) {
		return nil, "", sampan.Errorf(sampan.Internal, "output \"prediction\": %d numbers, want %d", len(prediction), 2*len(ids))
	}
	for i := range ids {
		kind = append(kind, prediction[2*i+1])
	}
	return kind, out.Variant(), nil
}
