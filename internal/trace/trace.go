// Package trace writes what happened when to a file in Chrome's trace event format, which
// Perfetto and chrome://tracing show as bars over time.
//
// Spans are handed to a writer of their own; who records one takes no lock that a slow
// disk could hold. One invariant: a recorder never makes its user wait: what the writer
// cannot take is dropped, and counted.
package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Recorder takes spans. A nil Recorder takes none, at no cost. It is safe for concurrent
// use.
type Recorder struct {
	spans   chan span
	stop    chan struct{}
	ended   chan struct{}
	closing sync.Once
	dropped atomic.Uint64
	written uint64
	file    io.WriteCloser
	err     error
	most    int64
}

// span is something that took time.
type span struct {
	name, category string
	track          int64
	start          time.Time
	took           time.Duration
}

// Rows is how many tracks a request may have: the first is its own, and each of its ops,
// which may run at the same time, has one of the others.
const Rows = 64

const (
	// waiting is how many spans may wait for the writer.
	waiting = 8192
	// maxFile bounds a file, in bytes.
	maxFile = 256 << 20
	// flushEvery is how old what the file lacks may be.
	flushEvery = time.Second
)

// Create begins a file; one that is there is replaced.
func Create(path string) (*Recorder, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	r := newRecorder(f, maxFile)
	go r.write()
	return r, nil
}

func newRecorder(file io.WriteCloser, most int64) *Recorder {
	return &Recorder{spans: make(chan span, waiting), stop: make(chan struct{}), ended: make(chan struct{}), file: file, most: most}
}

// Span records what began then and ended now. Spans of one track that lie within each other
// are shown so. The texts are kept until they are written.
func (r *Recorder) Span(category, name string, track int64, start time.Time) {
	if r == nil {
		return
	}
	select {
	case r.spans <- span{name, category, track, start, time.Since(start)}:
	default:
		r.dropped.Add(1)
	}
}

// Dropped is how many spans are not in the file.
func (r *Recorder) Dropped() uint64 { return r.dropped.Load() }

// Close writes what waits and ends the file. Idempotent; a nil Recorder has nothing to
// close.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.closing.Do(func() { close(r.stop) })
	<-r.ended
	return r.err
}

// write takes spans until it is stopped. The array has no end before that: viewers take it
// without, as from a process that was killed.
func (r *Recorder) write() {
	defer close(r.ended)
	out := bufio.NewWriterSize(r.file, 64<<10)
	line := []byte("[\n")
	pid := strconv.Itoa(os.Getpid())
	size := int64(0)
	put := func(s span) {
		if r.written > 0 {
			line = append(line, ",\n"...)
		}
		line = appendSpan(line, s, pid)
		if size += int64(len(line)); size > r.most {
			r.dropped.Add(1)
			line = line[:0]
			return
		}
		r.written++
		_, _ = out.Write(line)
		line = line[:0]
	}
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case s := <-r.spans:
			put(s)
			continue
		case <-tick.C:
			_ = out.Flush()
			continue
		case <-r.stop:
		}
		break
	}
	for {
		select {
		case s := <-r.spans:
			put(s)
			continue
		default:
		}
		break
	}
	_, _ = out.Write(append(line, "\n]\n"...))
	r.err = out.Flush()
	if err := r.file.Close(); r.err == nil {
		r.err = err
	}
}

// appendSpan writes one event: times are in microseconds.
func appendSpan(dst []byte, s span, pid string) []byte {
	dst = append(dst, `{"name":`...)
	dst = appendText(dst, s.name)
	dst = append(dst, `,"cat":`...)
	dst = appendText(dst, s.category)
	dst = append(dst, `,"ph":"X","ts":`...)
	dst = strconv.AppendFloat(dst, float64(s.start.UnixNano())/1e3, 'f', 3, 64)
	dst = append(dst, `,"dur":`...)
	dst = strconv.AppendFloat(dst, float64(s.took.Nanoseconds())/1e3, 'f', 3, 64)
	dst = append(dst, `,"pid":`...)
	dst = append(dst, pid...)
	dst = append(dst, `,"tid":`...)
	dst = strconv.AppendInt(dst, s.track, 10)
	return append(dst, '}')
}

func appendText(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		return append(dst, `""`...)
	}
	return append(dst, quoted...)
}
