package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// server is where the examples' model runs: it answers the sum of each row.
func server() (address string, stop func()) {
	address, stop, err := client.StartSums()
	if err != nil {
		log.Fatal(err)
	}
	return address, stop
}

func Example() {
	address, stop := server()
	defer stop()
	ctx := context.Background()

	c, err := client.Load("testdata/uci/serving_client_conf.prototxt")
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Connect(ctx, address); err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	x := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}
	out, err := c.Predict(ctx, client.Feed{"x": x}, []string{"price"})
	if err != nil {
		log.Fatal(err)
	}
	price, err := out.Float32s("price")
	fmt.Println(price, err)
	// Output: [91] <nil>
}

func ExampleBatch() {
	address, stop := server()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()

	c, err := client.Load("testdata/uci")
	if err != nil {
		log.Fatal(err)
	}
	if err := c.ConnectWith(ctx, client.Config{Transport: client.GRPC}, address); err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	rows := make([][]float32, 3)
	for i := range rows {
		rows[i] = make([]float32, 13)
		rows[i][0] = float32(i)
	}
	out, err := c.Predict(ctx, client.Feed{"x": rows}, nil, client.Batch())
	if err != nil {
		log.Fatal(err)
	}
	t, err := out.Tensor("price")
	if err != nil {
		log.Fatal(err)
	}
	prices, err := sampan.View[float32](t)
	fmt.Println(t.Shape, prices, err)
	// Output: [3 1] [0 1 2] <nil>
}

func ExampleClient_Request() {
	c, err := client.Load("testdata/uci")
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Request(client.Feed{"x": make([]float32, 12)}, nil)
	fmt.Println(err)
	_, err = c.Request(client.Feed{"y": make([]float32, 13)}, nil)
	fmt.Println(err)

	var e *sampan.Error
	fmt.Println(errors.As(err, &e) && e.Code == sampan.InvalidArgument)
	// Output:
	// feed "x": 12 numbers, want 13
	// feed "y" is not known, the model takes "x"
	// true
}

func ExampleSequences() {
	c, err := client.Load("testdata/words.prototxt")
	if err != nil {
		log.Fatal(err)
	}
	sentences := [][]int64{{8, 233, 52}, {601}}
	r, err := c.Request(client.Feed{"words": client.Sequences(sentences)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	t := r.Inputs[0].Tensor
	fmt.Println(t.Shape, t.LoD)
	// Output: [4 1] [[0 3 4]]
}

// An A/B test over two groups of servers.
func ExampleClient_ConnectVariants() {
	address, stop := server()
	defer stop()
	ctx := context.Background()

	c, err := client.Load("testdata/uci")
	if err != nil {
		log.Fatal(err)
	}
	err = c.ConnectVariants(ctx,
		client.Variant{Tag: "old", Weight: 90, Cluster: "list://" + address},
		client.Variant{Tag: "new", Weight: 10, Cluster: "list://" + address, Config: client.Config{Timeout: time.Second}})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	answers := map[string]int{}
	for range 100 {
		out, err := c.Predict(ctx, client.Feed{"x": make([]float32, 13)}, nil)
		if err != nil {
			log.Fatal(err)
		}
		answers[out.Variant()]++
	}
	fmt.Println(answers["old"]+answers["new"], answers["old"] > answers["new"])
	// Output: 100 true
}

// Servers by URL, a slow one overtaken by the other.
func ExampleClient_ConnectWith() {
	a, stopA := server()
	defer stopA()
	b, stopB := server()
	defer stopB()
	ctx := context.Background()

	c, err := client.Load("testdata/uci")
	if err != nil {
		log.Fatal(err)
	}
	config := client.Config{Balance: client.LocalityAware, HedgeAfter: 50 * time.Millisecond}
	if err := c.ConnectWith(ctx, config, "grpc://"+a, "grpc://"+b); err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	out, err := c.PredictRows(ctx, []client.Feed{{"x": make([]float32, 13)}, {"x": []float64{12: 0.5}}}, nil)
	if err != nil {
		log.Fatal(client.EndpointOf(err), err)
	}
	fmt.Println(out.Float32s("price"))
	// Output: [0 0.5] <nil>
}

// Everything that is wrong with a file is said at once.
func ExampleLoadSDKConfig() {
	_, err := client.LoadSDKConfig("testdata/predictors.prototxt")
	fmt.Println(err)
	// Output:
	// load SDK config: testdata/predictors.prototxt: predictors[0].variants[0].connection_conf.rpc_timeout_ms: 0, want 1 or more
	// predictors[0].variants[0].naming_conf.cluster: server "localhost", want host:port
}
