package metrics_test

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/metrics"
)

func TestText(t *testing.T) {
	var r metrics.Registry
	hits := r.Counters("hits_total", "Hits.", "who")
	hits("b").Add(2)
	hits("a\"\\\n").Add(3)
	hits("b").Add(1)
	h := r.Histograms("rows", "Rows\nof \\ all.", metrics.Buckets{Unit: 10, Bounds: []int64{5, 10}})()
	for _, v := range []int64{0, 5, 6, 10, 11, 1000} {
		h.Observe(v)
	}
	r.Read("open", "Open.", metrics.Gauge, func(emit metrics.Emit) { emit(-1.5, "x"); emit(math.Inf(1), "y") }, "of")
	const want = `# HELP hits_total Hits.
# TYPE hits_total counter
hits_total{who="a\"\\\n"} 3
hits_total{who="b"} 3
# HELP rows Rows\nof \\ all.
# TYPE rows histogram
rows_bucket{le="0.5"} 2
rows_bucket{le="1"} 4
rows_bucket{le="+Inf"} 6
rows_sum 103.2
rows_count 6
# HELP open Open.
# TYPE open gauge
open{of="x"} -1.5
open{of="y"} +Inf
`
	if got := string(r.AppendText(nil)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	const vars = `hits_total{who="a\"\\\n"} : 3
hits_total{who="b"} : 3
open{of="x"} : -1.5
open{of="y"} : +Inf
`
	if got := string(r.AppendVars(nil, "")); got != vars {
		t.Errorf("got\n%s\nwant\n%s", got, vars)
	}
	if got := string(r.AppendVars(nil, "op")); !strings.HasPrefix(got, "open{") {
		t.Errorf("got\n%s", got)
	}
	checkGrammar(t, r.AppendText(nil))
}

// The grammar is that of "Exposition formats" in Prometheus' documentation, version
// 0.0.4.
var (
	comment = regexp.MustCompile(`^# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* .*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram))$`)
	label   = `[a-zA-Z_][a-zA-Z0-9_]*="(\\\\|\\"|\\n|[^\\"\n])*"`
	sample  = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{` + label + `(,` + label + `)*\})? ([^ ]+)$`)
)

func checkGrammar(t *testing.T, text []byte) {
	t.Helper()
	lines := strings.Split(string(text), "\n")
	if lines[len(lines)-1] != "" {
		t.Error("the last line has no end")
	}
	for _, line := range lines[:len(lines)-1] {
		if strings.HasPrefix(line, "#") {
			if !comment.MatchString(line) {
				t.Errorf("comment %q", line)
			}
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("line %q", line)
			continue
		}
		if _, err := strconv.ParseFloat(m[len(m)-1], 64); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
	}
}

func FuzzLabels(f *testing.F) {
	f.Add("uci", "a help")
	f.Add("\"}\n\\", "\\n\n")
	f.Add("\xff", "\x00\r")
	f.Fuzz(func(t *testing.T, value, help string) {
		var r metrics.Registry
		r.Counters("c_total", help, "l", "m")(value, "x").Add(1)
		checkGrammar(t, r.AppendText(nil))
	})
}

func TestWrongNamesPanic(t *testing.T) {
	for name, f := range map[string]func(*metrics.Registry){
		"name":   func(r *metrics.Registry) { r.Counters("Hits", "") },
		"label":  func(r *metrics.Registry) { r.Counters("hits", "", "a b") },
		"twice":  func(r *metrics.Registry) { r.Counters("hits", ""); r.Counters("hits", "") },
		"values": func(r *metrics.Registry) { r.Counters("hits", "", "a")("1", "2") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(&metrics.Registry{})
		}()
	}
}

func TestCalls(t *testing.T) {
	var r metrics.Registry
	total := r.Histograms("total_seconds", "", metrics.Durations, "protocol", "code")
	encode := r.Histograms("encode_seconds", "", metrics.Durations, "protocol")
	http, grpc := metrics.NewCalls("http", total, encode), metrics.NewCalls("grpc", total, encode)
	var none *metrics.Calls
	none.Done(metrics.Now(), nil)
	none.Encoded(metrics.Now(), metrics.Now(), nil)

	now := metrics.Now()
	ago := func(d time.Duration) metrics.Instant { return now - metrics.Instant(d) }
	for range 98 {
		http.Encoded(ago(time.Millisecond), now, nil)
	}
	http.Encoded(ago(time.Second), now, sampan.Errorf(sampan.Internal, "no"))
	grpc.Done(ago(time.Second), sampan.Errorf(sampan.NotFound, "no"))
	grpc.Done(ago(time.Second), errors.New("of another kind"))
	s := metrics.Sum(http, grpc)
	if s.Count != 101 || s.Errors != 3 || s.Sum < 3*time.Second {
		t.Errorf("%d calls, %d errors, %v", s.Count, s.Errors, s.Sum)
	}
	if p50, p99 := s.Quantile(0.5), s.Quantile(0.99); p50 < time.Millisecond || p50 > 10*time.Millisecond || p99 < time.Second {
		t.Errorf("half took %v, 99%% %v", p50, p99)
	}
	text := string(r.AppendText(nil))
	for _, line := range []string{
		`total_seconds_count{protocol="http",code="OK"} 98`, `total_seconds_count{protocol="http",code="Internal"} 1`,
		`total_seconds_count{protocol="grpc",code="NotFound"} 1`, `total_seconds_count{protocol="grpc",code="Internal"} 1`,
		`encode_seconds_count{protocol="http"} 98`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	checkGrammar(t, []byte(text))
	if empty := metrics.Sum(); empty.Mean() != 0 || empty.Quantile(0.5) != 0 {
		t.Error("no calls have times")
	}
}

func TestManyAtOnce(t *testing.T) {
	var r metrics.Registry
	counters := r.Counters("c_total", "", "l")
	h := r.Histograms("h", "", metrics.Sizes)()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 1000 {
				counters(fmt.Sprint(i % 2)).Add(1)
				h.Observe(int64(j))
				if j%100 == 0 {
					r.AppendText(nil)
				}
			}
		})
	}
	wg.Wait()
	if a, b := counters("0").Value(), counters("1").Value(); a != 4000 || b != 4000 || h.Count() != 8000 || h.Sum() != 8*999*1000/2 {
		t.Errorf("%d and %d counted, %d observed, sum %d", a, b, h.Count(), h.Sum())
	}
}

// BenchmarkCall is what the metrics of one call cost.
func BenchmarkCall(b *testing.B) {
	var r metrics.Registry
	c := metrics.NewCalls("http", r.Histograms("t", "", metrics.Durations, "protocol", "code"), r.Histograms("e", "", metrics.Durations, "protocol"))
	b.Run("protocol and code", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Done(metrics.Now(), nil)
		}
	})
	b.Run("encoding too", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			began := metrics.Now()
			c.Encoded(began, metrics.Now(), nil)
		}
	})
}
