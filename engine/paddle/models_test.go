//go:build cgo

package paddle

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// Real models of others give what real Paddle gives on pictures; see the shared data's
// README.
func TestRealModels(t *testing.T) {
	root := fixture.Shared(t, "goldens", "paddle_models")
	for _, name := range []string{"uci", "en_det", "en_rec", "pyramidbox", "cat_dog"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(root, name)
			data, err := os.ReadFile(filepath.Join(dir, "golden.json"))
			if err != nil {
				t.Fatal(err)
			}
			var g struct {
				Model string
				Cases []struct {
					Name           string
					Feeds, Fetches []array
				}
			}
			if err := json.Unmarshal(data, &g); err != nil {
				t.Fatal(err)
			}
			from := fixture.Shared(t, filepath.FromSlash(g.Model))
			model, err := Format{}.Translate(from)
			if want := missingIn(t, from); len(want) > 0 {
				if got := refused(err); !slices.Equal(got, want) {
					t.Errorf("%v, want the operators %s refused", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkModel(t, model)
			s := session(t, model)
			for _, c := range g.Cases {
				var inputs []sampan.Tensor
				for _, f := range c.Feeds {
					inputs = append(inputs, f.picture(t, dir))
				}
				outputs := run(t, s, inputs...)
				if name == "pyramidbox" {
					exchangeTwins(t, outputs[0], outputs[1], c.Fetches[1].tensor(t, dir))
				}
				for i, got := range outputs {
					worst := c.Fetches[i].compare(t, got, dir)
					t.Logf("%s: %s: off by %.2g", c.Name, c.Fetches[i].Name, worst)
					if worst > 1e-5 && !slices.Contains(loose, name) {
						t.Errorf("%s: %s: off by %.2g of the largest value, want 1e-5", c.Name, c.Fetches[i].Name, worst)
					}
				}
			}
		})
	}
}

// exchangeTwins brings rows, [n 6], with their numbers, [n 1], into the order of other
// numbers where the scores, in column 1, are equal but for rounding.
func exchangeTwins(t *testing.T, rows, numbers, other sampan.Tensor) {
	t.Helper()
	row, number, want := view[float32](t, rows), view[int32](t, numbers), view[int32](t, other)
	for i := range want {
		for j := i + 1; j < len(number) && number[i] != want[i] && row[6*j+1] > row[6*i+1]-1e-7; j++ {
			if number[j] != want[i] {
				continue
			}
			number[i], number[j] = number[j], number[i]
			for k := range 6 {
				row[6*i+k], row[6*j+k] = row[6*j+k], row[6*i+k]
			}
		}
	}
}

func view[T sampan.Element](t *testing.T, v sampan.Tensor) []T {
	t.Helper()
	out, err := sampan.View[T](v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// missingIn lists the operators of a model that are not supported.
func missingIn(t *testing.T, dir string) (out []string) {
	fsys := os.DirFS(dir)
	l, err := locate(fsys)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range p.blocks {
		for _, op := range block.Ops {
			if !supported(op.GetType()) {
				out = append(out, p.origin(op))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// picture reads the array from a picture, if it is one.
func (a array) picture(t *testing.T, dir string) sampan.Tensor {
	t.Helper()
	if a.PNG == "" {
		return a.tensor(t, dir)
	}
	file, err := os.Open(filepath.Join(dir, a.PNG))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	mean, deviation := a.normalisation(t)
	bounds := picture.Bounds()
	area := bounds.Dx() * bounds.Dy()
	pixels := make([]float32, 3*area)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			r, g, b, _ := picture.At(bounds.Min.X+x, bounds.Min.Y+y).RGBA()
			channels := [3]uint32{b, g, r}
			if strings.HasPrefix(a.Transform, "RGB") {
				channels = [3]uint32{r, g, b}
			}
			for c, v := range channels {
				pixels[c*area+y*bounds.Dx()+x] = float32((float64(v>>8) - mean[c]) / deviation[c])
			}
		}
	}
	out, err := sampan.Of(a.Shape, pixels)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// normalisation returns what is subtracted from each channel's values of 0 to 255, and
// by what they are divided then.
func (a array) normalisation(t *testing.T) (mean, deviation [3]float64) {
	t.Helper()
	switch _, rest, _ := strings.Cut(a.Transform, ", "); {
	case strings.HasPrefix(rest, "(v - [104 117 123]) * 0.007843"):
		return [3]float64{104, 117, 123}, [3]float64{1 / 0.007843, 1 / 0.007843, 1 / 0.007843}
	case strings.HasPrefix(rest, "(v/255 - .5)/.5"):
		return [3]float64{127.5, 127.5, 127.5}, [3]float64{127.5, 127.5, 127.5}
	case strings.HasPrefix(rest, "(v/255 - mean)/std, mean .485 .456 .406, std .229 .224 .225"):
		return [3]float64{.485 * 255, .456 * 255, .406 * 255}, [3]float64{.229 * 255, .224 * 255, .225 * 255}
	}
	t.Fatalf("transform %q is not known", a.Transform)
	return mean, deviation
}
