package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/bench"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// ratio is a comparison of a server with a floor that is measured by turns with it.
type ratio struct {
	name string
	// serve are the server's flags, and config the client's config.
	serve  []string
	config string
	// load are the load generator's flags.
	load []string
	// floor is "echo" or "local".
	floor string
	// goal is the ratio that is to be reached.
	goal float64
}

// BenchmarkRatio prints what share of a floor a server reaches: of an echo of equal
// bytes, or of the model run in the load generator's process. Server, load and echo
// each have a process of their own. A ratio is the median of SAMPAN_PAIRS (3) pairs, each
// of which takes twice SAMPAN_SECONDS (2).
func BenchmarkRatio(b *testing.B) {
	p := programs(b)
	uci := fixture.Repo("examples", "fit_a_line", "uci_housing_model")
	shared := func(path ...string) string { return fixture.Shared(b, path...) }
	for _, r := range []ratio{
		{"ttheader_32", []string{"--model", uci}, "uci", []string{"--concurrency", "32"}, "echo", 0.95},
		{"mux_200", []string{"--model", uci}, "uci", []string{"--protocol", "mux", "--concurrency", "200"}, "echo", 0.93},
		{"baidu_std_200", []string{"--model", uci}, "uci", []string{"--protocol", "baidu_std", "--concurrency", "200"}, "echo", 0.93},
		{"grpc_100", []string{"--model", uci}, "uci", []string{"--protocol", "grpc", "--concurrency", "100"}, "echo", 0.95},
		{"image_bytes", []string{"--model", first(b, 2, 602112)}, "ratio/bytes", []string{"--concurrency", "8"}, "echo", 0.9},
		{"image_floats", []string{"--model", first(b, 1, 150528)}, "ratio/floats", []string{"--concurrency", "8"}, "echo", 0.9},
		{"imdb_bow_50", []string{"--model", shared("imdb", "imdb_bow.onnx")}, "ratio/imdb", []string{"--concurrency", "8", "--rows", "50"}, "local", 0.90},
		{"imdb_cnn_50", []string{"--model", shared("imdb", "imdb_cnn.onnx")}, "ratio/imdb", []string{"--concurrency", "8", "--rows", "50"}, "local", 0.98},
		{"picodet_320", []string{"--model", shared("detection", "picodet_xs_320_coco_nms.onnx")}, "ratio/picodet", []string{"--concurrency", "8"}, "local", 0.99},
	} {
		b.Run(r.name, func(b *testing.B) {
			endpoint := p.serve(b, r.serve...)
			load := append([]string{"--endpoint", endpoint, "--config", "testdata/" + r.config + ".prototxt"}, r.load...)
			if r.floor == "echo" {
				load = append(load, "--floor")
			} else {
				load = append(load, "--local", r.serve[1])
			}
			var ratios, servers, floors []float64
			for range pairs() {
				m := p.load(b, load...)
				ratios, servers, floors = append(ratios, m.Floors[0].Ratio), append(servers, m.QPS), append(floors, m.Floors[0].QPS)
			}
			report(b, ratios, servers, floors, r.goal)
		})
	}
}

// BenchmarkRatioFloatsToBytes is a picture as numbers beside an echo of it as bytes.
func BenchmarkRatioFloatsToBytes(b *testing.B) {
	p := programs(b)
	floats, raw := p.serve(b, "--model", first(b, 1, 150528)), p.serve(b, "--model", first(b, 2, 602112))
	var ratios, servers, floors []float64
	for range pairs() {
		server := p.load(b, "--endpoint", floats, "--config", "testdata/ratio/floats.prototxt", "--concurrency", "8").QPS
		echo := p.load(b, "--endpoint", raw, "--config", "testdata/ratio/bytes.prototxt", "--concurrency", "8", "--floor").Floors[0].QPS
		ratios, servers, floors = append(ratios, server/echo), append(servers, server), append(floors, echo)
	}
	report(b, ratios, servers, floors, 0.6)
}

// BenchmarkRatioBatching is the rows a second of 64 callers of one row each, with their
// requests merged, beside those of the best batch of one size that is run locally.
func BenchmarkRatioBatching(b *testing.B) {
	p := programs(b)
	for _, m := range []struct {
		name, config string
		// ones are feeds of so many ones, as random numbers would be out of range.
		ones map[string]int
	}{
		{fixture.Shared(b, "classifier", "fashion_resnet.onnx"), "fashion", nil},
		{fixture.Shared(b, "bert", "tiny_bert_imdb.onnx"), "bert", map[string]int{"input_ids": 64, "token_type_ids": 64, "attention_mask": 64}},
	} {
		b.Run(m.config, func(b *testing.B) {
			endpoint := p.serve(b, "--model", m.name, "--runtime_thread_num", "2", "--batch_infer_size", "32")
			load := []string{"--endpoint", endpoint, "--config", "testdata/ratio/" + m.config + ".prototxt"}
			var ratios, servers, floors []float64
			for range pairs() {
				one := append(feeds(b, m.ones, 1), "--rows", "1", "--protocol", "mux", "--concurrency", "64")
				server := p.load(b, append(one, load...)...).QPS
				best := 0.0
				for _, rows := range []int{1, 8, 16, 32} {
					many := append(feeds(b, m.ones, rows), "--rows", strconv.Itoa(rows), "--concurrency", "2", "--local", m.name)
					local := p.load(b, append(many, load...)...)
					best = max(best, float64(rows)*local.Floors[0].QPS)
				}
				ratios, servers, floors = append(ratios, server/best), append(servers, server), append(floors, best)
			}
			report(b, ratios, servers, floors, 0.9)
		})
	}
}

// BenchmarkRatioOverload is the answers a second when 2 and 10 times as many requests
// are sent as a server can answer, beside those of a closed loop that keeps it busy. It
// also gives the time in which 99 of 100 refusals come to the load generator, and how many
// of 100 the server has sent within 5 ms, by its own clock.
func BenchmarkRatioOverload(b *testing.B) {
	p := programs(b)
	endpoint := p.serve(b, "--model", fixture.Shared(b, "imdb", "imdb_cnn.onnx"), "--queue", "200")
	load := []string{"--endpoint", endpoint, "--config", "testdata/ratio/imdb.prototxt", "--rows", "50", "--protocol", "mux"}
	for _, times := range []float64{2, 10} {
		b.Run(fmt.Sprint(times), func(b *testing.B) {
			var ratios, servers, floors, refusals []float64
			before := refused(b, endpoint)
			for range pairs() {
				peak := p.load(b, append(load, "--concurrency", "32")...).QPS
				m := p.load(b, append(load, "--concurrency", "1000", "--rate", fmt.Sprint(times*peak))...)
				ratios, servers, floors = append(ratios, m.QPS/peak), append(servers, m.QPS), append(floors, peak)
				if m.ErrorLatency != nil {
					refusals = append(refusals, m.ErrorLatency.P99)
				}
			}
			report(b, ratios, servers, floors, 0.95)
			if len(refusals) > 0 {
				b.ReportMetric(median(refusals), "refusal-p99-ms")
				b.ReportMetric(before.within(refused(b, endpoint)), "refused-in-5ms-%")
			}
		})
	}
}

// refusals are those that a server has sent, and those of them within 5 ms.
type refusals struct{ all, soon float64 }

func refused(b *testing.B, endpoint string) (r refusals) {
	b.Helper()
	for name, value := range metricsOf(b, endpoint) {
		if strings.HasPrefix(name, `sampan_request_duration_seconds_bucket{protocol="ttheader",code="ResourceExhausted"`) {
			switch {
			case strings.HasSuffix(name, `le="0.005"}`):
				r.soon = value
			case strings.HasSuffix(name, `le="+Inf"}`):
				r.all = value
			}
		}
	}
	return r
}

// within is how many of 100 refusals since then took 5 ms at most.
func (r refusals) within(now refusals) float64 {
	return 100 * (now.soon - r.soon) / (now.all - r.all)
}

// metricsOf are a server's, by their names and labels.
func metricsOf(b *testing.B, endpoint string) map[string]float64 {
	b.Helper()
	resp, err := http.Get("http://" + endpoint + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, text, ok := strings.Cut(lines.Text(), "} "); ok {
			value, _ := strconv.ParseFloat(text, 64)
			all[name+"}"] = value
		}
	}
	return all
}

// feeds are the flags for feeds of so many rows of ones.
func feeds(b *testing.B, ones map[string]int, rows int) (flags []string) {
	b.Helper()
	for name, n := range ones {
		feed, err := json.Marshal(slices.Repeat([][]int{slices.Repeat([]int{1}, n)}, rows))
		if err != nil {
			b.Fatal(err)
		}
		flags = append(flags, "--feed", name+"="+string(feed))
	}
	return flags
}

// report prints the medians of a benchmark's pairs.
func report(b *testing.B, ratios, servers, floors []float64, goal float64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(slices.Min(ratios), "ratio-min")
	b.ReportMetric(slices.Max(ratios), "ratio-max")
	b.ReportMetric(goal, "ratio-goal")
	b.ReportMetric(median(servers), "server/s")
	b.ReportMetric(median(floors), "floor/s")
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// pairs is how often server and floor are measured.
func pairs() int { return setting("SAMPAN_PAIRS", 3) }

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// program is the sampan command, built for the benchmarks.
type program struct{ path string }

func programs(b *testing.B) program {
	b.Helper()
	b.Setenv("SAMPAN_ONNXRUNTIME", fixture.ONNXRuntime(b))
	p := program{filepath.Join(b.TempDir(), "sampan")}
	if out, err := exec.Command("go", "build", "-o", p.path, fixture.Repo("cmd", "sampan")).CombinedOutput(); err != nil {
		b.Fatalf("build the command: %v\n%s", err, out)
	}
	return p
}

// serve starts a server, which ends with the benchmark, and returns its host:port.
func (p program) serve(b *testing.B, flags ...string) string {
	b.Helper()
	endpoint, _ := p.start(b, flags...)
	return endpoint
}

// start starts a server, which ends with the benchmark, and returns its host:port and its
// process as soon as it listens.
func (p program) start(b *testing.B, flags ...string) (endpoint string, process *os.Process) {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	endpoint = ln.Addr().String()
	_, port, _ := net.SplitHostPort(endpoint)
	ln.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var said bytes.Buffer
	server := exec.CommandContext(ctx, p.path, append([]string{"serve", "--host", "127.0.0.1", "--port", port, "--name", "model"}, flags...)...)
	server.Stderr = &said
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		if err := server.Wait(); err != nil && ctx.Err() == nil {
			b.Error(err)
		}
	})
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(2 * time.Millisecond) {
		conn, err := net.Dial("tcp", endpoint)
		if err == nil {
			conn.Close()
			return endpoint, server.Process
		}
	}
	b.Fatalf("the server does not listen: %s", said.String())
	return "", nil
}

// warmUp is how long the load generator runs before it measures.
const warmUp = 300 * time.Millisecond

// load runs the load generator.
func (p program) load(b *testing.B, flags ...string) *bench.Report {
	b.Helper()
	var said bytes.Buffer
	seconds := strconv.Itoa(setting("SAMPAN_SECONDS", 2)) + "s"
	command := exec.Command(p.path, append([]string{"bench", "--json", "--warmup", warmUp.String(), "--duration", seconds}, flags...)...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		b.Fatalf("%v: %v\n%s", command.Args, err, said.String())
	}
	var r bench.Report
	if err := json.Unmarshal(out, &r); err != nil {
		b.Fatal(err)
	}
	return &r
}

// first writes a model that gives the first element of each row of n, of ONNX's type
// number elem, and returns its path: next to nothing beside what it takes to send a row.
func first(b *testing.B, elem int32, n int64) string {
	b.Helper()
	value := func(name string, size int64) *onnx.ValueInfoProto {
		return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{Value: &onnx.TypeProto_TensorType{TensorType: &onnx.TypeProto_Tensor{
			ElemType: elem,
			Shape: &onnx.TensorShapeProto{Dim: []*onnx.TensorShapeProto_Dimension{
				{Value: &onnx.TensorShapeProto_Dimension_DimParam{DimParam: "batch"}},
				{Value: &onnx.TensorShapeProto_Dimension_DimValue{DimValue: size}},
			}},
		}}}}
	}
	index := func(name string, at byte) *onnx.TensorProto {
		return &onnx.TensorProto{Name: name, DataType: 7, Dims: []int64{1}, RawData: []byte{at, 0, 0, 0, 0, 0, 0, 0}}
	}
	model, err := proto.Marshal(&onnx.ModelProto{
		IrVersion: 8, OpsetImport: []*onnx.OperatorSetIdProto{{Version: 17}},
		Graph: &onnx.GraphProto{
			Name:        "first",
			Node:        []*onnx.NodeProto{{OpType: "Slice", Input: []string{"x", "zero", "one", "one"}, Output: []string{"y"}}},
			Initializer: []*onnx.TensorProto{index("zero", 0), index("one", 1)},
			Input:       []*onnx.ValueInfoProto{value("x", n)},
			Output:      []*onnx.ValueInfoProto{value("y", 1)},
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "model.onnx")
	if err := os.WriteFile(path, model, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}
