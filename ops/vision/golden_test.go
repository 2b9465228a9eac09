package vision_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/npy"
	"github.com/sampanml/sampan/ops/vision"
)

// golden is a chain as paddle_serving_app 0.9.0 applied it with OpenCV 4.6.
type golden struct {
	Name, Source string
	Chain        [][]json.RawMessage
	Info         struct {
		Scale [2]float32 `json:"scale_factor"`
		Shape [2]float32 `json:"im_shape"`
	} `json:"im_info"`
	Output struct {
		DType, SHA256, File string
		Shape               sampan.Shape
		Sample              struct {
			Indices string `json:"flat_indices"`
			Values  string
		}
	}
}

func TestGoldens(t *testing.T) {
	text, err := os.ReadFile(fixture.Shared(t, "goldens/transforms/golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []golden }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, g := range all.Cases {
		t.Run(g.Name, func(t *testing.T) {
			out, info := apply(t, g)
			if info != (vision.ImageInfo{}) && (info.Shape != g.Info.Shape || info.Scale != g.Info.Scale) {
				t.Errorf("info %v, want %v", info, g.Info)
			}
			compare(t, g, out)
			passed++
		})
	}
	if passed != len(all.Cases) {
		t.Errorf("%d of %d", passed, len(all.Cases))
	}
}

// numbers are an argument's: a number, a list, or {"tuple": list}.
func numbers(t *testing.T, raw json.RawMessage) []float64 {
	t.Helper()
	var one float64
	var list []float64
	var tuple struct{ Tuple []float64 }
	switch {
	case json.Unmarshal(raw, &one) == nil:
		return []float64{one}
	case json.Unmarshal(raw, &list) == nil:
		return list
	case json.Unmarshal(raw, &tuple) == nil && tuple.Tuple != nil:
		return tuple.Tuple
	}
	return nil
}

func single(v []float64) []float32 {
	out := make([]float32, len(v))
	for i := range v {
		out[i] = float32(v[i])
	}
	return out
}

// apply makes the chain of our transforms.
func apply(t *testing.T, g golden) (out sampan.Tensor, info vision.ImageInfo) {
	t.Helper()
	path := fixture.Shared(t, g.Source)
	info = vision.ImageInfo{}
	for _, step := range g.Chain {
		var name string
		if err := json.Unmarshal(step[0], &name); err != nil {
			t.Fatal(err)
		}
		var args [][]float64
		for _, raw := range step[1:] {
			args = append(args, numbers(t, raw))
		}
		text := ""
		for _, raw := range step {
			text += string(raw)
		}
		by := vision.Interpolation("")
		for word, i := range map[string]vision.Interpolation{"INTER_CUBIC": vision.Cubic, "INTER_AREA": vision.Area, "INTER_LANCZOS4": vision.Lanczos4} {
			if strings.Contains(text, word) {
				by = i
			}
		}
		has := func(word string) bool { return strings.Contains(text, word) }
		var transform vision.Transform
		var err error
		switch name {
		case "File2Image":
			out, err = vision.Decoder{}.File(path)
		case "DetectionFile2Image":
			if out, err = (vision.Decoder{}).File(path); err == nil {
				info = vision.ImageInfo{Shape: [2]float32{float32(out.Shape[0]), float32(out.Shape[1])}, Scale: [2]float32{1, 1}}
				out, err = vision.BGR2RGB{}.Apply(out)
			}
		case "Base64ToImage":
			var data []byte
			if data, err = os.ReadFile(path); err == nil {
				out, err = vision.Decoder{}.Base64(base64.StdEncoding.EncodeToString(data))
			}
		case "Resize":
			r := vision.Resize{Interpolation: by}
			if len(args[0]) == 1 {
				r.Short = int(args[0][0])
			} else {
				r.Width, r.Height = int(args[0][0]), int(args[0][1])
			}
			if len(args) > 1 && len(args[1]) == 1 {
				r.MaxSize = int(args[1][0])
			}
			transform = r
		case "ResizeByFactor":
			transform = vision.ResizeByFactor{Factor: int(args[0][0]), MaxSide: int(args[1][0])}
		case "CenterCrop":
			transform = vision.CenterCrop{Size: int(args[0][0])}
		case "RGB2BGR", "BGR2RGB", "DetectionBGR2RGB":
			transform = vision.BGR2RGB{}
		case "Div", "DetectionDiv":
			transform = vision.Div{By: float32(args[0][0])}
		case "Normalize":
			transform = vision.Normalize{Mean: single(args[0]), Std: single(args[1]), ChannelFirst: has("true")}
		case "DetectionNormalize":
			transform = vision.DetectionNormalize{Mean: single(args[0]), Std: single(args[1]), Unscaled: has("false")}
		case "Transpose", "DetectionTranspose":
			transform = vision.Transpose{}
		case "PadStride", "DetectionPadStride":
			transform = vision.PadStride{Stride: int(args[0][0])}
		case "DetectionResize":
			d := vision.DetectionResize{Height: int(args[0][0]), Width: int(args[0][len(args[0])-1]), Stretch: has("false"), Interpolation: by}
			out, info, err = d.Resize(out)
		case "ImageReader":
			if out, err = (vision.Decoder{}).File(path); err == nil {
				transform = vision.ImageReader{}
			}
		default:
			t.Fatalf("%s is not known", name)
		}
		if err == nil && transform != nil {
			out, err = transform.Apply(out)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out, info
}

// compare is bit for bit where the numbers are bytes; floats are within 1e-6 of the
// largest.
func compare(t *testing.T, g golden, out sampan.Tensor) {
	t.Helper()
	if out.DType.String() != g.Output.DType || len(out.Shape) != 3 || out.Shape[0] != g.Output.Shape[0] || out.Shape[1] != g.Output.Shape[1] || out.Shape[2] != g.Output.Shape[2] {
		t.Fatalf("%s %v, want %s %v", out.DType, out.Shape, g.Output.DType, g.Output.Shape)
	}
	sum := sha256.Sum256(out.Data)
	if hex.EncodeToString(sum[:]) == g.Output.SHA256 {
		return
	}
	if out.DType == sampan.Uint8 && !strings.Contains(g.Name, "cubic") {
		t.Error("not the same bytes")
	}
	load := func(name string) sampan.Tensor {
		a, err := npy.Load(fixture.Shared(t, "goldens/transforms", name))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	var indices []int64
	values := g.Output.File
	if values == "" {
		values = g.Output.Sample.Values
		var err error
		if indices, err = sampan.View[int64](load(g.Output.Sample.Indices)); err != nil {
			t.Fatal(err)
		}
	}
	want, got := asFloats(t, load(values)), asFloats(t, out)
	worst, largest := 0.0, 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i := range want {
		at := i
		if indices != nil {
			at = int(indices[i])
		}
		worst = max(worst, math.Abs(got[at]-want[i])/largest)
	}
	limit := 1e-6
	if out.DType == sampan.Uint8 {
		// A byte in ten thousand may differ by 1, where OpenCV is built with Intel's library.
		limit = 1 / largest
	}
	if worst > limit {
		t.Errorf("off by %g, the most is %g", worst, limit)
	}
	t.Logf("off by %g", worst)
}

func asFloats(t *testing.T, a sampan.Tensor) []float64 {
	t.Helper()
	var out []float64
	if a.DType == sampan.Uint8 {
		for _, b := range a.Data {
			out = append(out, float64(b))
		}
		return out
	}
	v, err := sampan.View[float32](a)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v {
		out = append(out, float64(f))
	}
	return out
}
