// Command simple_web_service is a pipeline whose op is written in Go: Paddle Serving's
// example of that name. config.yml has the same op in YAML, for `sampan pipeline`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/server/pipeline"
)

// uci turns "0.01, 0.02, …; …" into the model's input, and its prices into a text.
type uci struct{ pipeline.Op }

func (uci) Preprocess(_ context.Context, in pipeline.Inputs) (pipeline.Feed, error) {
	text, err := in.Text("x")
	if err != nil {
		return pipeline.Feed{}, err
	}
	x, err := pipeline.Rows(text)
	return pipeline.Run(pipeline.Input("x", x)), err
}

func (uci) Postprocess(_ context.Context, _ pipeline.Inputs, out pipeline.Fetch) (pipeline.Result, error) {
	price, err := out.Tensor("price")
	if err != nil {
		return nil, err
	}
	text, err := pipeline.Str(price)
	return pipeline.Result{pipeline.Text("price", text)}, err
}

// service is the pipeline: the request, the op, the answer.
func service(config string, o pipeline.Options) *pipeline.Service {
	svc := pipeline.New("uci", config, o)
	read := svc.Request()
	price := svc.Add("uci", uci{}, read)
	svc.Respond(price)
	return svc
}

func main() {
	config := flag.String("config", "examples/simple_web_service/config.yml", "the pipeline's file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	backend, err := onnx.Open("")
	if err == nil {
		err = service(*config, pipeline.Options{Backend: backend, Translators: []engine.Translator{paddle.Format{}}, Host: "127.0.0.1"}).Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simple_web_service:", err)
		os.Exit(1)
	}
}
