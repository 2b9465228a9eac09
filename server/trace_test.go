package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan/server"
)

// TestTraceFile has a span for a request and for each op of its graph.
func TestTraceFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.json")
	s := serve(t, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: uci()}}, TraceFile: file})
	body, err := json.Marshal(map[string]any{"feed": []map[string]any{{"x": sample}}, "fetch": []string{"price"}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+s.Addr().String()+"/uci/prediction", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var events []struct{ Name, Cat string }
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	got := map[string]string{}
	for _, e := range events {
		got[e.Name] = e.Cat
	}
	for name, category := range map[string]string{"default": "request", "GeneralReaderOp_0": "op", "GeneralInferOp_0": "op", "GeneralResponseOp_0": "op"} {
		if got[name] != category {
			t.Errorf("no %s %q in %s", category, name, text)
		}
	}
}
