// Package ocr_test runs the pipeline of config.yml.
package ocr_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/ops/pictures"
	"github.com/sampanml/sampan/ops/steps"
	"github.com/sampanml/sampan/server"
	"github.com/sampanml/sampan/server/pipeline"
	"github.com/sampanml/sampan/server/pipeline/pipelinetest"
)

// start serves the pipeline and returns its URL.
func start(t testing.TB) string {
	t.Helper()
	return "http://" + serve(t).HTTPAddr().String() + "/ocr/"
}

func serve(t testing.TB) *pipeline.Server {
	t.Helper()
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	return pipelinetest.Start(t, func(o pipeline.Options) *pipeline.Service { return pipeline.Declared("config.yml", o) },
		pipeline.Options{Backend: backend})
}

// line is a text of a reply, or of a golden.
type line struct {
	Text   string
	Score  float64
	Box    [4][2]float64
	Turned bool
}

func ask(t testing.TB, url string, picture []byte) []byte {
	t.Helper()
	resp, err := http.Post(url, "image/png", bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d %v: %s", resp.StatusCode, err, reply)
	}
	return reply
}

func lines(t testing.TB, url string, picture []byte) (found []line) {
	t.Helper()
	reply := ask(t, url+"prediction", picture)
	if err := json.Unmarshal(reply, &found); err != nil {
		t.Fatalf("%v in %s", err, reply)
	}
	return found
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The sign has Chinese, English, and a line on its head.
func TestSign(t *testing.T) {
	url, sign := start(t), read(t, "sign.png")
	var texts []string
	for _, l := range lines(t, url, sign) {
		texts = append(texts, l.Text)
	}
	want := []string{"木船码头", "SampanPier", "渡船每日七点至十九点", "Ferriesfrom7:00to19:00", "请勿在此游泳"}
	if !slices.Equal(texts, want) {
		t.Errorf("%q, want %q", texts, want)
	}
	drawn, err := png.Decode(bytes.NewReader(ask(t, url+"picture", sign)))
	if err != nil || drawn.Bounds().Size() != image.Pt(640, 420) {
		t.Errorf("drawing: %v", err)
	}
}

// blank is a white picture.
func blank(t testing.TB, size image.Point) []byte {
	t.Helper()
	picture := image.NewGray(image.Rectangle{Max: size})
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A picture without text has none.
func TestNoText(t *testing.T) {
	url := start(t)
	for name, size := range map[string]image.Point{"blank": {64, 64}, "a pixel": {1, 1}, "a line": {2000, 1}} {
		if reply := ask(t, url+"prediction", blank(t, size)); string(reply) != "[]" {
			t.Errorf("%s: %s", name, reply)
		}
	}
}

// Texts are those of the same models in Python, with OpenCV around them, and boxes within
// 2 pixels.
func TestGoldens(t *testing.T) {
	url := start(t)
	var all struct {
		Cases []struct {
			Image string
			Lines []line
		}
	}
	if err := json.Unmarshal(read(t, fixture.Shared(t, "goldens", "e2e", "ocr.json")), &all); err != nil {
		t.Fatal(err)
	}
	for _, g := range all.Cases {
		found := lines(t, url, read(t, fixture.Shared(t, g.Image)))
		equal, worst := 0, 0.0
		for _, want := range g.Lines {
			near := slices.IndexFunc(found, func(l line) bool { return l.Text == want.Text && distance(l.Box, want.Box) <= 2 })
			switch {
			case near >= 0:
				equal++
				worst = max(worst, distance(found[near].Box, want.Box))
			case want.Score > 0.8:
				t.Errorf("%s: no %q in %v", g.Image, want.Text, found)
			}
		}
		t.Logf("%s: %d of %d texts equal, corners within %.0f pixels", g.Image, equal, len(g.Lines), worst)
	}
}

// distance is how far corners are from each other, along an axis.
func distance(a, b [4][2]float64) (most float64) {
	for i := range a {
		most = max(most, math.Abs(a[i][0]-b[i][0]), math.Abs(a[i][1]-b[i][1]))
	}
	return most
}

// The chain of two models in a graph reads the same sign.
func TestChain(t *testing.T) {
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), server.Config{
		Host: "127.0.0.1", Name: "ocr", Backend: backend,
		Models: []server.ModelConfig{{Path: "ch_PP-OCRv4_det_infer.onnx"}, {Path: "ch_PP-OCRv4_rec_infer.onnx"}},
		Ops:    []string{pictures.GeneralDetection, ops.GeneralInfer, steps.Prefix + "read.yml:0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	url := "http://" + s.Addr().String() + "/ocr/prediction"
	for _, c := range []struct {
		image  string
		status int
		want   string
	}{
		{base64.StdEncoding.EncodeToString(read(t, "sign.png")), 200, "木船码头"},
		{base64.StdEncoding.EncodeToString(blank(t, image.Pt(64, 64))), 404, "there is no text in the picture"},
		{"no picture", 400, "input \\\"image\\\": the picture is not"},
	} {
		call, _ := json.Marshal(map[string]any{"feed": []any{map[string]string{"image": c.image}}, "fetch": []string{"texts"}})
		resp, err := http.Post(url, "application/json", bytes.NewReader(call))
		if err != nil {
			t.Fatal(err)
		}
		reply, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status || !strings.Contains(string(reply), c.want) {
			t.Errorf("%.20s: %d %s, want %d %q", c.image, resp.StatusCode, reply, c.status, c.want)
		}
	}
}

// BenchmarkShare tells what an answer takes beside the models.
func BenchmarkShare(b *testing.B) {
	s := serve(b)
	b.Run("sign.png", func(b *testing.B) { pipelinetest.BenchmarkShare(b, s, read(b, "sign.png")) })
	for _, name := range []string{"rapidocr_ch_en_num.jpg", "scenetext01.jpg", "serving_1.jpg"} {
		b.Run(name, func(b *testing.B) {
			pipelinetest.BenchmarkShare(b, s, read(b, fixture.Shared(b, "ocr", "images", name)))
		})
	}
}
