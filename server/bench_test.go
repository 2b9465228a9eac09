package server_test

import (
	"context"
	"testing"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server"
)

// BenchmarkPredict is a call of the linear model by the SDK, 32 at once, client and
// server in one process; allocations are those of both.
func BenchmarkPredict(b *testing.B) {
	r := serve(b, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	for _, transport := range []client.Transport{client.TTHeader, client.GRPC, client.BaiduStd, client.Mux} {
		b.Run(transport.String(), func(b *testing.B) {
			c, err := client.Load(fixture.Repo("examples", "fit_a_line", "uci_housing_client"))
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			if err := c.ConnectWith(context.Background(), client.Config{Transport: transport}, r.Addr().String()); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(16)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := c.Predict(context.Background(), client.Feed{"x": sample}, nil); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
