package http_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/server/http"
)

const head = "POST /GeneralModelService/inference HTTP/1.1\r\nHost: h\r\n"

// inChunks is a body in chunks of n bytes.
func inChunks(body string, n int) string {
	var b strings.Builder
	for len(body) > 0 {
		part := body[:min(n, len(body))]
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(part), part)
		body = body[len(part):]
	}
	return b.String() + "0\r\n\r\n"
}

// TestMalformed has requests that are answered and end their connection.
func TestMalformed(t *testing.T) {
	const most = 1 << 20
	address := start(t, newService(t), http.Options{MaxBody: most, HeaderTime: time.Second})
	length := fmt.Sprintf("Content-Length: %d\r\n", len(good))
	chunked := head + "Transfer-Encoding: chunked\r\n\r\n"
	var calls sync.WaitGroup
	for name, c := range map[string]struct {
		request string
		status  int
		want    string
	}{
		"garbage":                      {"GET \x00\x01\x02 garbage\r\n\r\n", 400, "not HTTP/1.1"},
		"no version":                   {"GET /\r\n\r\n", 400, "not HTTP/1.1"},
		"another protocol":             {"GET / RTSP/1.0\r\n\r\n", 400, "not HTTP/1.1"},
		"a space before the colon":     {head + "Content-Length : 5\r\n\r\nhello", 400, "not HTTP/1.1"},
		"a header without a colon":     {head + "Content-Length\r\n\r\n", 408, "headers did not arrive within 1s"},
		"one header too large":         {head + "X: " + strings.Repeat("x", 70<<10) + "\r\n\r\n", 431, "larger than 65536"},
		"too many headers":             {head + strings.Repeat("X: y\r\n", 12<<10) + "\r\n", 431, "larger than 65536"},
		"headers without end":          {head + strings.Repeat("X: y\r\n", 1<<20), 431, "larger than 65536"},
		"a request line without end":   {"GET /" + strings.Repeat("x", 1<<20), 431, "larger than 65536"},
		"two lengths":                  {head + length + "Content-Length: 3\r\n\r\n" + good, 400, "2 Content-Length"},
		"two equal lengths":            {head + length + length + "\r\n" + good, 400, "2 Content-Length"},
		"two lengths in one":           {head + "Content-Length: 5, 5\r\n\r\nhello", 400, "not HTTP/1.1"},
		"a negative length":            {head + "Content-Length: -5\r\n\r\nhello", 400, "not HTTP/1.1"},
		"a length with a sign":         {head + "Content-Length: +5\r\n\r\nhello", 400, "not HTTP/1.1"},
		"a length in hexadecimal":      {head + "Content-Length: 0x5\r\n\r\nhello", 400, "not HTTP/1.1"},
		"a length beyond 64 bits":      {head + "Content-Length: 99999999999999999999\r\n\r\n", 400, "not HTTP/1.1"},
		"an empty length":              {head + "Content-Length:\r\n\r\n", 400, "not HTTP/1.1"},
		"length and chunks":            {head + length + "Transfer-Encoding: chunked\r\n\r\n" + inChunks(good, 10), 400, "1 Content-Length and 1 Transfer-Encoding"},
		"chunks and length":            {head + "Transfer-Encoding: chunked\r\n" + length + "\r\n" + inChunks(good, 10), 400, "1 Content-Length and 1 Transfer-Encoding"},
		"chunked twice":                {head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunks(good, 10), 400, "2 Transfer-Encoding"},
		"gzip as transfer encoding":    {head + "Transfer-Encoding: gzip, chunked\r\n\r\n" + inChunks(good, 10), 501, `"gzip, chunked" is not known`},
		"a misspelt transfer encoding": {head + "Transfer-Encoding: xchunked\r\n\r\n" + inChunks(good, 10), 501, "is not known"},
		"an obscured one":              {head + "Transfer-Encoding: \x0bchunked\r\n\r\n" + inChunks(good, 10), 400, "not HTTP/1.1"},
		"identity":                     {head + "Transfer-Encoding: identity\r\n" + length + "\r\n" + good, 501, "is not known"},
		"chunks in HTTP/1.0":           {strings.Replace(head, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n" + inChunks(good, 10), 400, "HTTP/1.0"},
		"a folded header":              {head + "X: y\r\n more\r\n\r\n", 400, "goes on in a second line"},
		"lines that end with LF":       {strings.ReplaceAll(head, "\r", "") + "X: y\n\n", 400, "does not end as HTTP wants"},
		"too large by its length":      {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", most+1), 413, fmt.Sprintf("%d bytes or more, the most is %d", most+1, most)},
		"far too large":                {head + "Content-Length: 4611686018427387904\r\n\r\n", 413, "the most is"},
		"too large in chunks":          {chunked + inChunks(strings.Repeat("x", most+1), 1<<10), 413, fmt.Sprintf("the most is %d", most)},
		"a chunk that is too large":    {chunked + "7fffffff\r\n", 413, "the most is"},
		"a chunk's size too long":      {chunked + "000000001\r\n", 400, "not in chunks"},
		"a chunk of no size":           {chunked + "\r\n", 400, "not in chunks"},
		"a chunk's size with a sign":   {chunked + "-1\r\n", 400, "not in chunks"},
		"a chunk's size in C":          {chunked + "0x5\r\nhello\r\n", 400, "not in chunks"},
		"a chunk's size that ends LF":  {chunked + "5\nhello\r\n", 400, "not in chunks"},
		"a chunk that goes on":         {chunked + "5\r\nhello!\r\n", 400, "not in chunks"},
		"an extension without end":     {chunked + "5;" + strings.Repeat("x", 2<<10), 400, "not in chunks"},
		"trailers without end":         {chunked + "0\r\n" + strings.Repeat("X: y\r\n", 100), 400, "not in chunks"},
	} {
		calls.Go(func() {
			t.Run(name, func(t *testing.T) {
				conn := dial(t, address)
				defer conn.Close()
				// The server may have had enough before all is written.
				go io.WriteString(conn, c.request)
				r := bufio.NewReader(conn)
				got := read(t, r, "POST")
				if got.status != c.status || !strings.Contains(got.body, c.want) {
					t.Errorf("%d %s, want %d with %q", got.status, got.body, c.status, c.want)
				}
				if got.header.Get("Connection") != "close" || len(got.body) > 500 {
					t.Errorf("connection %q, %d bytes", got.header.Get("Connection"), len(got.body))
				}
				if rest, _ := io.ReadAll(r); len(rest) > 0 {
					t.Errorf("there is more after the refusal: %.200q", rest)
				}
				answers(t, address)
			})
		})
	}
	calls.Wait()
}

// TestOdd has requests that are fine.
func TestOdd(t *testing.T) {
	address := start(t, newService(t), http.Options{})
	spaces := good + strings.Repeat(" ", 65537-len(good))
	for name, request := range map[string]string{
		"65,537 chunks of a byte": head + "Transfer-Encoding: chunked\r\n\r\n" + inChunks(spaces, 1),
		"a chunk's extension":     head + "Transfer-Encoding: Chunked\r\n\r\n" + strings.Replace(inChunks(good, 1<<20), "\r\n", ";a=b;c\r\n", 1),
		"trailers":                head + "Transfer-Encoding: chunked\r\n\r\n" + strings.TrimSuffix(inChunks(good, 7), "\r\n") + "X: y\r\nContent-Length: 3\r\n\r\n",
		"HTTP/1.0":                strings.Replace(string(post(good, "")), "1.1", "1.0", 1),
		"names in any case":       strings.ReplaceAll(string(post(good, "")), "Content-Length", "cONTENT-lENGTH"),
		"a body of 1 MB":          string(post(good+strings.Repeat(" ", 1<<20), "")),
	} {
		if got := exchange(t, address, []byte(request)); got.status != 200 || !strings.Contains(got.body, "18.9011") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestDepth(t *testing.T) {
	address := start(t, newService(t), http.Options{})
	for depth, status := range map[int]int{90: 200, 120: 400, 1 << 20: 400} {
		body := good[:len(good)-1] + `,"deep":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
		if got := exchange(t, address, post(body, "")); got.status != status || status == 400 && !strings.Contains(got.body, "nested deeper than 100") {
			t.Errorf("depth %d: %d %s, want %d", depth, got.status, got.body, status)
		}
	}
	answers(t, address)
}

// TestSilence has clients that stop in the middle: they hold nothing for long.
func TestSilence(t *testing.T) {
	const patience = 200 * time.Millisecond
	address := start(t, newService(t), http.Options{HeaderTime: patience, BodyTime: patience})
	request := string(post(good, ""))
	body := strings.Index(request, "\r\n\r\n") + 4
	for name, c := range map[string]struct{ sent, want string }{
		"in the request line": {"POST /Gen", "headers did not arrive within 200ms"},
		"in the headers":      {request[:body-10], "headers did not arrive within 200ms"},
		"before the body":     {request[:body], "body did not arrive"},
		"in the body":         {request[:len(request)-1], "body did not arrive"},
		"in a large body":     {head + "Content-Length: 10000000\r\n\r\n" + strings.Repeat(" ", 1000), "body did not arrive"},
		"in a chunk":          {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "body did not arrive"},
		"between chunks":      {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "body did not arrive"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			got := exchange(t, address, []byte(c.sent))
			if got.status != 408 || !strings.Contains(got.body, c.want) || got.header.Get("X-Bd-Error-Code") != "1008" {
				t.Errorf("%d %s", got.status, got.body)
			}
			if took := time.Since(began); took < patience {
				t.Errorf("refused after %v, before the time", took)
			}
		})
	}
	t.Run("drop by drop", func(t *testing.T) {
		conn := dial(t, address)
		go func() {
			for _, c := range request {
				if _, err := conn.Write([]byte(string(c))); err != nil {
					return
				}
				time.Sleep(patience / 20)
			}
		}()
		if got := read(t, bufio.NewReader(conn), "POST"); got.status != 408 {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
	answers(t, address)
}

func TestPipelined(t *testing.T) {
	address := start(t, newService(t), http.Options{})
	conn := dial(t, address)
	const n = 20
	request := string(post(good, "")) + "GET /health HTTP/1.1\r\nHost: h\r\n\r\n" +
		head + "Transfer-Encoding: chunked\r\n\r\n" + inChunks(good, 100) +
		// Large enough to be read in pieces, with the next request right behind it.
		string(post(good+strings.Repeat(" ", 300<<10), ""))
	go io.WriteString(conn, strings.Repeat(request, n))
	r := bufio.NewReader(conn)
	for i := range n {
		for j, want := range []string{"18.9011", "OK", "18.9011", "18.9011"} {
			if got := read(t, r, "POST"); got.status != 200 || !strings.Contains(got.body, want) {
				t.Fatalf("reply %d of round %d: %d %s", j, i, got.status, got.body)
			}
		}
	}
}

func TestContinue(t *testing.T) {
	address := start(t, newService(t), http.Options{MaxBody: 1 << 20})
	conn := dial(t, address)
	r := bufio.NewReader(conn)
	fmt.Fprintf(conn, "%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", head, len(good))
	if line, err := r.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("%q %v", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, good)
	if got := read(t, r, "POST"); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	fmt.Fprintf(conn, "%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", head, 1<<21)
	if got := read(t, r, "POST"); got.status != 413 {
		t.Errorf("a body that is not wanted: %d %s", got.status, got.body)
	}
}

// echo gives back what came: replies as large as requests.
type echo struct{ service }

func (*echo) Predict(_ context.Context, req *sampan.Request) (*sampan.Reply, error) {
	return &sampan.Reply{Outputs: []sampan.Output{{Engine: "e", Tensors: req.Inputs}}}, nil
}

// TestSlowReader has a client that does not take its reply.
func TestSlowReader(t *testing.T) {
	address := start(t, &echo{}, http.Options{BodyTime: time.Second, Rate: 1 << 30})
	before := settled()
	const n = 1 << 20
	body := `{"tensor":[{"name":"e","int64_data":[` + strings.TrimSuffix(strings.Repeat("1000000,", n), ",") + fmt.Sprintf(`],"shape":[%d]}]}`, n)
	conn := dial(t, address)
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(post(body, "")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if now := runtime.NumGoroutine(); now <= before {
		t.Errorf("%d goroutines, before the reply %d: nobody waits for the reader, so the test is none", now, before)
	}
	backTo(t, before, time.Minute)
}

// settled counts the goroutines when those of earlier tests have ended: when the count
// has been the same for a tenth of a second.
func settled() int {
	count, same := runtime.NumGoroutine(), 0
	for same < 10 {
		time.Sleep(10 * time.Millisecond)
		if now := runtime.NumGoroutine(); now != count {
			count, same = now, 0
		} else {
			same++
		}
	}
	return count
}

// TestClientsThatClose opens a thousand connections that end in the middle.
func TestClientsThatClose(t *testing.T) {
	s := newService(t)
	address := start(t, s, http.Options{})
	answers(t, address)
	before := runtime.NumGoroutine()
	heap := liveHeap()
	request := post(good, "")
	var wg sync.WaitGroup
	for worker := range 10 {
		wg.Go(func() {
			for i := range 100 {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				conn.Write(request[:(worker*100+i)*len(request)/1000])
				if i%2 == 0 {
					conn.(*net.TCPConn).SetLinger(0)
				}
				conn.Close()
			}
		})
	}
	wg.Wait()
	backTo(t, before, 10*time.Second)
	if after := liveHeap(); after > heap+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", heap, after)
	}
	answers(t, address)
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// backTo waits until there are no more goroutines than that.
func backTo(t *testing.T, most int, within time.Duration) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		now := runtime.NumGoroutine()
		if now <= most {
			return
		}
		if time.Since(began) > within {
			t.Fatalf("%d goroutines are left, want at most %d", now, most)
		}
	}
}

// TestCallerWhoLeaves closes the connection while the model runs: the call's context
// ends.
func TestCallerWhoLeaves(t *testing.T) {
	s := newService(t)
	entered, ended := make(chan struct{}), make(chan error)
	s.before = func(ctx context.Context) error {
		entered <- struct{}{}
		select {
		case <-ctx.Done():
			ended <- ctx.Err()
			return sampan.ContextError(ctx)
		case <-time.After(time.Minute):
			ended <- nil
			return nil
		}
	}
	address := start(t, s, http.Options{})
	for range 3 {
		conn := dial(t, address)
		if _, err := conn.Write(post(good, "")); err != nil {
			t.Fatal(err)
		}
		<-entered
		conn.Close()
		if err := <-ended; err != context.Canceled {
			t.Errorf("the call's context ended with %v, want Canceled", err)
		}
	}
}
