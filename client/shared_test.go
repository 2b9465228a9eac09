package client

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// TestSharedConnection: on one connection each caller gets its own answer, though others
// give up at any time.
func TestSharedConnection(t *testing.T) {
	address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		if rand.IntN(8) == 0 {
			time.Sleep(time.Millisecond)
		}
		return sums(ctx, r)
	})
	for _, transport := range []Transport{BaiduStd, Mux} {
		t.Run(transport.String(), func(t *testing.T) {
			c := connect(t, Config{Transport: transport, MaxConns: 1}, address)
			var callers sync.WaitGroup
			for caller := range 32 {
				callers.Go(func() {
					for i := range 100 {
						// The largest take more than one write.
						rows := 1
						if i%25 == 0 {
							rows = 4000
						}
						x := make([]float32, 13*rows)
						want := float32(1000*caller + i)
						x[len(x)-1] = want
						ctx, cancel := context.Background(), func() {}
						if i%10 == 9 {
							ctx, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(1000))*time.Microsecond)
						}
						out, err := c.Predict(ctx, Feed{"x": tensorOf(sampan.Shape{int64(rows), 13}, x...)}, nil, Batch())
						cancel()
						if err != nil {
							if i%10 != 9 || sampan.CodeOf(err) != sampan.DeadlineExceeded {
								t.Errorf("caller %d, call %d: %v", caller, i, err)
							}
							continue
						}
						if price, err := out.Float32s("price"); err != nil || len(price) != rows || price[rows-1] != want {
							t.Errorf("caller %d, call %d: another's answer (%v)", caller, i, err)
						}
					}
				})
			}
			callers.Wait()
		})
	}
}

// TestStopLosesNoCall: when one of two servers is stopped under load, the other one takes
// the calls.
func TestStopLosesNoCall(t *testing.T) {
	for _, transport := range []Transport{BaiduStd, Mux} {
		t.Run(transport.String(), func(t *testing.T) {
			first, stop := serve(t, sums)
			second, _ := serve(t, sums)
			c := connect(t, Config{Transport: transport, MaxConns: 2}, first, second)
			end := make(chan struct{})
			var callers sync.WaitGroup
			for range 8 {
				callers.Go(func() {
					for {
						select {
						case <-end:
							return
						default:
						}
						if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			time.Sleep(50 * time.Millisecond)
			stop()
			time.Sleep(50 * time.Millisecond)
			close(end)
			callers.Wait()
		})
	}
}
