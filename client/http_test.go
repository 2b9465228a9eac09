package client

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// overHTTP has the tests whose servers speak HTTP.
var overHTTP sync.Map

// startHTTP serves the general model service as brpc does, by Go's own server.
func startHTTP(address string, h handler) (bound string, stop func(), err error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answerHTTP(h, w, r) })}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(ln)
	}()
	return ln.Addr().String(), sync.OnceFunc(func() {
		_ = s.Close()
		<-done
	}), nil
}

func answerHTTP(h handler, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var reply []byte
	if err == nil {
		reply, err = replyTo(r.Context(), h, r, body)
	}
	if err != nil {
		number := baidu.Number(sampan.CodeOf(err))
		w.Header().Set("x-bd-error-code", strconv.Itoa(int(number)))
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, baidu.Text("127.0.0.1:1", number, err.Error()))
		return
	}
	w.Header().Set("Content-Type", "application/proto")
	_, _ = w.Write(reply)
}

func replyTo(ctx context.Context, h handler, r *http.Request, body []byte) (reply []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sampan.Errorf(sampan.Internal, "internal error")
		}
	}()
	if r.Method != http.MethodPost || r.URL.Path != "/GeneralModelService/inference" || r.Header.Get("Content-Type") != "application/proto" {
		return nil, sampan.Errorf(sampan.NotFound, "%s %s with %s", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}
	var m generalmodel.Request
	if err := proto.Unmarshal(body, &m); err != nil {
		return nil, err
	}
	request, err := wire.FromRequest(&m)
	if err != nil {
		return nil, err
	}
	answer, err := h(ctx, request)
	if err != nil {
		return nil, err
	}
	out, err := wire.ToResponse(answer, request)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(out)
}

// rawHTTP answers every request with the same bytes and closes the connection.
func rawHTTP(t *testing.T, reply []byte) (address string) {
	return brpcServer(t, func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
		_, _ = conn.Write(reply)
	})
}

// What a real brpc server answered.
func TestHTTPRecorded(t *testing.T) {
	recorded := func(name string) []byte {
		data, err := os.ReadFile(fixture.Shared(t, "wire", "brpc_1.0.0-rc01", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	c := connect(t, Config{}, "http://"+rawHTTP(t, recorded("http_proto.rep.bin")))
	out, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if price, err := out.Float32s("price"); err != nil || len(price) == 0 {
		t.Errorf("got %v, %v", price, err)
	}
	c = connect(t, Config{}, "http://"+rawHTTP(t, recorded("http_error.rep.bin")))
	_, err = c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	wantError(t, err, sampan.Internal, "InferService inference failed!")
}

func TestHTTPReplies(t *testing.T) {
	const notAReply = ": the reply is not a baidu.paddle_serving.predictor.general_model.Response"
	for name, c := range map[string]struct {
		reply string
		code  sampan.Code
		// text is after the address where it begins with a colon.
		text string
	}{
		"text":           {"HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nnot here", sampan.NotFound, "not here"},
		"JSON":           {"HTTP/1.1 400 Bad Request\r\nContent-Length: 21\r\n\r\n{\"error\":\"not a sum\"}", sampan.InvalidArgument, "not a sum"},
		"no text":        {"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", sampan.Unimplemented, "501 Not Implemented"},
		"brpc's code":    {"HTTP/1.1 503 x\r\nx-bd-error-code: 2004\r\nContent-Length: 4\r\n\r\nfull", sampan.ResourceExhausted, "full"},
		"a proxy":        {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", sampan.Unavailable, "502 Bad Gateway"},
		"redirect":       {"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n", sampan.Internal, "302 Found"},
		"a page":         {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>", sampan.Internal, notAReply},
		"not protobuf":   {"HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 2\r\n\r\n\xff\xff", sampan.Internal, notAReply},
		"no outputs":     {"HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 0\r\n\r\n", sampan.Internal, "the server answered without outputs"},
		"large":          {"HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 99999999999\r\n\r\n", sampan.ResourceExhausted, ": a reply of 99999999999 bytes, want at most 1024"},
		"large chunks":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + string(make([]byte, 4096)) + "\r\n0\r\n\r\n", sampan.ResourceExhausted, ": a reply of more than 1024 bytes"},
		"half":           {"HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 100\r\n\r\nabc", sampan.Unavailable, ": the connection broke before the answer came"},
		"half a header":  {"HTTP/1.1 200 OK\r\nContent-", sampan.Unavailable, ": the connection broke before the answer came"},
		"another tongue": {"SSH-2.0-OpenSSH_9.2\r\n", sampan.Unavailable, ": the connection broke before the answer came"},
		"nothing":        {"", sampan.Unavailable, ": the connection broke before the answer came"},
	} {
		t.Run(name, func(t *testing.T) {
			address := rawHTTP(t, []byte(c.reply))
			client := connect(t, Config{Transport: HTTP, MaxMessageBytes: 1 << 10}, address)
			text := c.text
			if text[0] == ':' {
				text = address + text
			}
			out, err := client.Predict(t.Context(), Feed{"x": thirteen}, nil)
			if out != nil {
				t.Error("a result beside the error")
			}
			wantError(t, err, c.code, text)
		})
	}
}

// A server that is full says when to come again.
func TestHTTPRetryAfter(t *testing.T) {
	c := connect(t, Config{}, "http://"+rawHTTP(t, []byte("HTTP/1.1 429 x\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nfull")))
	_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	if e, ok := err.(*sampan.Error); !ok || e.RetryAfter != 7*time.Second {
		t.Errorf("got %+v, want 7s", err)
	}
}

// The path of an endpoint is where calls go, as behind a proxy.
func TestHTTPPath(t *testing.T) {
	paths := make(chan string, 2)
	address := brpcServer(t, func(conn net.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			paths <- r.Host + r.URL.Path
		}
	})
	c := connect(t, Config{Retries: -1}, "http://"+address+"/models/uci/inference/")
	_, _ = c.Predict(t.Context(), Feed{"x": thirteen}, nil)
	if got := <-paths; got != address+"/models/uci/inference" {
		t.Errorf("posted to %s", got)
	}
}

// A deadline ends a call whose server is slow, and the body is the caller's again.
func TestHTTPDeadline(t *testing.T) {
	overHTTP.Store(t, true)
	defer overHTTP.Delete(t)
	hold := make(chan struct{})
	address, _ := serve(t, func(ctx context.Context, r *sampan.Request) (*sampan.Reply, error) {
		if r.LogID == 1 {
			<-hold
		}
		return sums(ctx, r)
	})
	t.Cleanup(func() { close(hold) })
	c := connect(t, Config{Transport: HTTP, Timeout: 100 * time.Millisecond}, address)
	_, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil, LogID(1))
	wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = c.Predict(ctx, Feed{"x": thirteen}, nil, LogID(1))
	wantError(t, err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
	if _, err := c.Predict(t.Context(), Feed{"x": thirteen}, nil); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// FuzzHTTPFault: whatever a server says becomes an error with a text.
func FuzzHTTPFault(f *testing.F) {
	f.Add(500, "-5100", "", []byte("[127.0.0.1:29290][E-5100]InferService inference failed!"))
	f.Add(429, "", "7", []byte(`{"error":"full"}`))
	f.Fuzz(func(t *testing.T, status int, number, after string, body []byte) {
		reply := &http.Response{StatusCode: status, Status: strconv.Itoa(status), Header: http.Header{}}
		reply.Header.Set("x-bd-error-code", number)
		reply.Header.Set("Retry-After", after)
		err := httpFault(reply, bytes.Clone(body)).(*sampan.Error)
		if err.Error() == "" || err.Code == 0 || err.RetryAfter < 0 || err.RetryAfter > time.Hour {
			t.Fatalf("%+v", err)
		}
	})
}
