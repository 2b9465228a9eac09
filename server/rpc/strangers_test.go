package rpc

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestStrangers: what speaks no protocol of the port is closed and counted; the log has
// one line for many.
func TestStrangers(t *testing.T) {
	var log lockedBuffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	f := listen(t, echo, Options{ReadTimeout: 100 * time.Millisecond})
	firsts := []string{
		"SSH-2.0-OpenSSH_9.6\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01", "\x00\x00\x00\x00\x00\x00\x00\x00", "get / http/1.1\r\n\r\n",
		"\xff\xf4\xff\xfd\x06 ", "x",
	}
	for _, first := range firsts {
		l := f.dial()
		l.send([]byte(first))
		l.closed()
	}
	if got := f.Connections().Recognised["unrecognised"]; got != int64(len(firsts)) {
		t.Errorf("%d strangers are counted, want %d", got, len(firsts))
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "SSH-2.0-") {
		t.Errorf("the log has %q, want one line with the first bytes", text)
	}
}

// lockedBuffer may be written and read at the same time.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
