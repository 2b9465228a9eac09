// Command ctr asks a recommendation model with 27 inputs how likely clicks are, over RPC
// and over HTTP with JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/examples/loopback"
)

func main() {
	dir, example := loopback.Flags("ctr", 9494)
	flag.Parse()
	prepare(example, *dir)
	example.Main()
}

// prepare says what is served and asked, with the files of dir.
func prepare(e *loopback.Example, dir string) {
	e.Models = []string{filepath.Join(dir, "deepfm.onnx")}
	e.Ask = func(ctx context.Context, w io.Writer, servers []string) error {
		samples, err := readSamples(filepath.Join(dir, "samples.json"))
		if err != nil {
			return err
		}
		rpc, err := askRPC(ctx, dir, servers[0], samples)
		if err != nil {
			return err
		}
		web, err := askHTTP(ctx, servers[0], samples)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "clicked  by RPC       by HTTP")
		for i, s := range samples {
			fmt.Fprintf(w, "%-7d  %.7f    %.7f\n", s.Click, rpc[i], web[i])
		}
		return nil
	}
}

// sample is a user, an advertisement, and whether the one clicked on the other.
type sample struct {
	// Dense are 13 numbers, Slots the ids of 26 categories.
	Dense []float32 `json:"dense_input"`
	Slots []int64
	// Click is 1 for a click, else 0.
	Click int
}

func readSamples(path string) ([]sample, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var samples []sample
	return samples, json.Unmarshal(data, &samples)
}

// feed has a value for each input: dense_input, and C1 to C26 with a category each.
func (s sample) feed() client.Feed {
	feed := client.Feed{"dense_input": s.Dense}
	for i, id := range s.Slots {
		feed[fmt.Sprintf("C%d", i+1)] = []int64{id}
	}
	return feed
}

// feeds are the samples' feeds.
func feeds(samples []sample) []client.Feed {
	var out []client.Feed
	for _, s := range samples {
		out = append(out, s.feed())
	}
	return out
}

// askRPC gives the probabilities of a click, as one call with a row for each sample.
func askRPC(ctx context.Context, config, server string, samples []sample) ([]float32, error) {
	c, err := client.Load(config)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Connect(ctx, server); err != nil {
		return nil, err
	}
	out, err := c.PredictRows(ctx, feeds(samples), []string{"prob"})
	if err != nil {
		return nil, err
	}
	prob, err := out.Float32s("prob")
	if err != nil {
		return nil, err
	}
	if len(prob) != 2*len(samples) {
		return nil, sampan.Errorf(sampan.Internal, "output \"prob\": %d numbers, want %d", len(prob), 2*len(samples))
	}
	var clicks []float32
	for i := range samples {
		clicks = append(clicks, prob[2*i+1])
	}
	return clicks, nil
}

// askHTTP is askRPC over HTTP.
func askHTTP(ctx context.Context, server string, samples []sample) ([]float32, error) {
	question, err := json.Marshal(map[string]any{"feed": feeds(samples), "fetch": []string{"prob"}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+server+"/deepfm/prediction", bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", resp.Status, body)
	}
	var answer struct {
		Result struct{ Prob [][2]float32 }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if got := len(answer.Result.Prob); got != len(samples) {
		return nil, sampan.Errorf(sampan.Internal, "output \"prob\": %d rows, want %d", got, len(samples))
	}
	var clicks []float32
	for _, prob := range answer.Result.Prob {
		clicks = append(clicks, prob[1])
	}
	return clicks, nil
}
