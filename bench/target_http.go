package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	hertzerrors "github.com/cloudwego/hertz/pkg/common/errors"
	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"

	"github.com/sampanml/sampan"
)

// httpTarget posts one prepared request. It uses Hertz's connections and parser
// without its client, whose pool would cost the generator more than it gives a worker
// that has one connection.
type httpTarget struct {
	endpoint string
	message  []byte
	timeout  time.Duration
}

func newHTTPTarget(ctx context.Context, config Config, endpoint string, r *sampan.Request) (target, error) {
	text, err := body(r)
	if err != nil {
		return nil, err
	}
	t := &httpTarget{endpoint: endpoint, timeout: config.Timeout}
	t.message = fmt.Appendf(nil, "POST /%s/prediction HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		url.PathEscape(config.Name), endpoint, len(text), text)
	probe := &httpWorker{httpTarget: t, ctx: ctx}
	defer probe.hangUp()
	if err := probe.dial(); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *httpTarget) worker(ctx context.Context) (func() error, func()) {
	w := &httpWorker{httpTarget: t, ctx: ctx}
	return func() error {
		_, err := w.call()
		return err
	}, w.hangUp
}

func (t *httpTarget) sample(ctx context.Context) ([]byte, error) {
	w := &httpWorker{httpTarget: t, ctx: ctx}
	defer w.hangUp()
	reply, err := w.call()
	return bytes.Clone(reply), err
}

func (t *httpTarget) close() error { return nil }

// httpWorker is one worker's connection, made when it is needed.
type httpWorker struct {
	*httpTarget
	ctx   context.Context
	conn  network.Conn
	stop  func() bool
	reply protocol.Response
}

// call returns the reply's body, which the next call overwrites.
func (w *httpWorker) call() ([]byte, error) {
	if w.conn == nil {
		if err := w.dial(); err != nil {
			return nil, err
		}
	}
	w.reply.Reset()
	if err := w.exchange(); err != nil {
		w.hangUp()
		return nil, w.fault(err)
	}
	if w.reply.ConnectionClose() {
		defer w.hangUp()
	}
	return w.reply.Body(), check(w.reply.StatusCode(), w.reply.Body())
}

func (w *httpWorker) exchange() error {
	if err := w.conn.SetDeadline(time.Now().Add(w.timeout)); err != nil {
		return err
	}
	if err := w.ctx.Err(); err != nil {
		// It may have been this end whose deadline was just moved.
		return err
	}
	if _, err := w.conn.WriteBinary(w.message); err != nil {
		return err
	}
	if err := w.conn.Flush(); err != nil {
		return err
	}
	return errors.Join(resp.Read(&w.reply, w.conn), w.conn.Release())
}

func (w *httpWorker) dial() error {
	conn, err := standard.NewDialer().DialConnection("tcp", w.endpoint, min(w.timeout, connectTimeout), nil)
	if err != nil {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			err = errno
		}
		return sampan.Errorf(sampan.Unavailable, "connect to %s: %w", w.endpoint, err)
	}
	w.conn = conn
	// The end of the run wakes a worker that waits for an answer.
	w.stop = context.AfterFunc(w.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return nil
}

// connectTimeout is the SDK's.
const connectTimeout = 2 * time.Second

func (w *httpWorker) hangUp() {
	if w.conn == nil {
		return
	}
	w.stop()
	_ = w.conn.Close()
	w.conn = nil
}

func (w *httpWorker) fault(err error) error {
	var timeout net.Error
	switch {
	case w.ctx.Err() != nil:
		return sampan.ContextError(w.ctx)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, hertzerrors.ErrTimeout):
		return sampan.Errorf(sampan.DeadlineExceeded, "%s: no answer in %v", w.endpoint, w.timeout)
	}
	return sampan.Errorf(sampan.Unavailable, "%s: the connection broke before the answer came", w.endpoint)
}

// check tells a result from an error: by the status, and by the outline, as the web
// service answers some errors with 200 and a text in the result's place.
func check(status int, body []byte) error {
	if status == 200 && bytes.HasPrefix(body, []byte(`{"result":{`)) {
		return nil
	}
	var reply struct {
		Error  string
		Result any
	}
	text := strings.TrimSpace(string(body[:min(len(body), 200)]))
	if json.Unmarshal(body, &reply) == nil {
		if result, ok := reply.Result.(string); ok {
			text = result
		} else if reply.Error != "" {
			text = reply.Error
		}
	}
	if text == "" {
		text = fmt.Sprintf("status %d without a text", status)
	}
	return sampan.Errorf(codeOf(status), "%s", text)
}

// codeOf is the way back from a status to a code.
func codeOf(status int) sampan.Code {
	switch status {
	case 404, 405:
		return sampan.NotFound
	case 413, 429:
		return sampan.ResourceExhausted
	case 499:
		return sampan.Canceled
	case 501:
		return sampan.Unimplemented
	case 502, 503:
		return sampan.Unavailable
	case 504:
		return sampan.DeadlineExceeded
	}
	if status >= 500 {
		return sampan.Internal
	}
	return sampan.InvalidArgument
}
