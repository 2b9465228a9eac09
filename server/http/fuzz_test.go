package http_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan/server/http"
)

// FuzzRequest sends any bytes and then a good request on another connection, which has
// to be answered.
func FuzzRequest(f *testing.F) {
	address := start(f, newService(f), http.Options{HeaderTime: 20 * time.Millisecond, BodyTime: 20 * time.Millisecond, MaxBody: 1 << 16})
	chunked := head + "Transfer-Encoding: chunked\r\n\r\n"
	for _, seed := range []string{
		string(post(good, "")), chunked + inChunks(good, 20), chunked + "5;x\r\nhello\r\n0\r\nX: y\r\n\r\n",
		head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "GET / HTTP/1.0\r\n\r\n", "\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"POST /uci/prediction HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
		"HEAD //GeneralModelService//inference/../x?y HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		// A reset connection is a fine answer to some bytes.
		_, _ = conn.Write(data)
		conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		got, _ := io.ReadAll(conn)
		conn.Close()
		if len(got) > 0 && !bytes.HasPrefix(got, []byte("HTTP/1.1 ")) {
			t.Errorf("answered %.100q", got)
		}
		if got := exchange(t, address, post(good, "")); got.status != 200 || !strings.Contains(got.body, "18.9011") {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	})
}
