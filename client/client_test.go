package client

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

const uciConf = "testdata/uci/serving_client_conf.prototxt"

var (
	x     = []Var{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{13}}}
	price = []Var{{Name: "fc_0.tmp_1", Alias: "price", DType: sampan.Float32, Shape: sampan.Shape{1}}}
)

func TestLoad(t *testing.T) {
	text, err := os.ReadFile(uciConf)
	if err != nil {
		t.Fatal(err)
	}
	var m configure.GeneralModelConfig
	if err := prototext.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	binary, err := proto.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	streams := t.TempDir()
	stream := filepath.Join(streams, "serving_client_conf.stream.prototxt")
	if err := os.WriteFile(stream, binary, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{uciConf, "testdata/uci", stream, streams} {
		c := load(t, path)
		if diff := cmp.Diff(x, c.Feeds()) + cmp.Diff(price, c.Fetches()); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestLoadChain(t *testing.T) {
	second := filepath.Join(t.TempDir(), "second.prototxt")
	text := `feed_var { name: "a" feed_type: 0 shape: 1 } fetch_var { name: "b" fetch_type: 2 shape: 4 }`
	if err := os.WriteFile(second, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := load(t, "testdata/uci", second)
	fetches := []Var{{Name: "b", Alias: "b", DType: sampan.Int32, Shape: sampan.Shape{4}}}
	if diff := cmp.Diff(x, c.Feeds()) + cmp.Diff(fetches, c.Fetches()); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFaults(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.prototxt")
	if err := os.WriteFile(broken, []byte("feed_var { name: \"x\" }"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Load()
	wantError(t, err, sampan.InvalidArgument, "load client config: no path is given")
	_, err = Load("testdata/none")
	wantError(t, err, sampan.NotFound, "load client config: open testdata/none: no such file or directory")
	_, err = Load("testdata")
	wantError(t, err, sampan.NotFound, "load client config: open testdata/serving_client_conf.prototxt: no such file or directory")
	_, err = Load(broken)
	wantError(t, err, sampan.InvalidArgument, "load client config: "+broken+": 1 feed_var and 0 fetch_var, want at least one of each")
}

func TestConnectFaults(t *testing.T) {
	c := load(t, "testdata/uci")
	bad := Config{Transport: 7, Timeout: -1, ConnectTimeout: -1, MaxConns: -1, MaxMessageBytes: -1, Model: "a b\r\n"}
	err := c.ConnectWith(t.Context(), bad, "localhost", "")
	wantError(t, err, sampan.InvalidArgument, `connect: Transport is 7, want TTHeader, GRPC, BaiduStd, Mux or HTTP
Timeout is -1ns, want a positive time
ConnectTimeout is -1ns, want a positive time
MaxConns is -1, want a positive number
MaxMessageBytes is -1, want a positive number
Model is "a b\r\n", want NAME or NAME:VERSION, at most 255 visible ASCII characters
endpoint "localhost", want host:port or TRANSPORT://host:port
endpoint "", want host:port or TRANSPORT://host:port`)
	wantError(t, c.Connect(t.Context()), sampan.InvalidArgument, "connect: no endpoint is given")
}

func TestLife(t *testing.T) {
	address, _ := serve(t, sums)
	c := load(t, "testdata/uci")
	predict := func() error {
		_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
		return err
	}
	wantError(t, predict(), sampan.FailedPrecondition, "the client is not connected")
	if err := c.Connect(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.Connect(t.Context(), address), sampan.FailedPrecondition, "the client is connected already")
	if err := predict(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, predict(), sampan.FailedPrecondition, "the client is closed")
	wantError(t, c.Connect(t.Context(), address), sampan.FailedPrecondition, "the client is closed")
	if err := load(t, "testdata/uci").Close(); err != nil {
		t.Errorf("close a client that never connected: %v", err)
	}
}
