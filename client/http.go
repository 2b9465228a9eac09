package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// protoType is the content type of both directions.
const protoType = "application/proto"

// httpTransport posts protobuf over HTTP/1.1, as Paddle Serving's HttpClient does.
type httpTransport struct {
	config Config
	client http.RoundTripper
	idle   func()
}

func newHTTP(config Config) *httpTransport {
	dialer := net.Dialer{Timeout: config.ConnectTimeout}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, dialError{err}
			}
			return conn, nil
		},
		MaxIdleConnsPerHost: config.MaxConns,
		IdleConnTimeout:     maxIdle,
		DisableKeepAlives:   config.Connections == Short,
		DisableCompression:  true,
	}
	return &httpTransport{config, t, t.CloseIdleConnections}
}

// dialError marks a failure to connect.
type dialError struct{ error }

func (e dialError) Unwrap() error { return e.error }

// sent is a request's body. The transport may read it in a goroutine of its own, until it
// closes it.
type sent struct {
	bytes.Reader
	once   sync.Once
	closed chan struct{}
}

// Close may be called more than once.
func (s *sent) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (t *httpTransport) send(ctx context.Context, e *endpoint, body []byte, _ time.Time) (*generalmodel.Response, error) {
	s := &sent{closed: make(chan struct{})}
	s.Reset(body)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.address+t.config.Path, s)
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "%s: %w", e.address, err)
	}
	request.ContentLength = int64(len(body))
	request.Header.Set("Content-Type", protoType)
	if t.config.Model != "" {
		request.Header.Set(modelKey, t.config.Model)
	}
	reply, err := t.client.RoundTrip(request)
	// The caller takes the body back.
	defer func() { <-s.closed }()
	if err != nil {
		return nil, t.fault(ctx, e.address, err)
	}
	defer reply.Body.Close()
	message, err := t.read(reply)
	if err != nil {
		if code := sampan.CodeOf(err); code == sampan.ResourceExhausted {
			return nil, sampan.Errorf(code, "%s: %w", e.address, err)
		}
		return nil, t.fault(ctx, e.address, err)
	}
	return t.response(e.address, reply, message)
}

// read takes the body, within the bound.
func (t *httpTransport) read(reply *http.Response) ([]byte, error) {
	most := int64(t.config.MaxMessageBytes)
	if reply.ContentLength > most {
		return nil, sampan.Errorf(sampan.ResourceExhausted, "a reply of %d bytes, want at most %d", reply.ContentLength, most)
	}
	if reply.ContentLength >= 0 {
		return readBody(reply.Body, int(reply.ContentLength))
	}
	body, err := io.ReadAll(io.LimitReader(reply.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = sampan.Errorf(sampan.ResourceExhausted, "a reply of more than %d bytes", most)
	}
	return body, err
}

// fault says why there is no answer.
func (t *httpTransport) fault(ctx context.Context, address string, err error) error {
	var dial dialError
	switch {
	case ctx.Err() != nil:
		return sampan.ContextError(ctx)
	case errors.As(err, &dial):
		return connectFault(address, dial.error)
	}
	return brokenFault(address)
}

// response reads a reply.
func (t *httpTransport) response(address string, reply *http.Response, body []byte) (*generalmodel.Response, error) {
	if reply.StatusCode != http.StatusOK {
		return nil, httpFault(reply, body)
	}
	m := new(generalmodel.Response)
	kind, _, _ := strings.Cut(reply.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != protoType || proto.Unmarshal(body, m) != nil {
		return nil, sampan.Errorf(sampan.Internal, "%s: the reply is not a %s", address, m.ProtoReflect().Descriptor().FullName())
	}
	return m, nil
}

// maxFault bounds, in bytes, the text of an error.
const maxFault = 4 << 10

// httpFault is what a server says with a status other than 200: in a text, as brpc does,
// or in a JSON object's "error". brpc's own number is more exact than the status.
func httpFault(reply *http.Response, body []byte) error {
	text := baidu.Plain(strings.TrimSpace(string(body[:min(len(body), maxFault)])))
	var object struct{ Error string }
	if json.Unmarshal(body, &object) == nil && object.Error != "" {
		text = object.Error
	}
	if text == "" {
		text = reply.Status
	}
	code := statusCode(reply.StatusCode)
	if number, err := strconv.ParseInt(reply.Header.Get("x-bd-error-code"), 10, 32); err == nil && number != 0 {
		code = baidu.Code(int32(number))
	}
	fault := sampan.Errorf(code, "%s", strings.ToValidUTF8(text, "\uFFFD"))
	if seconds, err := strconv.Atoi(reply.Header.Get("Retry-After")); err == nil && seconds > 0 && code == sampan.ResourceExhausted {
		fault.RetryAfter = min(time.Duration(seconds)*time.Second, time.Hour)
	}
	return fault
}

// statusCode is the way back from a status to a code.
func statusCode(status int) sampan.Code {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return sampan.NotFound
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return sampan.DeadlineExceeded
	case http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return sampan.ResourceExhausted
	case 499:
		return sampan.Canceled
	case http.StatusNotImplemented:
		return sampan.Unimplemented
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return sampan.Unavailable
	}
	if status >= 400 && status < 500 {
		return sampan.InvalidArgument
	}
	return sampan.Internal
}

func (t *httpTransport) close() error {
	t.idle()
	return nil
}
