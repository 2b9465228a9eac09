// Package pipelinetest serves pipelines for tests: on free ports of the loopback, until
// the test ends.
package pipelinetest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/server/pipeline"
)

// Serve runs the pipeline that service makes with the options, and returns a client of it.
// The test fails if the pipeline does not begin or end well.
func Serve(t testing.TB, service func(pipeline.Options) *pipeline.Service, o pipeline.Options) *client.PipelineClient {
	t.Helper()
	c, err := client.ConnectPipeline(t.Context(), client.PipelineConfig{}, Start(t, service, o).RPCAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Start does as [Serve], and returns the server.
func Start(t testing.TB, service func(pipeline.Options) *pipeline.Service, o pipeline.Options) *pipeline.Server {
	t.Helper()
	o.Host, o.FreePorts, o.ReloadInterval = "127.0.0.1", true, -1
	s, err := service(o).Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the pipeline did not end well: %v", err)
		}
	})
	for began := time.Now(); !s.Ready(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("the pipeline does not become ready")
		}
	}
	return s
}

// BenchmarkShare posts a picture to the pipeline by turns, one at a time, and reports the
// median time of an answer, the time of the models' runs for it, and the ratio of both.
func BenchmarkShare(b *testing.B, s *pipeline.Server, picture []byte) {
	b.Helper()
	url := "http://" + s.HTTPAddr().String() + "/" + s.Name() + "/prediction"
	post := func() time.Duration {
		began := time.Now()
		resp, err := http.Post(url, "image/png", bytes.NewReader(picture))
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("status %d, %v", resp.StatusCode, err)
		}
		return time.Since(began)
	}
	for range 5 {
		post()
	}
	before := inference(b, s)
	var took []time.Duration
	for b.Loop() {
		took = append(took, post())
	}
	runs := (inference(b, s) - before) / float64(len(took))
	slices.Sort(took)
	median := took[len(took)/2].Seconds()
	b.ReportMetric(1000*median, "p50-ms")
	b.ReportMetric(1000*runs, "models-ms")
	b.ReportMetric(median/runs, "ratio")
}

// inference is how long all runs of models have taken, in seconds.
func inference(b *testing.B, s *pipeline.Server) (sum float64) {
	b.Helper()
	resp, err := http.Get("http://" + s.HTTPAddr().String() + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(name, "sampan_inference_duration_seconds_sum") {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(err)
			}
			sum += seconds
		}
	}
	return sum
}
