package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"net"
	"os"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	sdk "github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/server"
)

// sdkAnswers checks the golden answer over the SDK's transport.
func (r *running) sdkAnswers(transport sdk.Transport) {
	r.t.Helper()
	c, err := sdk.Load(fixture.Repo("examples", "fit_a_line", "uci_housing_client"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	if err := c.ConnectWith(context.Background(), sdk.Config{Transport: transport}, r.Addr().String()); err != nil {
		r.t.Fatal(err)
	}
	out, err := c.Predict(context.Background(), sdk.Feed{"x": sample}, []string{"price"})
	if err != nil {
		r.t.Errorf("%v: %v", transport, err)
		return
	}
	if got, err := out.Float32s("price"); err != nil || len(got) != 1 || float64(got[0]) != price {
		r.t.Errorf("%v: %v %v", transport, got, err)
	}
}

// TestRecordedHouses sends requests that brpc's and Paddle Serving's clients wrote; the
// prices are the tutorial's, and those of brpc's server, whose sums have another order.
func TestRecordedHouses(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	for name, rows := range map[string]int{
		"single_batch_true": 1, "single_batch_false": 1, "list_of_floats": 1, "fetch_none": 1,
		"log_id_12345678901": 1, "float64_input": 1, "strided_view": 2, "batch_3": 3,
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, r.Addr().String(), recorded(t, "paddle_client_0.9.0", name+".bin"))
			// The first row of each is the tutorial's.
			if len(got) != rows || got[0] != price {
				t.Errorf("prices %v, want %d, the first %v", got, rows, price)
			}
		})
	}
	for _, name := range []string{
		"single", "batch_7", "reply_gzip", "reply_snappy", "reply_zlib", "request_gzip", "request_snappy", "request_zlib",
		"attachment_both_ways", "attachment_gzip_reply", "log_id_request_id", "method_debug", "short_service_name", "unknown_fields",
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, r.Addr().String(), recorded(t, "brpc_1.0.0-rc01", name+".req.bin"))
			want := prices(t, recorded(t, "brpc_1.0.0-rc01", name+".rep.bin"))
			nearly(t, got, want)
		})
	}
}

func recorded(t *testing.T, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(fixture.Shared(t, append([]string{"wire"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestRecordedGRPC: brpc's own gRPC client, whose HTTP/2 is of its own making.
func TestRecordedGRPC(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}})
	conn, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(recorded(t, "brpc_1.0.0-rc01", "h2_grpc.req.bin")); err != nil {
		t.Fatal(err)
	}
	got := grpcPrices(t, conn)
	want := grpcPrices(t, bytes.NewReader(recorded(t, "brpc_1.0.0-rc01", "h2_grpc.rep.bin")))
	nearly(t, got, want)
}

// grpcPrices reads HTTP/2 frames up to the first with data: a gRPC message, five bytes of
// its own before it.
func grpcPrices(t *testing.T, in io.Reader) []float64 {
	t.Helper()
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(in, head); err != nil {
			t.Fatal(err)
		}
		payload := make([]byte, binary.BigEndian.Uint32(head)>>8)
		if _, err := io.ReadFull(in, payload); err != nil {
			t.Fatal(err)
		}
		if kind := head[3]; kind == 0 {
			return pricesIn(t, payload[5:])
		}
	}
}

// nearly compares prices whose sums were taken in another order.
func nearly(t *testing.T, got, want []float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d prices, want %d", len(got), len(want))
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-5 {
			t.Errorf("price %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// exchange sends a frame and returns the prices in the reply.
func exchange(t *testing.T, address string, request []byte) []float64 {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, baidu.HeaderSize)
	if _, err := io.ReadFull(conn, raw); err != nil {
		t.Fatal(err)
	}
	h, err := baidu.ParseHeader(raw, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, h.Body)
	if _, err := io.ReadFull(conn, body); err != nil {
		t.Fatal(err)
	}
	return prices(t, append(raw, body...))
}

// prices reads a good reply's frame.
func prices(t *testing.T, raw []byte) []float64 {
	t.Helper()
	h, err := baidu.ParseHeader(raw, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := h.Split(raw[baidu.HeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	if r := frame.Meta.GetResponse(); r.GetErrorCode() != 0 {
		t.Fatalf("error %d %s", r.GetErrorCode(), r.GetErrorText())
	}
	message, _, err := frame.Cut()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := baidu.Compression(frame.Meta.GetCompressType()).Expand(message, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return pricesIn(t, plain)
}

func pricesIn(t *testing.T, message []byte) []float64 {
	t.Helper()
	var m generalmodel.Response
	if err := proto.Unmarshal(message, &m); err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, v := range m.Outputs[0].Tensor[0].FloatData {
		out = append(out, float64(v))
	}
	return out
}
