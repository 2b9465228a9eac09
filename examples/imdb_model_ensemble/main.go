// Command imdb_model_ensemble asks two models of film reviews at the same time and answers
// with the mean: Paddle Serving's example of that name, with its ops in Go. config.yml has
// the same ops in YAML, for `sampan pipeline`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/ops/text"
	"github.com/sampanml/sampan/server/pipeline"
)

// read gives a review's words as their ids, int64 of shape [1 n].
type read struct {
	pipeline.Op
	reader *text.IMDBReader
}

func (r read) Postprocess(_ context.Context, in pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	review, err := in.Text("words")
	if err != nil {
		return nil, err
	}
	ids, err := r.reader.Append(nil, review)
	if err != nil {
		return nil, err
	}
	words, err := sampan.Of(sampan.Shape{1, int64(len(ids))}, ids)
	return pipeline.Result{pipeline.Array("words", words)}, err
}

// combine gives the mean of the models' predictions.
type combine struct{ pipeline.Op }

func (combine) Postprocess(_ context.Context, in pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	var sum [2]float32
	models := in.From()
	for _, model := range models {
		prediction, err := sampan.View[float32](in.Of(model)[0].Data.(sampan.Tensor))
		if err != nil {
			return nil, err
		}
		sum[0] += prediction[0]
		sum[1] += prediction[1]
	}
	n := float32(len(models))
	mean, err := sampan.Of(sampan.Shape{1, 2}, []float32{sum[0] / n, sum[1] / n})
	if err != nil {
		return nil, err
	}
	text, err := pipeline.Str(mean)
	return pipeline.Result{pipeline.Text("prediction", text)}, err
}

// service is the pipeline: a diamond.
func service(config, vocabulary string, o pipeline.Options) (*pipeline.Service, error) {
	reader, err := text.IMDB{Vocabulary: vocabulary, UnknownByLines: true}.Open()
	if err != nil {
		return nil, err
	}
	svc := pipeline.New("prediction", config, o)
	words := svc.Add("read", read{reader: reader}, svc.Request())
	bow := svc.Add("bow", pipeline.Op{}, words)
	cnn := svc.Add("cnn", pipeline.Op{}, words)
	svc.Respond(svc.Add("combine", combine{}, bow, cnn))
	return svc, nil
}

func main() {
	config := flag.String("config", "examples/imdb_model_ensemble/config.yml", "the pipeline's file")
	vocabulary := flag.String("vocabulary", "examples/imdb/imdb.vocab", "the words, a line each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *config, *vocabulary); err != nil {
		fmt.Fprintln(os.Stderr, "imdb_model_ensemble:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, config, vocabulary string) error {
	backend, err := onnx.Open("")
	if err != nil {
		return err
	}
	svc, err := service(config, vocabulary, pipeline.Options{Backend: backend, Host: "127.0.0.1"})
	if err != nil {
		return err
	}
	return svc.Run(ctx)
}
