package vision_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/vision"
)

// Pictures come from the hosts that are named, and from no others.
func TestURL(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 7, 5))); err != nil {
		t.Fatal(err)
	}
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = w.Write(file.Bytes()) }))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/a.png", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(file.Bytes()) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	mux.HandleFunc("/gone", http.NotFound)
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	mux.HandleFunc("/near", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a.png", http.StatusFound) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	defer server.Close()
	address := netip.MustParseAddrPort(server.Listener.Addr().String())
	named := vision.URL2Image{Hosts: []string{address.String()}, Timeout: 300 * time.Millisecond, MaxBytes: 10 << 10}
	for _, c := range []struct {
		name, url string
		fetch     vision.URL2Image
		code      sampan.Code
		want      string
	}{
		{"named", server.URL + "/a.png", named, 0, ""},
		{"redirected to itself", server.URL + "/near", named, 0, ""},
		{"nobody is named", server.URL + "/a.png", vision.URL2Image{}, sampan.InvalidArgument, "is not among those"},
		{"another port", other.URL, named, sampan.InvalidArgument, "is not among those"},
		{"redirected to another", server.URL + "/away", named, sampan.InvalidArgument, "is not among those"},
		{"redirected for ever", server.URL + "/round", named, sampan.Unavailable, "too many redirects"},
		{"this machine by a name", "http://localhost:" + strings.Split(server.URL, ":")[2], named, sampan.InvalidArgument, "is not among those"},
		{"a file", "file:///etc/passwd", named, sampan.InvalidArgument, "want http or https"},
		{"no URL", "http://[", named, sampan.InvalidArgument, "the picture's URL"},
		{"no picture", server.URL + "/page", named, sampan.InvalidArgument, "the picture is not"},
		{"nothing", server.URL + "/gone", named, sampan.Unavailable, "404"},
		{"large", server.URL + "/large", named, sampan.InvalidArgument, "larger than 10240 bytes"},
		{"slow", server.URL + "/slow", named, sampan.DeadlineExceeded, "fetch the picture"},
	} {
		t.Run(c.name, func(t *testing.T) {
			picture, err := c.fetch.Fetch(t.Context(), c.url)
			if (err == nil) != (c.want == "") || err != nil && sampan.CodeOf(err) != c.code || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err == nil && (picture.Shape[0] != 5 || picture.Shape[1] != 7) {
				t.Errorf("shape %v", picture.Shape)
			}
		})
	}
	if asked > 0 {
		t.Error("a host was asked that was not named")
	}
}
