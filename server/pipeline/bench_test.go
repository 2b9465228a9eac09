package pipeline_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/server"
	"github.com/sampanml/sampan/server/pipeline"
)

// nothing is an op that hands on what it gets.
type nothing struct{ pipeline.Op }

// BenchmarkOpsThatDoNothing is a call through 1 and 11 ops without a network: the
// difference is ten times the cost of an op.
func BenchmarkOpsThatDoNothing(b *testing.B) {
	for _, n := range []int{1, 11} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			svc := pipeline.Parse("uci", []byte("rpc_port: 9998"), options(b))
			last := svc.Request()
			for i := range n {
				last = svc.Add(fmt.Sprintf("op%d", i), nothing{}, last)
			}
			svc.Respond(last)
			r := serve(b, svc)
			req := &pipelineserving.Request{Key: []string{"x"}, Value: []string{"y"}}
			b.ReportAllocs()
			for b.Loop() {
				if resp, err := r.Answer(b.Context(), req); err != nil || resp.ErrNo != 0 {
					b.Fatal(resp, err)
				}
			}
		})
	}
}

// sleeper takes 10 ms.
type sleeper struct{ pipeline.Op }

func (sleeper) Postprocess(_ context.Context, in pipeline.Inputs, _ pipeline.Fetch) (pipeline.Result, error) {
	time.Sleep(10 * time.Millisecond)
	return pipeline.Result{pipeline.Text("x", "y")}, nil
}

// BenchmarkDiamond is four ops of 10 ms each, the middle two at once: it reports the 99th
// percentile, which is 30 ms where nothing else takes time.
func BenchmarkDiamond(b *testing.B) {
	svc := pipeline.Parse("uci", []byte("rpc_port: 9998"), options(b))
	a := svc.Add("a", sleeper{}, svc.Request())
	svc.Respond(svc.Add("d", sleeper{}, svc.Add("b", sleeper{}, a), svc.Add("c", sleeper{}, a)))
	r := serve(b, svc)
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := r.Answer(b.Context(), &pipelineserving.Request{}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
}

// BenchmarkUCI has 32 callers of the pipeline of simple_web_service, in Go and in YAML, and
// as many of the plain service of the same model: the ratio of their calls in a second.
func BenchmarkUCI(b *testing.B) {
	o := options(b)
	plain, err := server.New(b.Context(), server.Config{
		Name: "uci", Host: "127.0.0.1", Models: []server.ModelConfig{{Path: fixture.Repo("examples", "fit_a_line", "uci_housing_model")}},
		Backend: o.Backend, Translators: o.Translators,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- plain.Run(ctx) }()
	b.Cleanup(func() { stop(); <-done })
	numbers := "[" + sample + "]"
	floor := map[string]func(int) float64{
		"gRPC": grpcLoad(b, plain.Addr().String(), "baidu.paddle_serving.predictor.general_model.GeneralModelService", &generalmodel.Request{
			Tensor:        []*generalmodel.Tensor{{Name: "x", AliasName: "x", ElemType: 1, Shape: []int32{1, 13}, FloatData: sampleRow(b)}},
			FetchVarNames: []string{"price"},
		}),
		"HTTP": httpLoad(b, plain.Addr().String(), `{"feed":[{"x":`+numbers+`}],"fetch":["price"]}`),
	}
	yaml := pipeline.Declared("../../examples/simple_web_service/config.yml", o)
	for name, svc := range map[string]*pipeline.Service{"Go": chain(b, uciConfig, o, []string{"uci"}, uci{}), "YAML": yaml} {
		r := serve(b, svc)
		load := map[string]func(int) float64{
			"gRPC": grpcLoad(b, r.RPCAddr().String(), "baidu.paddle_serving.pipeline_serving.PipelineService", &pipelineserving.Request{Key: []string{"x"}, Value: []string{sample}}),
			"HTTP": httpLoad(b, r.HTTPAddr().String(), `{"key":["x"],"value":["`+sample+`"]}`),
		}
		for door, calls := range load {
			b.Run(name+"/"+door, func(b *testing.B) {
				var rate, of float64
				for b.Loop() {
					of += floor[door](4000)
					rate += calls(4000)
				}
				b.ReportMetric(rate/float64(b.N), "calls/s")
				b.ReportMetric(rate/of, "ratio")
			})
		}
	}
}

func sampleRow(b *testing.B) []float32 {
	x, err := pipeline.Rows(sample)
	if err != nil {
		b.Fatal(err)
	}
	row, _ := sampan.View[float32](x)
	return row
}

// callers is how many calls are under way.
const callers = 32

// together makes n calls, one after another by each caller, and returns calls a second.
func together(b *testing.B, n int, call func(caller int) error) float64 {
	var all sync.WaitGroup
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			for range n / callers {
				if err := call(c); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(began).Seconds()
}

func grpcLoad(b *testing.B, address, service string, req proto.Message) func(int) float64 {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	body, err := proto.Marshal(req)
	if err != nil {
		b.Fatal(err)
	}
	return func(n int) float64 {
		return together(b, n, func(int) error {
			var reply []byte
			return conn.Invoke(b.Context(), "/"+service+"/inference", &body, &reply)
		})
	}
}

func httpLoad(b *testing.B, address, body string) func(int) float64 {
	request := fmt.Appendf(nil, "POST /uci/prediction HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	var conns [callers]*bufio.ReadWriter
	for i := range conns {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		conns[i] = bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	}
	return func(n int) float64 {
		return together(b, n, func(caller int) error {
			conn := conns[caller]
			_, _ = conn.Write(request)
			if err := conn.Flush(); err != nil {
				return err
			}
			resp, err := http.ReadResponse(conn.Reader, nil)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err == nil && !bytes.Contains(text, []byte("18.90115")) {
				err = fmt.Errorf("status %d: %s", resp.StatusCode, text)
			}
			return err
		})
	}
}
