package pipeline_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"github.com/sampanml/sampan/server/pipeline"
)

// sizes answers with a picture's height and width, without any model.
const sizes = `
rpc_port: 9998
http_port: 18090
name: pictures
page: PAGE
ops:
  - name: size
    pre:
      - image: {from: image, max_pixels: 10000}
      - image_shape: {from: image, to: size}
      - str: {from: size, method: "!picture"}
      - draw: {from: [image, (boxes)], to: size, method: picture}
      - json: {from: note, to: size, method: note}
    give: size
`

func pictures(t testing.TB) (url string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte("<p>{{name}}</p>"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(sizes, "PAGE", path)), 0o600); err != nil {
		t.Fatal(err)
	}
	return "http://" + serve(t, pipeline.Declared(file, options(t))).HTTPAddr().String()
}

// upload posts a body and returns status and body of the reply.
func upload(t testing.TB, url, kind string, body []byte) (int, string) {
	t.Helper()
	resp, err := web.Post(url, kind, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(reply)
}

// Pictures of any kind are read, whatever the body is said to be.
func TestUploads(t *testing.T) {
	url := pictures(t)
	bounds := image.Rect(0, 0, 7, 5)
	deep, alpha, grey := image.NewNRGBA64(bounds), image.NewNRGBA(bounds), image.NewGray(bounds)
	palette := image.NewPaletted(bounds, color.Palette{color.Black, color.White})
	encode := func(write func(io.Writer) error) []byte {
		var file bytes.Buffer
		if err := write(&file); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	for name, file := range map[string][]byte{
		"16 bits": encode(func(w io.Writer) error { return png.Encode(w, deep) }),
		"alpha":   encode(func(w io.Writer) error { return png.Encode(w, alpha) }),
		"grey":    encode(func(w io.Writer) error { return png.Encode(w, grey) }),
		"palette": encode(func(w io.Writer) error { return png.Encode(w, palette) }),
		"JPEG":    encode(func(w io.Writer) error { return jpeg.Encode(w, alpha, nil) }),
		"GIF":     encode(func(w io.Writer) error { return gif.Encode(w, palette, nil) }),
		"BMP":     encode(func(w io.Writer) error { return bmp.Encode(w, alpha) }),
	} {
		for _, kind := range []string{"image/png", "application/octet-stream", "application/x-www-form-urlencoded"} {
			if status, reply := upload(t, url+"/pictures/prediction", kind, file); status != 200 || reply != "[[5. 7.]]" {
				t.Errorf("%s as %s: %d %s", name, kind, status, reply)
			}
		}
	}
	resp, err := web.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if page, _ := io.ReadAll(resp.Body); string(page) != "<p>pictures</p>" {
		t.Errorf("page: %s", page)
	}
}

// Values of a form and of the query reach the steps, those of one name as a list.
func TestForm(t *testing.T) {
	url := pictures(t)
	var file, form bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 7, 5))); err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewWriter(&form)
	part, _ := parts.CreateFormFile("image", "a.png")
	_, _ = part.Write(file.Bytes())
	_ = parts.WriteField("note", "one")
	_ = parts.Close()
	status, reply := upload(t, url+"/pictures/note?note=two", parts.FormDataContentType(), form.Bytes())
	if want := `["one","two"]`; status != 200 || reply != want {
		t.Errorf("%d %s, want %s", status, reply, want)
	}
}

// What is wrong with an upload has a status and a reason, and the next one is answered.
func TestBadUploads(t *testing.T) {
	url := pictures(t)
	var good, large bytes.Buffer
	_ = png.Encode(&good, image.NewGray(image.Rect(0, 0, 7, 5)))
	_ = png.Encode(&large, image.NewGray(image.Rect(0, 0, 1000, 11)))
	part := func(headers string) []byte { return fmt.Appendf(nil, "--b\r\n%s\r\n\r\nx\r\n--b--\r\n", headers) }
	for _, f := range []struct {
		path, kind string
		body       []byte
		status     int
		want       string
	}{
		{"/pictures/prediction", "image/png", good.Bytes()[:30], 400, "the picture is not"},
		{"/pictures/prediction", "image/png", good.Bytes()[:50], 400, "damaged or cut short"},
		{"/pictures/prediction", "image/png", nil, 400, "the picture is empty"},
		{"/pictures/prediction", "image/png", large.Bytes(), 400, "1000 × 11 pixels, the most is 10000"},
		{"/pictures/prediction", "application/octet-stream", []byte("x"), 400, "is missing"},
		{"/pictures/prediction?image=x", "image/png", good.Bytes(), 400, "not base64"},
		{"/pictures/picture", "image/png", good.Bytes(), 400, "want what was found in it"},
		{"/pictures/note", "image/png", good.Bytes(), 400, `\"note\" is missing`},
		{"/others/prediction", "image/png", good.Bytes(), 404, "Service name error"},
		{"/pictures/prediction", "multipart/form-data", good.Bytes(), 400, "the form is damaged"},
		{"/pictures/prediction", "multipart/form-data; boundary=b", []byte("--b\r\nConte"), 400, "the form is damaged"},
		{"/pictures/prediction", "multipart/form-data; boundary=b", part("A: b"), 400, "has no name"},
		{"/pictures/prediction", "multipart/form-data; boundary=b", part(`Content-Disposition: form-data; name="image"`), 400, "not base64"},
		{"/pictures/prediction", "multipart/form-data; boundary=b", bytes.Repeat([]byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"), 1001), 400, "more than 1000 parts"},
	} {
		if status, reply := upload(t, url+f.path, f.kind, f.body); status != f.status || !strings.Contains(reply, f.want) {
			t.Errorf("%s %s: %d %s, want %d %q", f.path, f.kind, status, reply, f.status, f.want)
		}
		if status, reply := upload(t, url+"/pictures/prediction", "image/png", good.Bytes()); status != 200 {
			t.Errorf("afterwards: %d %s", status, reply)
		}
	}
}

// The pictures of one call are bounded together.
func TestUploadsAreBounded(t *testing.T) {
	url := pictures(t)
	var file, form bytes.Buffer
	// Four of them are 10000 pixels.
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 50, 50))); err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewWriter(&form)
	for range 5 {
		part, _ := parts.CreateFormFile("image", "a.png")
		_, _ = part.Write(file.Bytes())
	}
	_ = parts.Close()
	status, reply := upload(t, url+"/pictures/prediction", parts.FormDataContentType(), form.Bytes())
	if want := "picture 4: those before it have 10000 pixels, the most for all"; status != 400 || !strings.Contains(reply, want) {
		t.Errorf("%d %s, want %s", status, reply, want)
	}
}

// FuzzUpload sends any bytes as a form or as a file.
func FuzzUpload(f *testing.F) {
	url := pictures(f)
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\nx\r\n--b--"))
	f.Add("image/png", []byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		if strings.ContainsAny(kind, "\r\n\x00") || len(kind) > 100 {
			return
		}
		req, err := http.NewRequest(http.MethodPost, url+"/pictures/prediction", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header["Content-Type"] = []string{kind}
		resp, err := web.Do(req)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode >= 500 {
			t.Errorf("%q %q: status %d", kind, body, resp.StatusCode)
		}
	})
}
