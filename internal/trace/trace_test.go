package trace

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// event is one of Chrome's trace event format.
type event struct {
	Name, Cat, Ph string
	TS, Dur       float64
	PID           int
	TID           int64
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.json")
	r, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now().Add(-time.Millisecond)
	r.Span("op", `a "name" of 中文`, 7, start)
	r.Span("call", "predict", 7, start.Add(-time.Millisecond))
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var events []event
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(events) != 2 || events[0].Name != `a "name" of 中文` || events[0].Ph != "X" || events[0].TID != 7 || events[0].PID != os.Getpid() {
		t.Errorf("%+v", events)
	}
	if inner, outer := events[0], events[1]; inner.TS < outer.TS || inner.Dur < 1000 || inner.TS+inner.Dur > outer.TS+outer.Dur+1 {
		t.Errorf("%+v does not lie within %+v", inner, outer)
	}
	if r.Dropped() != 0 {
		t.Errorf("%d dropped", r.Dropped())
	}
}

func TestNobodyRecords(t *testing.T) {
	var r *Recorder
	r.Span("op", "a", 1, time.Now())
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "nowhere", "trace.json")); err == nil {
		t.Error("a file in no directory was created")
	}
}

// full is a disk that takes nothing.
type full struct{ strings.Builder }

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
func (*full) Close() error             { return nil }

// kept is a file in memory.
type kept struct{ strings.Builder }

func (*kept) Close() error { return nil }

func TestFullDisk(t *testing.T) {
	r := newRecorder(&full{}, maxFile)
	go r.write()
	r.Span("op", "a", 1, time.Now())
	if err := r.Close(); err == nil {
		t.Error("a full disk went unnoticed")
	}
}

// TestBounds drops what does not fit, and the file stays whole.
func TestBounds(t *testing.T) {
	file := &kept{}
	r := newRecorder(file, 300)
	for range waiting + 5 {
		r.Span("op", "a", 1, time.Now())
	}
	if r.Dropped() != 5 {
		t.Errorf("%d dropped with nobody writing, want 5", r.Dropped())
	}
	go r.write()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var events []event
	if err := json.Unmarshal([]byte(file.String()), &events); err != nil || len(events) == 0 || len(file.String()) > 310 {
		t.Errorf("%v, %d events, %d bytes", err, len(events), len(file.String()))
	}
	if int(r.Dropped()) != waiting+5-len(events) {
		t.Errorf("%d dropped, %d written", r.Dropped(), len(events))
	}
}

func BenchmarkSpan(b *testing.B) {
	r, err := Create(filepath.Join(b.TempDir(), "trace.json"))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	start := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		r.Span("op", "uci", 1, start)
	}
}
