package client

import (
	"testing"
)

// BenchmarkPredict is a call on loopback, client and server in one process.
func BenchmarkPredict(b *testing.B) {
	for _, tr := range []Transport{TTHeader, GRPC} {
		b.Run(tr.String(), func(b *testing.B) {
			address, _ := serve(b, sums)
			c := connect(b, Config{Transport: tr}, address)
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := c.Predict(b.Context(), Feed{"x": thirteen}, nil); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
