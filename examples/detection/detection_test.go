// Package detection_test runs the pipeline of config.yml.
package detection_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image/png"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server/pipeline"
	"github.com/sampanml/sampan/server/pipeline/pipelinetest"
)

// start serves the pipeline and returns the server.
func start(t testing.TB) *pipeline.Server {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	return pipelinetest.Start(t, func(o pipeline.Options) *pipeline.Service { return pipeline.Declared("config.yml", o) },
		pipeline.Options{Backend: backend})
}

// box is an object of a reply.
type box struct {
	Label          string
	Score          float64
	X1, Y1, X2, Y2 float64
}

// post sends a body and returns the reply's, which has to be of that status.
func post(t *testing.T, url, kind string, body []byte, status int) ([]byte, http.Header) {
	t.Helper()
	resp, err := http.Post(url, kind, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s: status %d, want %d: %s", url, resp.StatusCode, status, reply)
	}
	return reply, resp.Header
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// A file comes as it is, in a form, or as base64 in a call, and the answer is the same.
func TestForms(t *testing.T) {
	s := start(t)
	url := "http://" + s.HTTPAddr().String() + "/detection/"
	coffee := read(t, "coffee.png")
	var want []box
	reply, header := post(t, url+"prediction", "image/png", coffee, 200)
	parse(t, reply, &want)
	if len(want) != 2 || want[0].Label != "dining table" || want[1].Label != "cup" || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v %s", header, reply)
	}
	// As curl --data-binary sends it.
	same, _ := post(t, url+"prediction", "application/x-www-form-urlencoded", coffee, 200)
	if !bytes.Equal(same, reply) {
		t.Errorf("%s, want %s", same, reply)
	}
	var more []box
	low, _ := post(t, url+"prediction?threshold=0.3", "image/png", coffee, 200)
	if parse(t, low, &more); len(more) != 3 {
		t.Errorf("%d boxes with a score of 0.3, want 3", len(more))
	}

	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for _, name := range []string{"coffee.png", "chelsea.png"} {
		part, _ := parts.CreateFormFile("image", name)
		_, _ = part.Write(read(t, name))
	}
	_ = parts.Close()
	batch, _ := post(t, url+"prediction", parts.FormDataContentType(), form.Bytes(), 200)
	var each [][]box
	if parse(t, batch, &each); len(each) != 2 || len(each[0]) != 2 || len(each[1]) != 1 || each[1][0].Label != "cat" {
		t.Errorf("two pictures: %s", batch)
	}

	drawn, header := post(t, url+"picture", "image/png", coffee, 200)
	picture, err := png.Decode(bytes.NewReader(drawn))
	if err != nil || picture.Bounds().Dx() != 600 || picture.Bounds().Dy() != 400 || header.Get("Content-Type") != "image/png" {
		t.Errorf("drawing: %v %v", err, header)
	}

	// The service asks for base64, with what a browser puts around it.
	text := "data:image/png;base64," + base64.StdEncoding.EncodeToString(coffee[:3000]) + "\r\n" + base64.StdEncoding.EncodeToString(coffee[3000:])
	for value, n := range map[string]int{text: 2, `["` + base64.StdEncoding.EncodeToString(coffee) + `"]`: 1} {
		call, _ := json.Marshal(map[string][]string{"key": {"image"}, "value": {value}})
		answer, _ := post(t, url+"prediction", "application/json", call, 200)
		var gateway struct {
			Value []string
		}
		parse(t, answer, &gateway)
		var found []any
		if parse(t, []byte(gateway.Value[0]), &found); len(found) != n {
			t.Errorf("base64: %s", answer)
		}
	}

	page, err := http.Get("http://" + s.HTTPAddr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	html, _ := io.ReadAll(page.Body)
	if !strings.Contains(string(html), `data-service="detection"`) || page.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("page: %v %.200s", page.Header, html)
	}
}

// What is wrong with a picture is told, and the next one is answered.
func TestFaults(t *testing.T) {
	s := start(t)
	url := "http://" + s.HTTPAddr().String() + "/detection/"
	coffee := read(t, "coffee.png")
	for _, f := range []struct {
		name, path, kind string
		body             []byte
		status           int
		want             string
	}{
		{"cut short", "prediction", "image/png", coffee[:5000], 400, "damaged or cut short"},
		{"nothing", "prediction", "image/png", nil, 400, "the picture is empty"},
		{"no picture", "prediction", "image/png", []byte("hello"), 400, "not PNG, JPEG, WebP, BMP or GIF"},
		{"another name", "prediction", "application/octet-stream", []byte("hello"), 400, `\"image\" is missing; want it among \"body\"`},
		{"bomb", "prediction", "image/png", bomb(coffee), 400, "50000 × 50000 pixels"},
		{"threshold", "prediction?threshold=much", "image/png", coffee, 400, "want a number from 0 to 1"},
		{"threshold twice", "prediction?threshold=1&threshold=2", "image/png", coffee, 400, "want a number from 0 to 1"},
		{"form", "prediction", "multipart/form-data; boundary=x", []byte("--x\r\nContent"), 400, "the form is damaged"},
		{"form without boundary", "prediction", "multipart/form-data", []byte("x"), 400, "the form is damaged"},
		{"service", "../cats/prediction", "image/png", coffee, 404, "Service name error"},
	} {
		t.Run(f.name, func(t *testing.T) {
			reply, _ := post(t, url+f.path, f.kind, f.body, f.status)
			if !strings.Contains(string(reply), f.want) {
				t.Errorf("%s, want %q", reply, f.want)
			}
			post(t, url+"prediction", "image/png", coffee, 200)
		})
	}
}

// bomb is a picture that claims to be far larger than it is.
func bomb(picture []byte) []byte {
	b := bytes.Clone(picture)
	// IHDR: width and height, and behind them five bytes and the checksum.
	copy(b[16:], []byte{0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50})
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// The boxes are those of the same model in Python, with OpenCV before it.
func TestGoldens(t *testing.T) {
	s := start(t)
	var all struct {
		Cases []struct {
			Image, Model, Resize string
			Boxes                [][]any `json:"bbox_over_0.25"`
		}
	}
	parse(t, read(t, fixture.Shared(t, "goldens", "e2e", "detection.json")), &all)
	c, err := client.ConnectPipeline(context.Background(), client.PipelineConfig{}, s.RPCAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	asked := 0
	for _, g := range all.Cases {
		if !strings.Contains(g.Model, "_320_") || g.Resize != "INTER_CUBIC" {
			continue
		}
		asked++
		photo := base64.StdEncoding.EncodeToString(read(t, fixture.Shared(t, g.Image)))
		answer, err := c.Predict(t.Context(), client.Feed{"image": photo, "threshold": "0.25"}, []string{"boxes"})
		if err != nil {
			t.Errorf("%s: %v", g.Image, err)
			continue
		}
		text, _ := answer.Text("boxes")
		var boxes []box
		parse(t, []byte(text), &boxes)
		worst := 0.0
		for _, want := range g.Boxes {
			nearest := math.Inf(1)
			for _, b := range boxes {
				if b.Label == want[0] && math.Abs(b.Score-want[2].(float64)) <= 0.03 {
					nearest = min(nearest, max(math.Abs(b.X1-want[3].(float64)), math.Abs(b.Y1-want[4].(float64)), math.Abs(b.X2-want[5].(float64)), math.Abs(b.Y2-want[6].(float64))))
				}
			}
			// Those near the threshold come and go with the decoder of JPEG.
			if nearest > 2 && want[2].(float64) > 0.28 {
				t.Errorf("%s: no %v among %d boxes", g.Image, want, len(boxes))
			}
			if nearest <= 2 {
				worst = max(worst, nearest)
			}
		}
		t.Logf("%s: %d boxes, corners within %.2f pixels", g.Image, len(boxes), worst)
	}
	if asked == 0 {
		t.Error("no picture was asked for")
	}
}

// BenchmarkShare tells what an answer takes beside the model.
func BenchmarkShare(b *testing.B) {
	s := start(b)
	for _, name := range []string{"coffee.png", "chelsea.png"} {
		b.Run(name, func(b *testing.B) { pipelinetest.BenchmarkShare(b, s, read(b, name)) })
	}
	b.Run("photo.jpg", func(b *testing.B) {
		pipelinetest.BenchmarkShare(b, s, read(b, fixture.Shared(b, "images", "000000570688.jpg")))
	})
}
