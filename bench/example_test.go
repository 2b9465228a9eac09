package bench_test

import (
	"context"
	"fmt"
	"log"
	"net"

	"github.com/sampanml/sampan/bench"
)

// A command gives an Echo that starts ServeEcho in another process; here it is a
// goroutine, and plays the measured server too.
func Example() {
	echo := func(ctx context.Context, p bench.Protocol, reply []byte) (string, func() error, error) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, err
		}
		ctx, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- bench.ServeEcho(ctx, listener, p, reply) }()
		return listener.Addr().String(), func() error { cancel(); return <-done }, nil
	}
	ctx := context.Background()
	endpoint, stop, err := echo(ctx, bench.HTTP, []byte(`{"result":{"price":[[18.9]]}}`))
	if err != nil {
		log.Fatal(err)
	}
	defer stop()

	report, err := bench.Run(ctx, bench.Config{
		Conf:     []string{"testdata/uci.prototxt"},
		Endpoint: endpoint,
		Protocol: bench.HTTP,
		Name:     "uci",
		Requests: 100,
		Echo:     echo,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Requests, report.Errors, report.QPS > 0)
	fmt.Println(report.Floors[0].Name, report.Floors[0].Requests, report.Floors[0].Ratio > 0)
	// Output:
	// 100 map[] true
	// echo 100 true
}
