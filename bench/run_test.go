package bench

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

func TestRun(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		endpoint, _ := serve(t, p)
		var last atomic.Pointer[Progress]
		r, err := Run(t.Context(), Config{
			Conf: []string{uci}, Endpoint: endpoint, Protocol: p, Name: "uci", Concurrency: 3,
			Requests: 200, WarmUp: 20 * time.Millisecond,
			Progress: func(p Progress) { last.Store(&p) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Requests != 200 || len(r.Errors) != 0 {
			t.Errorf("%d requests and errors %v, want 200 and none", r.Requests, r.Errors)
		}
		l := r.Latency
		if r.QPS <= 0 || r.Seconds <= 0 || l.Mean <= 0 || l.P50 <= 0 || l.P90 < l.P50 || l.P99 < l.P90 || l.P999 < l.P99 || l.Max < l.P999 {
			t.Errorf("implausible: %+v", r)
		}
		if got := last.Load(); got == nil || got.Part != "server" || got.Requests != 200 || got.Errors != 0 {
			t.Errorf("the last progress is %+v", got)
		}
	})
}

func TestRunForATime(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		endpoint, _ := serve(t, p)
		r, err := Run(t.Context(), Config{
			Conf: []string{uci}, Endpoint: endpoint, Protocol: p, Name: "uci", Concurrency: 2,
			Duration: 100 * time.Millisecond, Batch: 4,
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Requests == 0 || r.Seconds < 0.1 || r.Batch != 4 {
			t.Errorf("got %+v", r)
		}
	})
}

// An open loop sends at its rate, and counts the wait of requests that were due while
// all workers were busy.
func TestRate(t *testing.T) {
	slow := single(func(context.Context) error {
		time.Sleep(50 * time.Millisecond)
		return nil
	})
	c := Config{Rate: 100, Requests: 20, Concurrency: 1, Timeout: 10 * time.Second}
	m := c.load(t.Context(), "test", slow)
	if m.Requests != 20 || m.QPS > 20.5 {
		t.Errorf("%d requests, %.1f a second; want 20, at most 20 a second", m.Requests, m.QPS)
	}
	// The last one was due after 190 ms and answered after 1 s.
	if m.Latency.Max < 800 {
		t.Errorf("latencies %+v, want the wait counted", m.Latency)
	}
	c.Concurrency = 20
	if m = c.load(t.Context(), "test", slow); m.Seconds < 0.19 {
		t.Errorf("20 requests at 100 a second took %v s", m.Seconds)
	}
}

func TestErrorLatency(t *testing.T) {
	refuse := single(func(context.Context) error { return sampan.Errorf(sampan.ResourceExhausted, "full") })
	m := (&Config{Requests: 10, Concurrency: 1, Timeout: time.Second}).load(t.Context(), "test", refuse)
	if m.Errors["ResourceExhausted"] != 10 || m.ErrorLatency == nil || m.ErrorLatency.Max <= 0 {
		t.Errorf("got %+v", m)
	}
}

func TestFloors(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		endpoint, _ := serve(t, p)
		var got []byte
		var runs atomic.Int64
		r, err := Run(t.Context(), Config{
			Conf: []string{uci}, Endpoint: endpoint, Protocol: p, Name: "uci", Concurrency: 2, Requests: 50,
			Echo: func(ctx context.Context, p Protocol, reply []byte) (string, func() error, error) {
				got = reply
				return start(ctx, p, reply)
			},
			Local: func(context.Context) error {
				runs.Add(1)
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := encoded(t, p); len(got) != len(want) {
			t.Errorf("the echo server answers with %d bytes, the server with %d", len(got), len(want))
		}
		if len(r.Floors) != 2 || r.Floors[0].Name != "echo" || r.Floors[1].Name != "local" {
			t.Fatalf("got floors %+v, want echo and local", r.Floors)
		}
		for _, f := range r.Floors {
			if f.Requests != 50 || len(f.Errors) != 0 || f.Ratio != r.QPS/f.QPS {
				t.Errorf("%s floor: %+v", f.Name, f)
			}
		}
		if runs.Load() != 51 {
			t.Errorf("%d local runs, want 51", runs.Load())
		}
	})
}

func TestFloorFaults(t *testing.T) {
	endpoint, _ := serve(t, TTHeader)
	config := Config{Conf: []string{uci}, Endpoint: endpoint, Requests: 1, Concurrency: 1}
	config.Local = func(context.Context) error { return sampan.Errorf(sampan.NotFound, "no model") }
	r, err := Run(t.Context(), config)
	wantError(t, err, sampan.NotFound, "the first local run: no model")
	if r == nil || r.Requests != 1 {
		t.Errorf("what was measured before is lost: %+v", r)
	}
	config.Echo = func(context.Context, Protocol, []byte) (string, func() error, error) {
		return "", nil, errors.New("no process")
	}
	_, err = Run(t.Context(), config)
	wantError(t, err, sampan.Internal, "start the echo server: no process")
	silent := deaf(t)
	config.Echo = func(context.Context, Protocol, []byte) (string, func() error, error) {
		return silent, func() error { return nil }, nil
	}
	_, err = Run(t.Context(), config)
	wantError(t, err, sampan.Unavailable, "connect to "+silent+": connection refused")
}

func TestDeadEndpoint(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		endpoint := deaf(t)
		start := time.Now()
		r, err := Run(t.Context(), Config{Conf: []string{uci}, Endpoint: endpoint, Protocol: p, Name: "uci"})
		wantError(t, err, sampan.Unavailable, "connect to "+endpoint+": connection refused")
		if r != nil || time.Since(start) > 5*time.Second {
			t.Errorf("got %v after %v", r, time.Since(start))
		}
	})
}

func TestCallOff(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		endpoint, _ := serve(t, p)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := Run(ctx, Config{
			Conf: []string{uci}, Endpoint: endpoint, Protocol: p, Name: "uci", Duration: time.Hour,
			Progress: func(p Progress) {
				if p.Requests > 0 {
					cancel()
				}
			},
		})
		wantError(t, err, sampan.Canceled, "the caller left before the answer was ready")
		if r == nil || r.Requests == 0 || len(r.Errors) != 0 {
			t.Errorf("got %+v, want what was measured so far", r)
		}
	})
}

// A server that goes away in the middle is counted, and the run goes on.
func TestServerGoes(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		server, _ := serve(t, p)
		endpoint, stop := relay(t, server)
		var once atomic.Bool
		r, err := Run(t.Context(), Config{
			Conf: []string{uci}, Endpoint: endpoint, Protocol: p, Name: "uci", Concurrency: 2,
			Duration: 1500 * time.Millisecond, Timeout: 500 * time.Millisecond,
			Progress: func(Progress) {
				if !once.Swap(true) {
					stop()
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Errors["Unavailable"] == 0 || r.Latency.P50 == 0 {
			t.Errorf("got %+v, want answers and Unavailable", r)
		}
	})
}

// relay passes connections on to a server until it is cut, and with it all of them: what a
// caller sees of a server that is killed. (Kitex's own, stopped while it is called, has a
// race in its shutdown.)
func relay(t *testing.T, server string) (address string, cut func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu    sync.Mutex
		conns = []net.Conn{}
		over  bool
		all   sync.WaitGroup
	)
	// keep says that a connection may be used, which is closed by the cut.
	keep := func(c net.Conn) bool {
		mu.Lock()
		defer mu.Unlock()
		conns = append(conns, c)
		if over {
			_ = c.Close()
		}
		return !over
	}
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}
	all.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				_ = in.Close()
				continue
			}
			if here, there := keep(in), keep(out); here && there {
				all.Go(func() { pass(out, in) })
				all.Go(func() { pass(in, out) })
			}
		}
	})
	cut = func() {
		_ = listener.Close()
		mu.Lock()
		defer mu.Unlock()
		over = true
		for _, c := range conns {
			_ = c.Close()
		}
	}
	t.Cleanup(func() { cut(); all.Wait() })
	return listener.Addr().String(), cut
}

// answers is an HTTP server with one answer.
func answers(t *testing.T, status int, body string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/uci/prediction" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestHTTPErrors(t *testing.T) {
	tests := []struct {
		status int
		body   string
		code   sampan.Code
		text   string
	}{
		{400, `{"error":"feed \"x\" is missing"}`, sampan.InvalidArgument, `feed "x" is missing`},
		{404, "404 page not found\n", sampan.NotFound, "404 page not found"},
		{429, `{"error":"the queue is full"}`, sampan.ResourceExhausted, "the queue is full"},
		{499, "", sampan.Canceled, "status 499 without a text"},
		{500, "{", sampan.Internal, "{"},
		{501, "no", sampan.Unimplemented, "no"},
		{503, "no", sampan.Unavailable, "no"},
		{504, "no", sampan.DeadlineExceeded, "no"},
		{200, `{"result":"cannot reshape array"}`, sampan.InvalidArgument, "cannot reshape array"},
		{200, "", sampan.InvalidArgument, "status 200 without a text"},
	}
	for _, test := range tests {
		_, err := Run(t.Context(), Config{Conf: []string{uci}, Endpoint: answers(t, test.status, test.body), Protocol: HTTP, Name: "uci"})
		wantError(t, err, test.code, "the first request: "+test.text)
	}
}

func TestHTTPTimeout(t *testing.T) {
	hold := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(hold) })
	endpoint := s.Listener.Addr().String()
	config := Config{Conf: []string{uci}, Endpoint: endpoint, Protocol: HTTP, Name: "uci", Timeout: 50 * time.Millisecond}
	_, err := Run(t.Context(), config)
	wantError(t, err, sampan.DeadlineExceeded, "the first request: "+endpoint+": no answer in 50ms")

	config.Timeout = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Run(ctx, config)
	wantError(t, err, sampan.DeadlineExceeded, "the first request: the deadline passed before the answer was ready")
}

// Errors that begin in the middle are counted by their code.
func TestErrorsAreCounted(t *testing.T) {
	var calls atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch calls.Add(1) % 4 {
		case 2:
			w.WriteHeader(429)
		case 3:
			w.WriteHeader(500)
		default:
			_, _ = w.Write([]byte(`{"result":{"price":[[1]]}}`))
		}
	}))
	t.Cleanup(s.Close)
	r, err := Run(t.Context(), Config{
		Conf: []string{uci}, Endpoint: s.Listener.Addr().String(), Protocol: HTTP, Name: "uci", Concurrency: 1, Requests: 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"ResourceExhausted": 10, "Internal": 10}, r.Errors); r.Requests != 40 || diff != "" {
		t.Errorf("%d requests, errors %s", r.Requests, diff)
	}
}

func TestConfigFaults(t *testing.T) {
	_, err := Run(t.Context(), Config{Protocol: "smtp", Concurrency: -1, Duration: -1, Requests: -1, WarmUp: -1, Timeout: -1, Batch: -1})
	wantError(t, err, sampan.InvalidArgument, `bench: Conf names no client config
Endpoint is "", want host:port
Protocol is "smtp", want one of ["ttheader" "grpc" "http" "baidu_std" "mux"]
Concurrency is negative
Duration is negative
Requests is negative
WarmUp is negative
Timeout is negative
Batch is negative`)
	_, err = Run(t.Context(), Config{Conf: []string{uci}, Endpoint: "localhost:1", Protocol: HTTP})
	wantError(t, err, sampan.InvalidArgument, "bench: Name is empty, want the service's name for HTTP")
	_, err = Run(t.Context(), Config{Conf: []string{uci}, Endpoint: "localhost:1", Feed: client.Feed{"x": []float32{1}}})
	wantError(t, err, sampan.InvalidArgument, `feed "x": 1 numbers, want 13`)
	_, err = Run(t.Context(), Config{Conf: []string{"testdata/none"}, Endpoint: "localhost:1"})
	wantError(t, err, sampan.NotFound, "load client config: open testdata/none: no such file or directory")
}

func TestEchoFaults(t *testing.T) {
	for _, p := range []Protocol{"smtp", TTHeader} {
		_, stop, err := start(t.Context(), p, []byte("no message"))
		if err != nil {
			t.Fatal(err)
		}
		if err := stop(); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%s: got %v, want InvalidArgument", p, err)
		}
	}
}

// TestSDK: the SDK chooses among the servers.
func TestSDK(t *testing.T) {
	endpoint, _ := serve(t, GRPC)
	for name, config := range map[string]Config{
		"sdk grpc://" + endpoint + ", " + endpoint: {Endpoints: []string{"grpc://" + endpoint, endpoint}},
		"sdk list://" + endpoint:                   {Variants: []client.Variant{{Tag: "a", Weight: 1, Cluster: "list://" + endpoint, Config: client.Config{Transport: client.GRPC}}}},
	} {
		config.Conf, config.Requests, config.Concurrency = []string{uci}, 20, 2
		r, err := Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.Protocol) + " " + r.Endpoint; r.Requests < 20 || len(r.Errors) > 0 || got != name {
			t.Errorf("%s: %+v, want %s", got, r, name)
		}
	}
	echo := func(context.Context, Protocol, []byte) (string, func() error, error) { return "", nil, nil }
	_, err := Run(t.Context(), Config{Conf: []string{uci}, Endpoints: []string{endpoint}, Echo: echo})
	wantError(t, err, sampan.InvalidArgument, "bench: Echo is there for a single Endpoint only")
	_, err = Run(t.Context(), Config{Conf: []string{uci}, Endpoints: []string{endpoint}, Endpoint: endpoint})
	wantError(t, err, sampan.InvalidArgument, "bench: Endpoint, Endpoints and Variants: 2 of them are given, want one")
	_, err = Run(t.Context(), Config{Conf: []string{uci}, Endpoint: endpoint, Protocol: SDK})
	wantError(t, err, sampan.InvalidArgument, `bench: Protocol is "sdk", want one of ["ttheader" "grpc" "http" "baidu_std" "mux"]`)
}
