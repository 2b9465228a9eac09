package server_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/sampanml/sampan/server"
)

// get returns status, content type and body of a page.
func (r *running) get(address, path string) (int, string, string) {
	r.t.Helper()
	resp, err := httpClient.Get("http://" + address + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(body)
}

func (r *running) page(path string) string {
	r.t.Helper()
	status, _, body := r.get(r.Addr().String(), path)
	if status != 200 {
		r.t.Errorf("%s: %d %s", path, status, body)
	}
	return body
}

// lines checks that a page has these lines.
func (r *running) lines(path string, want ...string) {
	r.t.Helper()
	body := r.page(path)
	for _, line := range want {
		if !strings.Contains("\n"+body, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, " ")
			_, rest, _ := strings.Cut(body, name)
			r.t.Errorf("%s has no line %q; after the name comes %.40q", path, line, rest)
		}
	}
}

func TestPages(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci(), Name: "uci"}}, Version: "1.2.3"})
	if got := r.page("/health"); got != "OK" {
		t.Errorf("/health: %q", got)
	}
	if got := r.page("/version"); got != "1.2.3" {
		t.Errorf("/version: %q", got)
	}
	for _, path := range []string{"/", "/index", "/list", "/protobufs", "/readyz", "/healthz"} {
		r.page(path)
	}
	r.answers()
	if status, _ := r.post("/uci/prediction", "application/json", []byte(`{}`)); status != 400 {
		t.Errorf("a bad request: %d", status)
	}
	if _, err := r.grpc().call(context.Background(), inference, `{}`); err == nil {
		t.Error("a bad request over gRPC: no error")
	}
	if _, err := r.ttheader(context.Background(), bad(nothing)); err == nil {
		t.Error("a bad request over TTHeader: no error")
	}
	r.lines("/status", "version: 1.2.3", "state: ready", "model: uci version 1 ready", "count: 12", "error: 3",
		"[baidu.paddle_serving.predictor.general_model.GeneralModelService]")
	r.lines("/metrics",
		`pd_query_request_success_total{model="general",version="0"} 9`,
		`pd_query_request_failure_total{model="general",version="0"} 3`,
		`pd_inference_count_total{model="general",version="0"} 9`,
		`sampan_request_duration_seconds_count{protocol="http",code="OK"} 5`,
		`sampan_request_duration_seconds_count{protocol="http",code="InvalidArgument"} 1`,
		`sampan_request_duration_seconds_count{protocol="grpc",code="OK"} 1`,
		`sampan_request_duration_seconds_count{protocol="grpc",code="InvalidArgument"} 1`,
		`sampan_request_duration_seconds_count{protocol="ttheader",code="OK"} 2`,
		`sampan_request_duration_seconds_count{protocol="baidu_std",code="OK"} 1`,
		`sampan_request_duration_seconds_count{protocol="ttheader",code="InvalidArgument"} 1`,
		`sampan_inference_total{model="uci",version="1"} 9`,
		`sampan_model_ready{model="uci",version="1"} 1`,
		`sampan_connections_refused_total 0`)
	if a, b := r.page("/brpc_metrics"), r.page("/metrics"); strings.Count(a, "\n") != strings.Count(b, "\n") {
		t.Error("/brpc_metrics is another page than /metrics")
	}
	r.lines("/vars", `sampan_inference_total{model="uci",version="1"} : 9`)
	r.lines("/vars/pd_inference_count", `pd_inference_count_total{model="general",version="0"} : 9`)
	if got := r.page("/vars/pd_inference_count"); strings.Count(got, "\n") != 1 {
		t.Errorf("/vars/pd_inference_count: %q", got)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, MaxConnections: 4})
	conn, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "who is there?"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil {
		t.Logf("the stranger: %v", err)
	}
	conn.Close()
	r.answers()
	body := r.page("/metrics")
	for _, want := range []string{`recognised_total{protocol="unrecognised"} 1`, `recognised_total{protocol="grpc"} 1`, `recognised_total{protocol="baidu_std"} 1`} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}

func TestPrometheusPort(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	r := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, PrometheusPort: port})
	address := r.PrometheusAddr().String()
	status, contentType, body := r.get(address, "/metrics")
	if status != 200 || contentType != "text/plain; version=0.0.4; charset=utf-8" || !strings.Contains(body, "pd_query_request_success_total") {
		t.Errorf("%d %s", status, contentType)
	}
	if status, _, _ := r.get(address, "/v1/models"); status != 404 {
		t.Errorf("the Prometheus port has other pages: %d", status)
	}
}
