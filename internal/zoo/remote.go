package zoo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sampanml/sampan"
)

// remote asks for models and indexes. Whole downloads have no deadline of their own;
// each step has.
var remote = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	TLSHandshakeTimeout:   10 * time.Second,
	ResponseHeaderTimeout: 30 * time.Second,
	IdleConnTimeout:       10 * time.Second,
	ForceAttemptHTTP2:     true,
}}

// stall is how long a download may bring nothing; a variable for tests.
var stall = 30 * time.Second

// body is an answer under way.
type body struct {
	io.ReadCloser
	// start is the place of its first byte in the file: what was asked for, or 0.
	start int64
	// size is the whole file's; -1 where the server does not say.
	size   int64
	alive  *time.Timer
	cancel context.CancelFunc
}

// Read fails when nothing has come for a while.
func (b *body) Read(p []byte) (int, error) {
	b.alive.Reset(stall)
	return b.ReadCloser.Read(p)
}

// Close ends the request.
func (b *body) Close() error {
	b.alive.Stop()
	b.cancel()
	return b.ReadCloser.Close()
}

// get asks for a file from an offset on. Faults that may pass are Unavailable.
func get(ctx context.Context, u *url.URL, offset int64) (*body, error) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := request(ctx, u, offset)
	if err != nil {
		cancel()
		return nil, err
	}
	resp, err := remote.Do(req)
	if err != nil {
		cancel()
		return nil, sampan.Errorf(sampan.Unavailable, "%s: %w", u.Redacted(), reason(err))
	}
	b := &body{ReadCloser: resp.Body, size: resp.ContentLength, cancel: cancel, alive: time.AfterFunc(stall, cancel)}
	if err := b.understand(resp, offset); err != nil {
		_ = b.Close()
		return nil, sampan.Errorf(sampan.CodeOf(err), "%s: %w", u.Redacted(), err)
	}
	return b, nil
}

func request(ctx context.Context, u *url.URL, offset int64) (*http.Request, error) {
	at := u
	if u.Scheme == "s3" {
		var err error
		if at, err = bucketURL(u); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	// A checksum is of the file as it lies there.
	req.Header.Set("Accept-Encoding", "identity")
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	if u.Scheme == "s3" {
		sign(req, credentialsFromEnv(), time.Now())
	}
	return req, nil
}

// errNoRange says that a file ends before what was asked for.
var errNoRange = errors.New("the file has no such range")

// understand reads an answer's status and where its bytes belong.
func (b *body) understand(resp *http.Response, offset int64) error {
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusPartialContent:
		start, size, ok := parseContentRange(resp.Header.Get("Content-Range"))
		if !ok || start != offset {
			return sampan.Errorf(sampan.Internal, "answered the range %q, want one from %d", resp.Header.Get("Content-Range"), offset)
		}
		b.start, b.size = start, size
		return nil
	case code == http.StatusRequestedRangeNotSatisfiable:
		return sampan.Errorf(sampan.FailedPrecondition, "%w", errNoRange)
	case code == http.StatusNotFound || code == http.StatusGone:
		return sampan.Errorf(sampan.NotFound, "answered %s", resp.Status)
	case code == http.StatusTooManyRequests || code >= 500:
		return sampan.Errorf(sampan.Unavailable, "answered %s", resp.Status)
	default:
		return sampan.Errorf(sampan.FailedPrecondition, "answered %s", resp.Status)
	}
}

// parseContentRange reads "bytes 5-9/10"; the size may be "*", which is -1.
func parseContentRange(text string) (start, size int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	span, total, two := strings.Cut(text, "/")
	first, _, dash := strings.Cut(span, "-")
	start, err := strconv.ParseInt(first, 10, 64)
	if size = -1; total != "*" {
		var bad error
		size, bad = strconv.ParseInt(total, 10, 64)
		err = errors.Join(err, bad)
	}
	return start, size, ok && two && dash && err == nil && start >= 0
}

// reason is an error of net/http without the address, which the caller tells.
func reason(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
