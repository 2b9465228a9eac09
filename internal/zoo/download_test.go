package zoo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// counted serves files and counts answers.
type counted struct {
	files   map[string][]byte
	answers atomic.Int64
	// cut ends each connection after so many bytes of the body; 0: never.
	cut int
	// fail is how many answers are faults at first.
	fail   int64
	status int
	// whole ignores ranges.
	whole bool
}

func (c *counted) answer(w http.ResponseWriter, r *http.Request) {
	n := c.answers.Add(1)
	data := c.files[strings.TrimPrefix(r.URL.Path, "/")]
	switch {
	case n <= c.fail:
		w.WriteHeader(c.status)
		return
	case c.whole:
		r.Header.Del("Range")
	}
	if c.cut > 0 {
		w = &cutter{ResponseWriter: w, left: c.cut}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// cutter ends a connection in the middle of an answer.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func someBytes(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i * i >> 3)
	}
	return out
}

func TestDownloadGoesOn(t *testing.T) {
	data := someBytes(100_000)
	server := &counted{files: map[string][]byte{"a.onnx": data}, cut: 15_000}
	s, index := store(t), serveBy(t, server.answer, entry("a", "a.onnx", data))
	last := int64(0)
	s.Progress = func(_ Model, done, total int64) {
		if done <= last || total != 100_000 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}
	at, err := s.Get(t.Context(), only(index))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(at); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if n := server.answers.Load(); n != 7 || last != 100_000 {
		t.Errorf("%d answers, want 7; %d bytes told", n, last)
	}
}

func TestDownloadWithoutRanges(t *testing.T) {
	data := someBytes(100_000)
	server := &counted{files: map[string][]byte{"a.onnx": data}, whole: true}
	s, index := store(t), serveBy(t, server.answer, entry("a", "a.onnx", data))
	part(t, s, only(index), data[:500])
	at, err := s.Get(t.Context(), only(index))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(at); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// part leaves the beginning of a download.
func part(t *testing.T, s *Store, m Model, data []byte) {
	t.Helper()
	if err := os.MkdirAll(s.partial(""), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.part(m.Name, m.SHA256), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is on disk from an earlier time may be of another file, or the whole one.
func TestDownloadAfterAnother(t *testing.T) {
	data := someBytes(10_000)
	for _, c := range []struct {
		before  []byte
		answers int64
	}{
		{make([]byte, 5000), 2},
		{make([]byte, 10_000), 1},
		{make([]byte, 10_001), 1},
		{data, 0},
	} {
		server := &counted{files: map[string][]byte{"a.onnx": data}}
		s, index := store(t), serveBy(t, server.answer, entry("a", "a.onnx", data))
		part(t, s, only(index), c.before)
		if _, err := s.Get(t.Context(), only(index)); err != nil {
			t.Errorf("after %d bytes: %v", len(c.before), err)
		}
		if n := server.answers.Load(); n != c.answers {
			t.Errorf("after %d bytes: %d answers, want %d", len(c.before), n, c.answers)
		}
	}
}

func TestDownloadFaults(t *testing.T) {
	data := someBytes(10_000)
	for _, c := range []struct {
		server  *counted
		path    string
		answers int64
		code    sampan.Code
		want    string
	}{
		{&counted{fail: 1 << 30, status: 404}, "a.onnx", 1, sampan.NotFound, "answered 404 Not Found"},
		{&counted{fail: 1 << 30, status: 403}, "a.onnx", 1, sampan.FailedPrecondition, "answered 403 Forbidden"},
		{&counted{fail: 1 << 30, status: 503}, "a.onnx", fruitless, sampan.Unavailable, "answered 503 Service Unavailable"},
		{&counted{fail: 1 << 30, status: 416}, "a.onnx", 1, sampan.FailedPrecondition, "it has less than 0 bytes"},
		{&counted{files: map[string][]byte{"a.onnx": data[1:]}}, "a.onnx", 1, sampan.FailedPrecondition, "it has 9999 bytes, want 10000"},
		{&counted{files: map[string][]byte{"a.onnx": append(data[:0:0], make([]byte, 10_000)...)}}, "a.onnx", 1, sampan.FailedPrecondition, "want " + sumOf(data)},
		{&counted{fail: 3, status: 500, files: map[string][]byte{"a.onnx": data}}, "a.onnx", 4, 0, ""},
		{&counted{fail: 2, status: 429, files: map[string][]byte{"a.onnx": data}}, "a.onnx", 3, 0, ""},
	} {
		s, index := store(t), serveBy(t, c.server.answer, entry("a", c.path, data))
		_, err := s.Get(t.Context(), only(index))
		if c.code == 0 {
			if err != nil {
				t.Errorf("%d faults with %d: %v", c.server.fail, c.server.status, err)
			}
		} else {
			refused(t, err, c.code, c.want)
		}
		if n := c.server.answers.Load(); n != c.answers {
			t.Errorf("%q: %d answers, want %d", c.want, n, c.answers)
		}
		if err != nil && sampan.CodeOf(err) == sampan.FailedPrecondition && c.server.status == 0 && len(left(t, s)) > 0 {
			t.Errorf("%q is left", left(t, s))
		}
	}
}

// A server that does not say how much there is, and sends without an end.
func TestDownloadWithoutEnd(t *testing.T) {
	data := someBytes(10_000)
	index := serveBy(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(data[:999]); err != nil {
				return
			}
		}
	}, entry("a", "a.onnx", data))
	s := store(t)
	_, err := s.Get(t.Context(), only(index))
	refused(t, err, sampan.FailedPrecondition, "it has more than 10000 bytes")
	if got := left(t, s); len(got) > 0 {
		t.Errorf("%q is left", got)
	}
}

func TestDownloadIsStopped(t *testing.T) {
	data := someBytes(1_000_000)
	index := serveBy(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(data[:600_000])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, entry("a", "a.onnx", data))
	s := store(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.Progress = func(_ Model, done, _ int64) {
		if done == 600_000 {
			cancel()
		}
	}
	_, err := s.Get(ctx, only(index))
	refused(t, err, sampan.Canceled, "stopped after 600000 of 1000000 bytes, where the next time goes on: context canceled")
	info, err := os.Stat(s.part("a", sumOf(data)))
	if err != nil || info.Size() != 600_000 {
		t.Errorf("kept %v, %v", info, err)
	}
}

// A server that stops sending and keeps the connection.
func TestDownloadStalls(t *testing.T) {
	defer func(before time.Duration) { stall = before }(stall)
	stall = 50 * time.Millisecond
	data := someBytes(10_000)
	var answers atomic.Int64
	index := serveBy(t, func(w http.ResponseWriter, r *http.Request) {
		if answers.Add(1) > 1 {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
			return
		}
		w.Header().Set("Content-Length", "10000")
		_, _ = w.Write(data[:6000])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, entry("a", "a.onnx", data))
	if _, err := store(t).Get(t.Context(), only(index)); err != nil || answers.Load() != 2 {
		t.Errorf("%v after %d answers", err, answers.Load())
	}
}

func TestContentRange(t *testing.T) {
	for _, c := range []struct {
		text        string
		start, size int64
		ok          bool
	}{
		{"bytes 5-9/10", 5, 10, true},
		{"bytes 5-9/*", 5, -1, true},
		{"bytes */10", 0, 10, false},
		{"bytes -9/10", 0, 10, false},
		{"bytes 5-9", 5, 0, false},
		{"lines 5-9/10", 5, 10, false},
		{"", 0, 0, false},
	} {
		start, size, ok := parseContentRange(c.text)
		if ok != c.ok || ok && (start != c.start || size != c.size) {
			t.Errorf("%q: %s", c.text, fmt.Sprint(start, size, ok))
		}
	}
}
