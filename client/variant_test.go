package client

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// connectVariants loads the uci config and connects to the variants.
func connectVariants(t *testing.T, variants ...Variant) *Client {
	t.Helper()
	c := load(t, "testdata/uci")
	if err := c.ConnectVariants(t.Context(), variants...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// An A/B test: calls go by the weights, and the result says which side answered.
func TestVariants(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		a, _, callsA := counting(t)
		b, _, callsB := counting(t)
		_, _, callsC := counting(t)
		c := connectVariants(t,
			Variant{Tag: "bow", Weight: 10, Cluster: "list://" + a, Config: config},
			Variant{Tag: "lstm", Weight: 30, Cluster: "list://" + b, Config: config},
			Variant{Tag: "none", Weight: 0, Cluster: "list://" + deaf(t), Config: config})
		random := rand.New(rand.NewPCG(1, 2))
		c.session.intN = random.IntN
		tags := map[string]int64{}
		for range 400 {
			out, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
			if err != nil {
				t.Fatal(err)
			}
			tags[out.Variant()]++
			if want := map[string]string{"bow": a, "lstm": b}[out.Variant()]; out.Endpoint() != want {
				t.Fatalf("variant %q answered from %s, want %s", out.Variant(), out.Endpoint(), want)
			}
		}
		if callsA.Load() != tags["bow"] || callsB.Load() != tags["lstm"] || callsC.Load() != 0 {
			t.Errorf("%d and %d calls, tags %v", callsA.Load(), callsB.Load(), tags)
		}
		if tags["bow"] < 70 || tags["bow"] > 130 {
			t.Errorf("%d of 400 calls went to a quarter of the weights", tags["bow"])
		}
	})
}

func TestSDKFile(t *testing.T) {
	a, _, callsA := counting(t)
	b, _, callsB := counting(t)
	path := filepath.Join(t.TempDir(), "predictors.prototxt")
	text := fmt.Sprintf(`
default_variant_conf { connection_conf { rpc_timeout_ms: 5000 } naming_conf { load_balance_strategy: "la" } }
predictors {
  name: "general_model"
  service_name: %q
  endpoint_router: "WeightedRandomRender"
  weighted_random_render_conf { variant_weight_list: "50|50" }
  variants { tag: "a" naming_conf { cluster: "list://%s" } }
  variants { tag: "b" naming_conf { cluster: "list://%s" } rpc_parameter { protocol: "grpc" } }
}`, baiduService, a, b)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, "testdata/uci")
	if err := c.ConnectSDK(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 50 {
		if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if callsA.Load() == 0 || callsB.Load() == 0 || callsA.Load()+callsB.Load() != 50 {
		t.Errorf("%d and %d calls", callsA.Load(), callsB.Load())
	}
	endpoints, err := c.Endpoints()
	if err != nil || len(endpoints) != 2 || endpoints[1].Variant != "b" || endpoints[1].Address != b || endpoints[1].Latency <= 0 {
		t.Errorf("endpoints %+v, %v", endpoints, err)
	}
}

func TestVariantFaults(t *testing.T) {
	c := load(t, "testdata/uci")
	wantError(t, c.ConnectVariants(t.Context()), sampan.InvalidArgument, "connect: no variant is given")
	err := c.ConnectVariants(t.Context(),
		Variant{Tag: "a", Weight: -1, Cluster: "bns://x", Config: Config{Timeout: -1}},
		Variant{Tag: "a", Weight: 1 << 30, Cluster: "list://a"})
	wantError(t, err, sampan.InvalidArgument, `connect: variant "a": Timeout is -1ns, want a positive time
variant "a": Weight is -1, want 0 to 1048576
variant "a": Cluster: "bns://x", want list://HOST:PORT,… or file://PATH
variant "a": the tag is there twice
variant "a": Weight is 1073741824, want 0 to 1048576
variant "a": Cluster: server "a", want host:port`)
	err = c.ConnectVariants(t.Context(), Variant{Cluster: "list://a:1"})
	wantError(t, err, sampan.InvalidArgument, "connect: all variants have weight 0")
	err = c.ConnectVariants(t.Context(), Variant{Weight: 1, Cluster: "file://testdata/none"})
	wantError(t, err, sampan.Unavailable, "connect: Cluster: open testdata/none: no such file or directory")
	nobody := deaf(t)
	err = c.ConnectVariants(t.Context(), Variant{Weight: 1, Cluster: "list://" + nobody})
	wantError(t, err, sampan.Unavailable, "connect to "+nobody+": connection refused")
}

// What is wrong with endpoints is said of each.
func TestAddresses(t *testing.T) {
	for name, test := range map[string]struct {
		config    Config
		endpoints []string
		transport Transport
		path      string
		// fault is empty where there is none.
		fault string
	}{
		"plain":          {Config{}, []string{"a:1", "b:2"}, TTHeader, "", ""},
		"scheme":         {Config{}, []string{"grpc://a:1", "b:2"}, GRPC, "", ""},
		"mux":            {Config{}, []string{"mux://a:1"}, Mux, "", ""},
		"the same twice": {Config{Transport: BaiduStd}, []string{"baidu_std://a:1"}, BaiduStd, "", ""},
		"path":           {Config{}, []string{"http://a:1/x/y/", "http://b:1/x/y", "c:1"}, HTTP, "/x/y", ""},
		"IPv6":           {Config{}, []string{"ttheader://[::1]:1"}, TTHeader, "", ""},
		"two schemes":    {Config{}, []string{"grpc://a:1", "http://b:2"}, GRPC, "", `endpoint "http://b:2" is called over http, want grpc as the others`},
		"late scheme":    {Config{}, []string{"a:1", "grpc://b:2"}, TTHeader, "", `endpoint "grpc://b:2" is called over grpc, want ttheader as the others`},
		"against config": {Config{Transport: Mux}, []string{"grpc://b:2"}, Mux, "", `endpoint "grpc://b:2" is called over grpc, want mux as the others`},
		"two paths":      {Config{}, []string{"http://a:1/x", "http://b:2/y"}, HTTP, "/x", `endpoint "http://b:2/y": path "/y", want "/x" as the others`},
		"path over gRPC": {Config{}, []string{"grpc://a:1/x"}, GRPC, "", `endpoint "grpc://a:1/x", want host:port or TRANSPORT://host:port`},
		"unknown scheme": {Config{}, []string{"https://a:1"}, TTHeader, "", `endpoint "https://a:1": transport "https" is not known; known are ttheader, grpc, baidu_std, mux, http`},
		"no port":        {Config{}, []string{"http://a/x"}, TTHeader, "", `endpoint "http://a/x", want host:port or TRANSPORT://host:port`},
		"no number":      {Config{}, []string{"a:http"}, TTHeader, "", `endpoint "a:http", want host:port or TRANSPORT://host:port`},
	} {
		config, _, faults := test.config.addresses(test.endpoints)
		var texts []string
		for _, f := range faults {
			texts = append(texts, f.Error())
		}
		if got := strings.Join(texts, "\n"); got != test.fault {
			t.Errorf("%s: got %q, want %q", name, got, test.fault)
		}
		if test.fault == "" && (config.Transport != test.transport || config.Path != test.path) {
			t.Errorf("%s: got %v %q, want %v %q", name, config.Transport, config.Path, test.transport, test.path)
		}
	}
}

// killable stands before a server; kill is what the end of its process does: all
// connections break, and no more are taken.
func killable(t *testing.T, server string) (address string, kill func()) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	killed := false
	var wg sync.WaitGroup
	pipe := func(to, from net.Conn) {
		defer wg.Done()
		_, _ = io.Copy(to, from)
		_ = to.Close()
		_ = from.Close()
	}
	wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				_ = in.Close()
				continue
			}
			mu.Lock()
			conns = append(conns, in, out)
			if killed {
				_ = in.Close()
			}
			mu.Unlock()
			wg.Add(2)
			go pipe(in, out)
			go pipe(out, in)
		}
	})
	kill = func() {
		_ = ln.Close()
		mu.Lock()
		defer mu.Unlock()
		killed = true
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
	t.Cleanup(func() { kill(); wg.Wait() })
	return ln.Addr().String(), kill
}

// A server that is killed under load costs no call.
func TestKilledServer(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		slow := func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
			time.Sleep(time.Millisecond)
			return sums(ctx, r)
		}
		server, _ := serve(t, slow)
		a, kill := killable(t, server)
		b, _ := serve(t, slow)
		c := connect(t, config, a, b)
		var calls atomic.Int64
		killed := make(chan struct{})
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for after := 0; after < 20; {
					if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
						t.Errorf("a call failed: %v", err)
						return
					}
					calls.Add(1)
					select {
					case <-killed:
						after++
					default:
					}
				}
			})
		}
		for calls.Load() < 100 {
			time.Sleep(time.Millisecond)
		}
		kill()
		close(killed)
		wg.Wait()
		endpoints, err := c.Endpoints()
		if err != nil || !endpoints[0].Open || endpoints[1].Open || endpoints[1].InFlight != 0 {
			t.Errorf("endpoints %+v, %v", endpoints, err)
		}
	})
}

// The same key goes to the same server.
func TestKey(t *testing.T) {
	var addresses []string
	for range 3 {
		address, _ := serve(t, sums)
		addresses = append(addresses, address)
	}
	c := connect(t, Config{Balance: Murmur}, addresses...)
	used := map[string]bool{}
	for user := range 30 {
		var first string
		for range 3 {
			out, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil, Key(fmt.Sprint(user)))
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = out.Endpoint()
			}
			if out.Endpoint() != first {
				t.Fatalf("user %d went to %s and to %s", user, first, out.Endpoint())
			}
		}
		used[first] = true
	}
	if len(used) != 3 {
		t.Errorf("30 keys went to %d servers, want 3", len(used))
	}
}

// Servers come and go while the client is connected.
func TestServersFile(t *testing.T) {
	a, _, _ := counting(t)
	b, _, _ := counting(t)
	path := filepath.Join(t.TempDir(), "servers")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(a + "\n")
	c := connectVariants(t, Variant{Weight: 1, Cluster: "file://" + path})
	at := func() string {
		out, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out.Endpoint()
	}
	if got := at(); got != a {
		t.Errorf("asked %s, want %s", got, a)
	}
	write(b + " 3 # the new one\n")
	for end := time.Now().Add(10 * time.Second); at() != b; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the new server is not used")
		}
	}
	write("nonsense")
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if _, err := c.Endpoints(); err != nil {
			wantError(t, err, sampan.InvalidArgument, path+`: server "nonsense", want host:port`)
			break
		}
		if time.Now().After(end) {
			t.Fatal("nobody says that the file is wrong")
		}
	}
	if got := at(); got != b {
		t.Errorf("asked %s, want %s", got, b)
	}
}

// Each way to keep connections works over each transport that has it.
func TestConnections(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, _ := serve(t, sums)
		for _, kind := range []Connections{Single, Short} {
			config.Connections = kind
			if len(config.faults()) > 0 {
				continue
			}
			c := connect(t, config, address)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 5 {
						if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
		}
	})
	wantError(t, load(t, "testdata/uci").ConnectWith(t.Context(), Config{Connections: Single}, "a:1"), sampan.InvalidArgument,
		"connect: Connections is Single, but over ttheader a connection carries one call at a time")
	wantError(t, load(t, "testdata/uci").ConnectWith(t.Context(), Config{Connections: Short}, "grpc://a:1"), sampan.InvalidArgument,
		"connect: Connections is Short, but over grpc connections are kept")
}

// FuzzAddress: what is accepted is a host and a port that can be dialled, and a path that
// can be posted to.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"a:1", "grpc://[::1]:1", "http://a:1/x/y/", "https://a", "http://a:1/ \r\n", "list://"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		config, addresses, faults := Config{}.addresses([]string{text})
		if faults = append(faults, config.faults()...); len(faults) > 0 {
			return
		}
		if _, port, err := net.SplitHostPort(addresses[0]); err != nil || port == "" {
			t.Fatalf("accepted %q as %q", text, addresses[0])
		}
		if strings.ContainsAny(config.Path, " \r\n") {
			t.Fatalf("accepted the path %q", config.Path)
		}
	})
}
