package http_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	nethttp "net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server/http"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Process-wide: netpoll's pollers and the clock of Hertz's Date header.
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
	)
}

// service answers as the recorded one did: the tutorial's model for a tensor x of rows
// of 13 floats, else the tensors that came.
type service struct {
	weights []float32
	bias    float32
	// before is called with the context of every call, if it is not nil.
	before func(ctx context.Context) error
}

func newService(t testing.TB) *service {
	last := func(file string, n int) []float32 {
		data, err := os.ReadFile(fixture.Repo("examples", "fit_a_line", "uci_housing_model", file))
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float32, n)
		if _, err := binary.Decode(data[len(data)-4*n:], binary.LittleEndian, out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	return &service{weights: last("fc_0.w_0", 13), bias: last("fc_0.b_0", 1)[0]}
}

func (s *service) Ready() bool { return true }

func (s *service) Models() []http.Model { return nil }

func (s *service) Predict(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
	if s.before != nil {
		if err := s.before(ctx); err != nil {
			return nil, err
		}
	}
	switch req.LogID {
	case 2003:
		return nil, sampan.Errorf(sampan.Unavailable, "asked to")
	case 2004:
		return nil, sampan.Errorf(sampan.ResourceExhausted, "asked to")
	case 1008:
		return nil, sampan.Errorf(sampan.DeadlineExceeded, "asked to")
	}
	failed := sampan.Errorf(sampan.Internal, "InferService inference failed!")
	if len(req.Inputs) == 0 {
		return nil, failed
	}
	out := req.Inputs
	if x := req.Inputs[0].Tensor; req.Inputs[0].Name == "x" {
		rows, err := sampan.View[float32](x)
		if err != nil || len(x.Shape) != 2 || x.Shape[1] != 13 {
			return nil, failed
		}
		prices := make([]float32, x.Shape[0])
		for i := range prices {
			sum := 0.0
			for j, w := range s.weights {
				sum += float64(rows[13*i+j]) * float64(w)
			}
			prices[i] = float32(sum + float64(s.bias))
		}
		t, err := sampan.Of(sampan.Shape{x.Shape[0], 1}, prices)
		if err != nil {
			return nil, err
		}
		out = []sampan.Named{{Name: "fc_0.tmp_1", Alias: "price", Tensor: t}}
	}
	now := time.Now().UnixMicro()
	// As the recorded service, it does not say back what the request said of itself.
	req.LogID, req.Profile = 0, false
	return &sampan.Reply{Outputs: []sampan.Output{{Engine: "GeneralInferOp_0", Tensors: out}}, Profile: []int64{now, now}}, nil
}

// start serves on a port of the loopback until the test ends, and returns its address.
func start(t testing.TB, s http.Service, o http.Options) string {
	t.Helper()
	var err error
	if o.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if o.MaxBody == 0 {
		o.MaxBody = 64 << 20
	}
	o.Name = "uci"
	server, err := http.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		<-server.Done()
	})
	return o.Listener.Addr().String()
}

// dial opens a connection that is closed when the test ends.
func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// reply is what came back for one request.
type reply struct {
	status int
	header nethttp.Header
	body   string
}

// exchange writes bytes on a connection of its own and reads one reply.
func exchange(t testing.TB, address string, request []byte) reply {
	t.Helper()
	conn := dial(t, address)
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := bytes.Cut(request, []byte(" "))
	return read(t, bufio.NewReader(conn), string(method))
}

// read reads one reply to a request of the method.
func read(t testing.TB, r *bufio.Reader, method string) reply {
	t.Helper()
	resp, err := nethttp.ReadResponse(r, &nethttp.Request{Method: method})
	if err != nil {
		t.Fatalf("no reply: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Close {
		resp.Header.Set("Connection", "close")
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

// xf is the tutorial's row as JSON numbers, row the tensor of it, good a request.
const (
	xf   = `0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332`
	row  = `{"elem_type": 1, "name": "x", "alias_name": "x", "shape": [1, 13], "float_data": [` + xf + `]}`
	good = `{"tensor": [` + row + `], "fetch_var_names": ["price"]}`
)

// post is a request with a body and more headers, each with its line's end.
func post(body, headers string) []byte {
	return []byte("POST /GeneralModelService/inference HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" + headers +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// answers checks that the server still serves.
func answers(t testing.TB, address string) {
	t.Helper()
	if r := exchange(t, address, post(good, "")); r.status != 200 || !strings.Contains(r.body, "18.90115165710449") {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}
