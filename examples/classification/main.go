// Command classification asks one picture classifier in three precisions, float32,
// float16 and int8, what is on ten pictures of clothes.
package main

import (
	"context"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/examples/loopback"
)

// size is the height and width of a picture, classes how many kinds of clothes there are.
const size, classes = 28, 10

// precision is a model and the directory of the client config that fits it.
type precision struct{ name, model, config string }

// precisions of the classifier. Inside, the int8 model computes with int8; what it takes
// and gives is float32.
var precisions = []precision{
	{"fp32", "fashion_resnet.onnx", "client"},
	{"fp16", "fashion_resnet_fp16.onnx", "client_fp16"},
	{"int8", "fashion_resnet_int8_qdq.onnx", "client"},
}

func main() {
	dir, example := loopback.Flags("classification", 9696)
	flag.Parse()
	prepare(example, *dir)
	example.Main()
}

// prepare says what is served and asked, with the files of dir.
func prepare(e *loopback.Example, dir string) {
	for _, p := range precisions {
		e.Models = append(e.Models, filepath.Join(dir, p.model))
	}
	e.Ask = func(ctx context.Context, w io.Writer, servers []string) error {
		return ask(ctx, w, dir, servers)
	}
}

// ask prints the answers of the three models side by side.
func ask(ctx context.Context, w io.Writer, dir string, servers []string) error {
	file, err := os.ReadFile(filepath.Join(dir, "fashion_labels.txt"))
	if err != nil {
		return err
	}
	labels := strings.Split(strings.TrimSpace(string(file)), "\n")
	if len(labels) != classes {
		return sampan.Errorf(sampan.InvalidArgument, "fashion_labels.txt: %d lines, want %d", len(labels), classes)
	}
	pictures, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		return err
	}
	var pixels []float32
	for _, path := range pictures {
		if pixels, err = appendPicture(pixels, path); err != nil {
			return err
		}
	}
	var probabilities [][]float32
	for i, p := range precisions {
		prob, err := predict(ctx, filepath.Join(dir, p.config), servers[i], pixels)
		if err != nil {
			return err
		}
		probabilities = append(probabilities, prob)
	}

	fmt.Fprintf(w, "%-26s", "picture")
	for _, p := range precisions {
		fmt.Fprintf(w, "  %-19s", p.name)
	}
	fmt.Fprintln(w)
	for i, path := range pictures {
		fmt.Fprintf(w, "%-26s", filepath.Base(path))
		for _, prob := range probabilities {
			row := prob[i*classes : (i+1)*classes]
			best := slices.Max(row)
			fmt.Fprintf(w, "  %-11s %.5f", labels[slices.Index(row, best)], best)
		}
		fmt.Fprintln(w)
	}
	return nil
}

// appendPicture appends the grey levels of a PNG, size × size numbers from 0 to 1.
func appendPicture(dst []float32, path string) ([]float32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		return nil, err
	}
	b := picture.Bounds()
	if b.Dx() != size || b.Dy() != size {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %d × %d pixels, want %d × %d", path, b.Dx(), b.Dy(), size, size)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			grey := color.GrayModel.Convert(picture.At(x, y)).(color.Gray)
			dst = append(dst, float32(grey.Y)/255)
		}
	}
	return dst, nil
}

// predict sends pictures as one batch, in the type that the client config says, and gives
// classes probabilities for each.
func predict(ctx context.Context, config, server string, pixels []float32) ([]float32, error) {
	c, err := client.Load(config)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Connect(ctx, server); err != nil {
		return nil, err
	}
	shape := sampan.Shape{int64(len(pixels) / (size * size)), 1, size, size}
	var image sampan.Tensor
	if c.Feeds()[0].DType == sampan.Float16 {
		halves := make([]sampan.F16, len(pixels))
		for i, p := range pixels {
			halves[i] = sampan.ToF16(p)
		}
		image, err = sampan.Of(shape, halves)
	} else {
		image, err = sampan.Of(shape, pixels)
	}
	if err != nil {
		return nil, err
	}
	out, err := c.Predict(ctx, client.Feed{"image": image}, []string{"prob"}, client.Batch())
	if err != nil {
		return nil, err
	}
	prob, err := floats(out)
	if want := int(shape[0]) * classes; err == nil && len(prob) != want {
		err = sampan.Errorf(sampan.Internal, "output \"prob\": %d numbers, want %d", len(prob), want)
	}
	return prob, err
}

// floats gives the probabilities of a result, whatever their precision.
func floats(out *client.Result) ([]float32, error) {
	t, err := out.Tensor("prob")
	if err != nil {
		return nil, err
	}
	if t.DType != sampan.Float16 {
		return sampan.View[float32](t)
	}
	halves, err := sampan.View[sampan.F16](t)
	prob := make([]float32, len(halves))
	for i, h := range halves {
		prob[i] = h.Float32()
	}
	return prob, err
}
