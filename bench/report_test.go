package bench

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sampleReport() *Report {
	latency := Latency{Mean: 0.1845, P50: 0.17, P90: 0.3, P99: 0.62, P999: 1.1, Max: 5.25}
	return &Report{
		Endpoint: "127.0.0.1:9393", Protocol: TTHeader, Concurrency: 16, Batch: 4,
		Measure: Measure{Seconds: 10.01, QPS: 81200.5, Requests: 812820, Latency: latency,
			Errors: map[string]int64{"Unavailable": 2, "ResourceExhausted": 1}},
		Floors: []Floor{
			{Name: "echo", Ratio: 0.8547, Measure: Measure{Seconds: 10, QPS: 95000, Requests: 950000, Latency: latency, Errors: map[string]int64{}}},
			{Name: "local", Measure: Measure{Seconds: 10, Errors: map[string]int64{"Internal": 3}, Requests: 3}},
		},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestReport(t *testing.T) {
	var text, line bytes.Buffer
	if err := sampleReport().WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", text.Bytes())
	if err := sampleReport().WriteJSON(&line); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", line.Bytes())
	var back Report
	if err := json.Unmarshal(line.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleReport(), &back); diff != "" {
		t.Error(diff)
	}
}
