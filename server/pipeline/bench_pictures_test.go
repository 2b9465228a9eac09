package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server/pipeline"
)

// recorder is a runtime that remembers what it was asked for.
type recorder struct {
	engine.Backend
	on   atomic.Bool
	mu   sync.Mutex
	runs []recordedRun
}

// recordedRun is one run of a model.
type recordedRun struct {
	session engine.Session
	inputs  []sampan.Tensor
	outputs int
}

func (r *recorder) Load(ctx context.Context, m engine.Artifact) (engine.Session, error) {
	s, err := r.Backend.Load(ctx, m)
	return recordedSession{s, r}, err
}

type recordedSession struct {
	engine.Session
	to *recorder
}

func (s recordedSession) Run(ctx context.Context, inputs, outputs []sampan.Tensor) error {
	if s.to.on.Load() {
		run := recordedRun{s.Session, make([]sampan.Tensor, len(inputs)), len(outputs)}
		for i, t := range inputs {
			t.Data = bytes.Clone(t.Data)
			run.inputs[i] = t
		}
		s.to.mu.Lock()
		s.to.runs = append(s.to.runs, run)
		s.to.mu.Unlock()
	}
	return s.Session.Run(ctx, inputs, outputs)
}

// replay makes the recorded runs again, on as many goroutines as there are processors, and
// tells how long that takes.
func (r *recorder) replay(b *testing.B) time.Duration {
	return each(runtime.GOMAXPROCS(0), len(r.runs), func(i int) {
		run := r.runs[i]
		if err := run.session.Run(b.Context(), run.inputs, make([]sampan.Tensor, run.outputs)); err != nil {
			b.Error(err)
		}
	})
}

// each does n things, so many at once, and tells how long that takes.
func each(callers, n int, do func(i int)) time.Duration {
	var (
		all  sync.WaitGroup
		next atomic.Int64
	)
	began := time.Now()
	for range callers {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// BenchmarkOCR reads pictures with examples/ocr, one model that finds the texts of a
// picture before two that see each of them, and makes the same runs of the models without
// a pipeline around them: the ratio is what reading, cutting and searching pictures leaves
// of the models' throughput.
func BenchmarkOCR(b *testing.B) {
	o := options(b)
	models := &recorder{Backend: o.Backend}
	o.Backend = models
	r := serve(b, pipeline.Declared("../../examples/ocr/config.yml", o))
	names, err := filepath.Glob(filepath.Join(fixture.Shared(b, "ocr", "images"), "*"))
	if err != nil || len(names) == 0 {
		b.Fatal(names, err)
	}
	pictures := make([][]byte, len(names))
	for i, name := range names {
		if pictures[i], err = os.ReadFile(name); err != nil {
			b.Fatal(err)
		}
	}
	callers := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	b.Cleanup(callers.CloseIdleConnections)
	read := func(i int) {
		resp, err := callers.Post(fmt.Sprintf("http://%s/ocr/prediction", r.HTTPAddr()), "image/jpeg", bytes.NewReader(pictures[i%len(pictures)]))
		if err != nil {
			b.Error(err)
			return
		}
		defer resp.Body.Close()
		if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Errorf("%s: status %d, %v: %s", names[i%len(names)], resp.StatusCode, err, text)
		}
	}
	// Rounds enough that waiting for the last picture is not what is measured.
	n := 5 * len(pictures)
	each(4, n, read)
	var floor, took time.Duration
	runs := 0
	for b.Loop() {
		models.runs = nil
		models.on.Store(true)
		took += each(4, n, read)
		models.on.Store(false)
		floor += models.replay(b)
		runs += len(models.runs)
	}
	b.ReportMetric(float64(b.N*n)/took.Seconds(), "pictures/s")
	b.ReportMetric(float64(runs)/float64(b.N), "runs/op")
	b.ReportMetric(floor.Seconds()/took.Seconds(), "ratio")
}
