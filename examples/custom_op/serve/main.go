// Command serve is a server of one's own: Sampan with one more op type.
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
	customop "github.com/sampanml/sampan/examples/custom_op"
	"github.com/sampanml/sampan/server"
)

func main() {
	model := flag.String("model", "examples/fit_a_line/uci_housing_model", "model directory")
	port := flag.Int("port", 9393, "port on the loopback")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *model, *port); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, model string, port int) error {
	backend, err := onnx.Open("")
	if err != nil {
		return err
	}
	s, err := server.New(ctx, server.Config{
		Name: "uci", Host: "127.0.0.1", Port: port,
		Models:  []server.ModelConfig{{Path: model}},
		Ops:     []string{"GeneralInferOp", customop.PriceBand + ":0"},
		Backend: backend, Translators: []engine.Translator{paddle.Format{}},
	})
	if err != nil {
		return err
	}
	fmt.Println("serving on", s.Addr())
	return s.Run(ctx)
}
