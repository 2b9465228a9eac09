package bench_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sampanml/sampan/bench"
	"github.com/sampanml/sampan/internal/fixture"
)

// BenchmarkMarks prints what a request costs the server, in microseconds of its processors,
// and how many it answers in a second, where others have published theirs.
func BenchmarkMarks(b *testing.B) {
	p := programs(b)
	uci := fixture.Repo("examples", "fit_a_line", "uci_housing_model")
	for _, m := range []struct{ name, model, config, protocol, callers string }{
		{"linear_http_json_32", uci, "uci", "http", "32"},
		{"linear_grpc_32", uci, "uci", "grpc", "32"},
		{"linear_ttheader_32", uci, "uci", "ttheader", "32"},
		{"linear_baidu_std_32", uci, "uci", "baidu_std", "32"},
		{"image_bytes_grpc_8", first(b, 2, 602112), "ratio/bytes", "grpc", "8"},
		{"image_floats_grpc_8", first(b, 1, 150528), "ratio/floats", "grpc", "8"},
		{"image_bytes_http_8", first(b, 2, 602112), "ratio/bytes", "http://", "8"},
		{"image_json_8", first(b, 1, 150528), "ratio/floats", "http", "8"},
	} {
		b.Run(m.name, func(b *testing.B) {
			endpoint, process := p.start(b, "--model", m.model)
			load := []string{"--endpoint", endpoint, "--protocol", m.protocol, "--name", "model", "--config", "testdata/" + m.config + ".prototxt", "--concurrency", m.callers}
			if m.protocol == "http://" {
				load[1], load[3] = m.protocol+endpoint, "http"
			}
			var costs, rates []float64
			for range pairs() {
				before, began := processorTime(b, process), time.Now()
				report := p.load(b, load...)
				// The warm-up's requests cost as much, so the cost is that of all the time.
				share := (processorTime(b, process) - before).Seconds() / (report.Seconds + warmUp.Seconds())
				if time.Since(began) < warmUp {
					b.Fatal("the load ended too soon")
				}
				costs, rates = append(costs, 1e6*share/report.QPS), append(rates, report.QPS)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(costs), "server-µs/request")
			b.ReportMetric(median(rates), "requests/s")
		})
	}
	b.Run("start", func(b *testing.B) {
		var first, memory, own []float64
		for range pairs() {
			began := time.Now()
			endpoint, process := p.start(b, "--model", uci)
			for ok := false; !ok; {
				resp, err := http.Post("http://"+endpoint+"/model/prediction", "application/json", strings.NewReader(`{"feed":[{"x":[0,0,0,0,0,0,0,0,0,0,0,0,0]}],"fetch":["price"]}`))
				if err == nil {
					ok = resp.StatusCode == http.StatusOK
					resp.Body.Close()
				}
			}
			first = append(first, float64(time.Since(began).Milliseconds()))
			time.Sleep(2 * time.Second)
			memory, own = append(memory, memoryMiB(b, process, "VmRSS")), append(own, memoryMiB(b, process, "RssAnon"))
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(median(first), "first-answer-ms")
		b.ReportMetric(median(memory), "idle-MiB")
		b.ReportMetric(median(own), "idle-own-MiB")
	})
}

// BenchmarkRatioSlowRequests is the 99th percentile of small requests of which one of a
// hundred is 50 times as large, beside that of small ones alone at the same load.
func BenchmarkRatioSlowRequests(b *testing.B) {
	p := programs(b)
	endpoint := p.serve(b, "--model", fixture.Shared(b, "imdb", "imdb_cnn.onnx"))
	load := func(rows int, rate float64) *bench.Report {
		return p.load(b, "--endpoint", endpoint, "--config", "testdata/ratio/imdb.prototxt", "--protocol", "mux",
			"--rows", strconv.Itoa(rows), "--concurrency", "200", "--rate", fmt.Sprint(rate))
	}
	const small = 1000
	var ratios, mixed, alone []float64
	for range pairs() {
		// As many rows a second as the small and the large ones together.
		quiet := load(1, small*1.5).Latency.P99
		var both sync.WaitGroup
		both.Go(func() { load(50, small/100) })
		beside := load(1, small).Latency.P99
		both.Wait()
		ratios, mixed, alone = append(ratios, beside/quiet), append(mixed, beside), append(alone, quiet)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(1.1, "ratio-goal")
	b.ReportMetric(median(mixed), "p99-ms")
	b.ReportMetric(median(alone), "quiet-p99-ms")
}

// BenchmarkRatioReload is the 99th percentile while the model's files change every second,
// beside that while they rest. Any error fails it.
func BenchmarkRatioReload(b *testing.B) {
	p := programs(b)
	directory := b.TempDir()
	if err := os.CopyFS(directory, os.DirFS(fixture.Repo("examples", "fit_a_line", "uci_housing_model"))); err != nil {
		b.Fatal(err)
	}
	endpoint := p.serve(b, "--model", directory, "--reload_interval", "200ms")
	load := func() *bench.Report {
		r := p.load(b, "--endpoint", endpoint, "--config", "testdata/uci.prototxt", "--protocol", "mux", "--concurrency", "200", "--rate", "2000")
		if len(r.Errors) > 0 {
			b.Errorf("errors: %v", r.Errors)
		}
		return r
	}
	var ratios, changing, quiet []float64
	for range pairs() {
		rest := load().Latency.P99
		stop := make(chan struct{})
		var changes sync.WaitGroup
		changes.Go(func() {
			for tick := time.NewTicker(time.Second); ; {
				select {
				case now := <-tick.C:
					files, _ := filepath.Glob(filepath.Join(directory, "*"))
					for _, f := range files {
						if err := os.Chtimes(f, now, now); err != nil {
							b.Error(err)
						}
					}
				case <-stop:
					tick.Stop()
					return
				}
			}
		})
		busy := load().Latency.P99
		close(stop)
		changes.Wait()
		ratios, changing, quiet = append(ratios, busy/rest), append(changing, busy), append(quiet, rest)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(1.5, "ratio-goal")
	b.ReportMetric(median(changing), "p99-ms")
	b.ReportMetric(median(quiet), "quiet-p99-ms")
}

// processorTime is what a process has used of the processors.
func processorTime(b *testing.B, p *os.Process) time.Duration {
	b.Helper()
	// The name, in parentheses, may have blanks.
	text := onLinux(b, fmt.Sprintf("/proc/%d/stat", p.Pid))
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:])
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		b.Fatal(err)
	}
	system, err := strconv.Atoi(fields[12])
	if err != nil {
		b.Fatal(err)
	}
	// Linux counts in hundredths of a second.
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memoryMiB is a process's memory: VmRSS is all that is resident, RssAnon what is not a part
// of a file.
func memoryMiB(b *testing.B, p *os.Process, of string) float64 {
	b.Helper()
	for line := range strings.Lines(onLinux(b, fmt.Sprintf("/proc/%d/status", p.Pid))) {
		if text, ok := strings.CutPrefix(line, of+":"); ok {
			kib, err := strconv.Atoi(strings.Fields(text)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kib) / 1024
		}
	}
	b.Fatalf("the process has no %s", of)
	return 0
}

func onLinux(b *testing.B, path string) string {
	b.Helper()
	if runtime.GOOS != "linux" {
		b.Skip("the cost of a process is read as Linux tells it")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}
