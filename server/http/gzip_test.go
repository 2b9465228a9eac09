package http_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sampanml/sampan/server/http"
)

func zip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// manyRows is a request of n rows.
func manyRows(n int) string {
	rows := strings.TrimSuffix(strings.Repeat(xf+",", n), ",")
	return fmt.Sprintf(`{"tensor":[{"elem_type":1,"name":"x","shape":[%d,13],"float_data":[%s]}]}`, n, rows)
}

func TestGzipReply(t *testing.T) {
	address := start(t, newService(t), http.Options{})
	for _, c := range []struct {
		accept string
		rows   int
		want   bool
	}{
		{"", 100, false}, {"identity", 100, false}, {"br, deflate", 100, false}, {"gzip;q=0", 100, false}, {"gzip; q=0.0, *", 100, false},
		{"gzip", 100, true}, {"gzip, deflate, br", 100, true}, {"*", 100, true}, {"br;q=1.0, GZIP;q=0.8", 100, true},
		{"gzip", 1, false},
	} {
		got := exchange(t, address, post(manyRows(c.rows), "Accept-Encoding: "+c.accept+"\r\n"))
		zipped := got.header.Get("Content-Encoding") == "gzip"
		if got.status != 200 || zipped != c.want {
			t.Errorf("%q, %d rows: status %d, gzip %v, want %v", c.accept, c.rows, got.status, zipped, c.want)
		}
		if zipped {
			z, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			got.body = string(plain)
		}
		if n := strings.Count(got.body, "18.901151657104492"); n != c.rows {
			t.Errorf("%q: %d prices, want %d", c.accept, n, c.rows)
		}
	}
}

func TestGzipRequests(t *testing.T) {
	const most = 1 << 20
	address := start(t, newService(t), http.Options{MaxBody: most})
	zipped := zip(t, good)
	for name, c := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"good":               {zipped, 200, "18.9011"},
		"two members":        {zip(t, good[:20]) + zip(t, good[20:]), 200, "18.9011"},
		"truncated":          {zipped[:len(zipped)/2], 400, "the body is not gzip, as Content-Encoding says: unexpected EOF after"},
		"without checksum":   {zipped[:len(zipped)-8], 400, "unexpected EOF"},
		"wrong checksum":     {zipped[:len(zipped)-8] + "12345678", 400, "invalid checksum"},
		"text":               {good, 400, "the body is not gzip"},
		"a bomb":             {zip(t, strings.Repeat(" ", 32<<20)), 413, fmt.Sprintf("the most is %d", most)},
		"exactly the most":   {zip(t, good+strings.Repeat(" ", most-len(good))), 200, "18.9011"},
		"one byte more":      {zip(t, good+strings.Repeat(" ", most-len(good)+1)), 413, "too large"},
		"empty, and so good": {"", 500, "InferService inference failed!"},
	} {
		got := exchange(t, address, post(c.body, "Content-Encoding: gzip\r\n"))
		if got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d %.200s, want %d with %q", name, got.status, got.body, c.status, c.want)
		}
	}
	answers(t, address)
}
