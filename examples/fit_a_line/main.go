// Command fit_a_line serves the house-price model and asks it over HTTP, RPC and gRPC:
// the whole of Sampan in one file.
package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/server"
)

// files are the model, in Paddle's format, and what a client needs to call it.
//
//go:embed all:uci_housing_model all:uci_housing_client
var files embed.FS

// house is a row of the Boston housing data: 13 features, scaled.
var house = []float32{0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332}

func main() {
	once := flag.Bool("once", false, "end after the answers")
	port := flag.Int("port", 9393, "port on the loopback; 0 lets the system choose")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *port, *once); err != nil {
		fmt.Fprintln(os.Stderr, "fit_a_line:", err)
		os.Exit(1)
	}
}

// run serves, asks, and serves on until ctx ends, or ends at once.
func run(ctx context.Context, w io.Writer, port int, once bool) error {
	dir, err := os.MkdirTemp("", "sampan")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	backend, err := onnx.Open("")
	if err != nil {
		return err
	}
	s, err := server.New(ctx, server.Config{
		Name: "uci", Host: "127.0.0.1", Port: port,
		Models:  []server.ModelConfig{{Path: filepath.Join(dir, "uci_housing_model")}},
		Backend: backend, Translators: []engine.Translator{paddle.Format{}},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()

	addr := s.Addr().String()
	if err := ask(ctx, w, addr, filepath.Join(dir, "uci_housing_client")); err != nil {
		cancel()
		<-ended
		return err
	}
	if once {
		cancel()
	} else {
		fmt.Fprintf(w, "Serving on http://%s until ^C.\n", addr)
	}
	return <-ended
}

// ask sends the same question over every front door.
func ask(ctx context.Context, w io.Writer, addr, config string) error {
	question, err := json.Marshal(map[string]any{"feed": []any{map[string]any{"x": house}}, "fetch": []string{"price"}})
	if err != nil {
		return err
	}
	url := "http://" + addr + "/uci/prediction"
	answer, err := post(ctx, url, question)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "HTTP\n  curl -X POST -H 'Content-Type: application/json' -d '%s' %s\n  %s\n\n", question, url, answer)

	for _, transport := range []client.Transport{client.TTHeader, client.GRPC} {
		c, err := client.Load(config)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := c.ConnectWith(ctx, client.Config{Transport: transport}, addr); err != nil {
			return err
		}
		out, err := c.Predict(ctx, client.Feed{"x": house}, []string{"price"})
		if err != nil {
			return err
		}
		price, err := out.Float32s("price")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "Go SDK over %s\n  c.Predict(ctx, client.Feed{\"x\": house}, []string{\"price\"})\n  price = %v thousand dollars\n\n", transport, float64(price[0]))
	}
	return nil
}

// post returns the body of a good reply.
func post(ctx context.Context, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, answer)
	}
	return answer, err
}
