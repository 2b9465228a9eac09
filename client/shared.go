package client

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/sampanml/sampan"
)

// shared is a connection that many calls use at the same time. R is the form of a reply.
// Calls are told apart by a number that the reply repeats.
type shared[R any] struct {
	conn    net.Conn
	framing framing[R]
	// patience is how long a server may leave what is sent to it unread.
	patience time.Duration
	// ended is closed when the reader has returned.
	ended chan struct{}

	mu      sync.Mutex
	waiting map[int64]chan outcome[R]
	// over says that no call may begin any more. The last of those under way closes the
	// connection.
	over bool
	// used says that a call has begun since the last look for idleness.
	used bool
	idle *time.Timer
	// out is what has to be written, spare the memory of what was last written; writing
	// says that somebody is at it.
	out, spare []byte
	writing    bool
}

// framing is how a protocol cuts the stream into replies.
type framing[R any] interface {
	// read takes the next reply and its number off the connection. A fault that
	// concerns one reply alone is the outcome's; an error ends the connection. Number 0
	// is the server's goodbye: it takes no more calls on this connection.
	read(in *bufio.Reader) (number int64, reply outcome[R], err error)
}

// outcome is a reply or the fault in its place.
type outcome[R any] struct {
	reply R
	err   error
}

// errBroken ends the calls under way on a connection that broke.
var errBroken = errors.New("the connection broke before the answer came")

const (
	// readBuffer is the size, in bytes, up to which replies are read together.
	readBuffer = 64 << 10
	// stall is how long a caller writes by itself.
	stall = 5 * time.Millisecond
	// maxOut bounds, in bytes, what waits to be written beyond one call's own frame.
	maxOut = 16 << 20
)

func newShared[R any](conn net.Conn, f framing[R], patience time.Duration) *shared[R] {
	s := &shared[R]{conn: conn, framing: f, patience: patience, ended: make(chan struct{}), waiting: map[int64]chan outcome[R]{}}
	s.idle = time.AfterFunc(maxIdle, s.rest)
	go s.read()
	return s
}

// await waits for the reply of a call that has begun.
func (s *shared[R]) await(ctx context.Context, deadline time.Time, number int64, wait <-chan outcome[R]) (R, error) {
	late := time.NewTimer(time.Until(deadline))
	defer late.Stop()
	var err error
	select {
	case got := <-wait:
		return got.reply, got.err
	case <-ctx.Done():
		err = sampan.ContextError(ctx)
	case <-late.C:
		err = errLate()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(number)
	var none R
	return none, err
}

// forget ends a call, under mu.
func (s *shared[R]) forget(number int64) {
	delete(s.waiting, number)
	if s.over && len(s.waiting) == 0 {
		_ = s.conn.Close()
	}
}

// retire lets no more calls begin. Those under way go on.
func (s *shared[R]) retire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if len(s.waiting) == 0 {
		_ = s.conn.Close()
	}
}

// begin enters a call and writes its frame, which encode appends to what it is given.
// Where somebody writes already, that one takes the frame along.
func (s *shared[R]) begin(number int64, encode func([]byte) ([]byte, error)) (<-chan outcome[R], error) {
	wait, writer, err := s.enter(number, encode)
	if writer && s.write(stall) {
		go s.drain()
	}
	return wait, err
}

func (s *shared[R]) enter(number int64, encode func([]byte) ([]byte, error)) (wait chan outcome[R], writer bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil, false, errBroken
	}
	if len(s.out) > maxOut {
		return nil, false, sampan.Errorf(sampan.Unavailable, "the server does not read: %d bytes wait to be sent", len(s.out))
	}
	out, err := encode(s.out)
	if err != nil {
		return nil, false, err
	}
	wait = make(chan outcome[R], 1)
	s.waiting[number] = wait
	writer = !s.writing
	s.out, s.used, s.writing = out, true, true
	return wait, writer, nil
}

// write sends what is there, for so long at most, and reports whether there is more to
// send. Only one goroutine is at it.
func (s *shared[R]) write(patience time.Duration) (more bool) {
	s.mu.Lock()
	out := s.out
	s.out, s.spare = s.spare[:0], nil
	s.mu.Unlock()
	err := s.conn.SetWriteDeadline(time.Now().Add(patience))
	n := 0
	if err == nil {
		n, err = s.conn.Write(out)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		if cap(out) <= maxOut {
			s.spare = out
		}
	case patience == stall && errors.Is(err, os.ErrDeadlineExceeded):
		s.out = append(out[n:], s.out...)
	default:
		// The reader sees the end and tells the calls.
		s.over, s.writing = true, false
		_ = s.conn.Close()
		return false
	}
	s.writing = len(s.out) > 0
	return s.writing
}

// drain writes for the callers until nothing is left: none of them does it for the
// others, or waits for a server that does not read.
func (s *shared[R]) drain() {
	for s.write(s.patience) {
	}
}

// read hands replies to their callers until the connection ends.
func (s *shared[R]) read() {
	defer close(s.ended)
	in := bufio.NewReaderSize(s.conn, readBuffer)
	for {
		number, reply, err := s.framing.read(in)
		if err != nil {
			s.fail()
			return
		}
		if number == 0 {
			s.retire()
			continue
		}
		s.mu.Lock()
		wait := s.waiting[number]
		s.forget(number)
		s.mu.Unlock()
		if wait != nil {
			wait <- reply
		}
	}
}

// fail ends the connection and the calls under way.
func (s *shared[R]) fail() {
	_ = s.conn.Close()
	s.idle.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for number, wait := range s.waiting {
		delete(s.waiting, number)
		wait <- outcome[R]{err: errBroken}
	}
}

// rest closes a connection that no call has used since it last looked.
func (s *shared[R]) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.used && len(s.waiting) == 0 {
		s.over = true
		_ = s.conn.Close()
		return
	}
	s.used = false
	s.idle.Reset(maxIdle)
}

// usable reports whether a call may begin.
func (s *shared[R]) usable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.over
}

// close ends the connection and waits for its reader.
func (s *shared[R]) close() {
	_ = s.conn.Close()
	<-s.ended
}
