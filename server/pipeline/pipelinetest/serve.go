// Package pipelinetest serves pipelines for tests: on free ports of the loopback, until
// the test ends.
package pipelinetest

import (
	"context"
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
